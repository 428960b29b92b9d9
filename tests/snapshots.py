"""Bodies of answers kept as JSON beside the tests; UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent / "snapshots"


def matches_snapshot(name: str, body: Any) -> bool:
    """Return whether `body` is what stands in snapshots/`name`.json."""
    path = PLACE / f"{name}.json"
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if not path.exists():
        raise AssertionError(f"{path} is missing: run `make snapshots` and read what it wrote")
    return path.read_text() == text


def shape(body):
    """Return the names in a body, at every depth."""
    if isinstance(body, dict):
        return {name: shape(value) for name, value in body.items() if isinstance(value, dict | list)
                } | {"names": sorted(body)}  # fmt: skip
    if isinstance(body, list):
        return [shape(body[0])] if body and isinstance(body[0], dict) else []
    return None
