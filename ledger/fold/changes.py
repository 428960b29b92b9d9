"""What a fold changed: days of accounts in contracts whose candles are no longer true."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from common.clock import NS_PER_DAY
from ledger.fold.facts import day_of
from ledger.fold.results import Rows
from ledger.words import BEGINNING_NS, Place

MOST_SPANS = 4  # for one account and contract; more become one
DAY = timedelta(days=1)
_CLOSED = slice(13, 17)  # of a row of trades: its last fill


class Cycle(NamedTuple):
    """A trade, or an open position, that is otherwise than it was; None = still open."""

    account_id: int
    contract_id: int
    opened_ns: int
    closed_ns: int | None


def spans(
    places: Sequence[Place], rows: Rows, changed: Iterable[Cycle]
) -> list[tuple[int, int, date, date | None]]:
    """Return (account, contract, first day, last day that changed); None = without end.

    places   where fills, fees or rates are others than before; the very beginning says nothing
    rows     what the fold made
    changed  cycles as they were and as they are

    Of two corrections that leave a trade's figures as they were, only the places tell.
    """
    found: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
    floors: dict[tuple[int, int], date] = {}
    closings, still_open = _ends(rows)
    for place in places:
        key = place[:2]
        if place.executed_ns == BEGINNING_NS:
            floors[key] = date.min
            continue
        day = _day(place.executed_ns)
        floors[key] = min(day, floors.get(key, day))
        ends = closings[key]
        after = bisect_left(ends, place[2:])
        until = _day(ends[after][0]) if after < len(ends) else None if key in still_open else day
        found[key].append((day, until))
    for cycle in changed:
        key = cycle[:2]
        end = None if cycle.closed_ns is None else _day(cycle.closed_ns)
        since = max(_day(cycle.opened_ns), floors[key])
        if end is None or end >= since:
            found[key].append((since, end))
    return [(*key, *span) for key, days in sorted(found.items()) for span in _joined(days)]


def _ends(
    rows: Rows,
) -> tuple[dict[tuple[int, int], list[tuple[Any, ...]]], set[tuple[int, int]]]:
    """Return when the trades of each account and contract end, in order, and which stay open."""
    closings: dict[tuple[int, int], list[tuple[Any, ...]]] = defaultdict(list)
    for trade in rows.trades:
        closings[trade[1], trade[2]].append(trade[_CLOSED])
    for ends in closings.values():
        ends.sort()
    return closings, {(row[0], row[1]) for row in rows.positions if row[2]}


def _joined(days: list[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    """Join what overlaps or follows the day after."""
    joined: list[tuple[date, date | None]] = []
    for since, until in sorted(days, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or since <= joined[-1][1] + DAY):
            first, last = joined[-1]
            joined[-1] = first, None if last is None or until is None else max(last, until)
        else:
            joined.append((since, until))
    if len(joined) > MOST_SPANS:
        return [(joined[0][0], joined[-1][1])]
    return joined


def _day(ns: int) -> date:
    return day_of(ns // NS_PER_DAY)
