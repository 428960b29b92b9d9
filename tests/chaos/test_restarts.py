"""A house whose servers and processes die, hang and come back: once each; `make soak` does more."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from skyll.embedded import places


def test_whatever_dies_the_api_is_right_and_the_books_are_true(tmp_path):
    """It has servers of its own: others' would not survive it."""
    figures = tmp_path / "figures.json"
    ours = ("DATABASE_URL", "REDIS_URL")
    own = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.restarts", "--json", str(figures)],
        cwd=places.ROOT, env=own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    told = json.loads(figures.read_text())
    assert told["counts"]["503 meanwhile"] > 0
    assert told["counts"]["candles undone"] > 0
    assert told["counts"]["fills"] > 300
