#!/usr/bin/env bash
# A Python client from made/openapi.json; all of it and example.py are imported.
set -euo pipefail
cd "$(dirname "$0")"

bin=../.venv/bin
export UV_PYTHON_DOWNLOADS=never

if ! [ made/venv/installed -nt requirements.txt ]; then
    echo "Installing the locked generator"
    $bin/uv venv -q --clear --python $bin/python made/venv
    if ! said=$($bin/uv pip sync -q --python made/venv/bin/python --require-hashes \
        requirements.txt 2>&1); then
        echo "$said" >&2
        grep -qiE 'failed to fetch|error sending request|dns error' <<<"$said" || exit 1
        printf '\n!! SKIPPED: no Python client: the package registry cannot be reached\n\n' >&2
        exit 0
    fi
    touch made/venv/installed
fi
made/venv/bin/openapi-python-client generate --overwrite --fail-on-warning \
    --path made/openapi.json --output-path made/python --config python.yaml >/dev/null
PYTHONPATH=made/python:. made/venv/bin/python -W error - <<'END'
import importlib, pkgutil

import example
import skyll_client

names = [found.name for found in pkgutil.walk_packages(skyll_client.__path__, "skyll_client.")]
calls = [one for one in map(importlib.import_module, names) if hasattr(one, "sync_detailed")]
assert calls and example.summary
print(f"clients/made/python imports: {len(calls)} calls")
END
