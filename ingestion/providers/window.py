"""Reading a window of TT's ledger, which has stamps but no page keys.

An answer holds at most 500 rows. The next one starts at the last stamp itself, not one
nanosecond later, because several fills share a stamp; what was given out of that stamp is
remembered in the cursor by its whole content, so that a repeat with another content goes on to
the books.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ingestion.parse import foreign, tt
from ingestion.providers.answers import Unfit
from ingestion.providers.base import ProviderError, StampFull

FULL_PAGE = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a reading of [since, until] stands: its next stamp and the rows known of it."""

    start_ns: int
    until_ns: int
    seen: frozenset[str]

    @classmethod
    def at(cls, since_ns: int, until_ns: int, cursor: str | None) -> Reading:
        """Return the reading that `cursor` continues; None begins it."""
        if cursor is None:
            return cls(since_ns, until_ns, frozenset())
        try:
            told = json.loads(cursor)
            return cls(int(told["from"]), until_ns, frozenset(map(str, told["seen"])))
        except (ValueError, KeyError, TypeError):
            raise ProviderError("this cursor is not one of ours: begin the window anew") from None

    def take(self, rows: list[Any], *, claims_more: bool) -> tuple[list[Any], str | None]:
        """Return the rows not given out yet, and the cursor that reads on (None: at the end).

        claims_more  the answer says itself that it is not the last; a full page is never
                     believed to be the last, whatever it says
        raises       Unfit where this is no answer to what was asked: ask again;
                     StampFull where no asking helps: one stamp fills a page
        """
        stamps = [tt.stamp(row) for row in rows]
        # A stamp outside the window is a skewed clock: it must not carry the reading past others.
        inside = [at for at in stamps if at is not None and self.start_ns <= at <= self.until_ns]
        outside = sum(at is not None for at in stamps) - len(inside)
        if outside > len(inside):
            raise Unfit(f"{outside} of {len(rows)} fills are not of the window asked for")
        last = max(inside, default=self.start_ns)
        # Only rows of the first stamp can come again; those of the last are remembered.
        marks = [
            _mark(row) if at in (self.start_ns, last, None) else ""
            for row, at in zip(rows, stamps, strict=True)
        ]
        if self.seen and self.seen.isdisjoint(marks):
            raise Unfit(
                f"the fills of stamp {self.start_ns}, there before, are left out: a page is missing"
            )
        fresh = [row for row, mark in zip(rows, marks, strict=True) if mark not in self.seen]
        if len(rows) < FULL_PAGE and not claims_more:
            return fresh, None
        if len(rows) >= FULL_PAGE and (last == self.start_ns or set(inside) == {last}):
            if outside:
                raise Unfit(f"{outside} of {len(rows)} fills are not of the window")
            raise StampFull(
                f"a full page of {len(rows)} fills carries the one stamp {last}, which TT's ledger "
                "cannot be read past: there may be more of them. Export that second from TT, then "
                'let the feed go on by the action "Read past a full stamp" or manage.py '
                "poll --past-full-stamp; bring in with import_fills what is missing",
                stamp_ns=last,
                rows=rows,
            )
        known = {mark for mark, at in zip(marks, stamps, strict=True) if at in (last, None)}
        if last == self.start_ns:
            known |= self.seen
            if known == self.seen:
                raise Unfit(f"more fills are promised from stamp {last} on, but none comes")
        return fresh, json.dumps({"from": last, "seen": sorted(known)})


def _mark(row: Any) -> str:
    """A short print of a row's whole content, its identity included."""
    text = json.dumps(foreign.storable(row), sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
