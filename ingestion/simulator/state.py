"""What a simulator must remember from one run to the next, so that it never contradicts itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AHEAD = 90  # seconds that a span is kept ahead of the present


class OtherMarket(ValueError):
    """The file belongs to a simulator that was set up otherwise; the sentence says how to go on."""


@dataclass(slots=True)
class Spans:
    """When simulators ran, in seconds since 1970; `path` None keeps it in memory."""

    path: Path | None = None
    spans: list[list[int]] = field(default_factory=list)

    def begin(self, now: int) -> None:
        """Read the earlier spans and open one at `now`, or go on in one that reaches it."""
        self.spans = _read(self.path).get("spans", [])
        if not self.spans or self.spans[-1][1] < now:
            self.spans.append([now, now + AHEAD])
        self.keep(now)

    def keep(self, now: int) -> None:
        """Move the end ahead of the present; a crash then loses no slot that was served."""
        self.spans[-1][1] = max(self.spans[-1][1], now + AHEAD)
        if self.path is not None:
            _write(self.path, {**_read(self.path), "spans": self.spans})

    def within(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Return the parts of [begin, end) in which a simulator ran."""
        cuts = ((max(begin, first), min(end, last)) for first, last in self.spans)
        return [(first, last) for first, last in cuts if first < last]


def remember(path: Path, facts: Mapping[str, Any], *, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of the market that the file holds; the first time, write `facts` to it.

    asked  those that somebody asked for in so many words: raises OtherMarket where the file says
           otherwise
    """
    known = _read(path).get("market")
    if known is None:
        known = dict(facts)
        _write(path, {**_read(path), "market": known})
    for name, value in asked.items():
        if known.get(name) != value:
            raise OtherMarket(
                f"{path} remembers a market with {name} {known.get(name)}, not {value}: "
                "remove the file together with the books made of it, or name another --state"
            )
    return dict(known)


def _read(path: Path | None) -> dict[str, Any]:
    if path is None or not path.exists():
        return {}
    read = json.loads(path.read_text())
    return read if isinstance(read, dict) else {}


def _write(path: Path, told: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(told))
    fresh.replace(path)
