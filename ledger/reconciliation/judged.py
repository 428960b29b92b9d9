"""From facts to rows: each day of a line with its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from calc.reconciliation import Day, Told, compared, judge
from ledger.reconciliation.cycles import FillDay
from ledger.reconciliation.facts import NEAR_DAYS, Facts, Line, Telling
from ledger.reconciliation.words import ReadTo, is_whole, last_day

NOTHING = FillDay(0, 0, 0, None, None, False, 0, 0, 0)
CHANGED = "a fill was corrected or busted after the provider told its position"
WAITS = "fills wait that the provider counts in its position"


class Row(NamedTuple):
    """The columns of a reconciled day; `is_spread` is seen to later."""

    account_id: int
    day: date
    contract_id: int
    product_id: int
    state: str
    reason: str
    fill_count: int
    bought: int
    sold: int
    position: int
    open_since_ns: int | None
    opened_exec_id: str | None
    opened_as_leg: bool
    is_spread: bool
    provider_position: int | None
    second_bought: int | None
    second_sold: int | None
    is_passing: bool
    checked_at: datetime


def rows(
    lines: Sequence[Line],
    facts: Facts,
    products: Mapping[int, int],
    marks: Mapping[int, ReadTo],
    at: datetime,
) -> Iterator[Row]:
    """Yield the days of these lines that are worth a row: with fills, held, or told otherwise."""
    known = facts.days()
    for line in lines:
        yield from _line(
            line,
            sorted(known.get(line.key, ())),
            facts,
            products[line.contract_id],
            marks.get(line.account_id),
            at,
        )


def _line(
    line: Line,
    known: Sequence[date],
    facts: Facts,
    product_id: int,
    mark: ReadTo | None,
    at: datetime,
) -> Iterator[Row]:
    fills = facts.fills.get(line.key, {})
    cover = facts.cover.get(line.account_id)
    until = last_day(mark, at.date())
    position, waiting, opening = 0, facts.waited[line.key], NOTHING
    ends: dict[date, int] = {}
    for day, is_known in _days(known, until):
        if not is_known and not position:
            continue
        place = (*line.key, day)
        done = fills.get(day, NOTHING)
        position += done.bought - done.sold
        ends[day] = position
        if done.fill_count:
            opening = done
        waits = facts.waiting.get(place, 0)
        waiting += waits
        second = facts.second.get(place, (0, 0))
        covered = cover is not None and cover[0] <= day <= cover[1]
        told = _told(facts.told.get(place), line.since, day, ends, waiting)
        verdict = judge(
            Day(
                position=position,
                uncovered=done.uncovered,
                wrong=done.wrong,
                stray=done.stray,
                is_amiss=place in facts.amiss,
                waiting=waits,
                copied=facts.copied.get(place, 0),
                is_read=is_whole(day, mark, at),
                told=told,
                ours=(done.bought, done.sold),
                second=second if covered else None,
            )
        )
        if verdict.reason or done.fill_count or position:
            yield Row(
                line.account_id, day, line.contract_id, product_id, verdict.state, verdict.reason,
                done.fill_count, done.bought, done.sold, position,
                opening.opened_ns if position else None,
                opening.opened_exec_id if position else None,
                opening.opened_as_leg and bool(position), False,
                told.quantity if told else None,
                second[0] if covered else None, second[1] if covered else None,
                verdict.is_passing, at,
            )  # fmt: skip


def _days(known: Sequence[date], until: date) -> Iterator[tuple[date, bool]]:
    """Yield every day from the first that is known on, and whether anything is known of it."""
    if not known:
        return
    days, day = set(known), known[0]
    while day <= max(known[-1], until):
        yield day, day in days
        day += timedelta(days=1)


def _told(
    telling: Telling | None,
    since: date | None,
    day: date,
    ends: Mapping[date, int],
    waiting: int,
) -> Told | None:
    """Hold a telling against our position then: what stood before the fills looked at, and they.

    since  the line's start, flat; ends: our positions at the ends of days since then
    """
    if telling is None:
        return None
    start = day - timedelta(days=NEAR_DAYS)
    if since is not None and start < since:
        stood = -telling.before
    else:
        stood = ends.get(start - timedelta(days=1), 0)
    doubt = CHANGED if telling.is_changed_since else WAITS if waiting else ""
    return compared(
        telling.quantity,
        telling.at_ns,
        settled=stood + telling.settled,
        near=telling.near,
        doubt=doubt,
    )
