"""Day figures that changed after their day was over: what they were, what they are, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.history.because import Key, Story
from ledger.models import Reason

RESTATEMENT = (
    "account_id, day, contract_id, product_id, restated_at, reason, exec_id, leg_index, "
    "was_pnl_usd, was_gross_usd, was_fees_usd, was_realized_usd, was_trade_count, was_held_count, "
    "pnl_usd, gross_usd, fees_usd, realized_usd, trade_count, held_count"
)
_TOLD = (4, 5, 6, 14, 9, 13)  # of a row of day results
_HELD, _REALIZED_HELD = 13, 15
_NOTHING = (0,) * len(_TOLD)
_NOT_THERE = (None,) * len(_TOLD)


_TODAY = """
SELECT account_id, day, contract_id FROM ledger_restatement
WHERE account_id = ANY(%s) AND restated_at >= date_trunc('day', %s, 'UTC')"""


def restated(
    before: Iterable[tuple[Any, ...]],
    after: Iterable[tuple[Any, ...]],
    *,
    at: Mapping[int, datetime],
    story: Story,
    told_since: Mapping[Key, datetime],
) -> list[tuple[Any, ...]]:
    """Return rows of restatements for the figures of days that were over. At most 1 query.

    before, after  rows of day results, as they were and as they are
    at             the instant of the change, by account
    told_since     when the trades that changed were booked, the earliest of an account and contract
    """
    rows: list[tuple[Any, ...]] = []
    completed: list[tuple[Any, ...]] = []
    was = {row[:3]: row for row in before}
    became = {row[:3]: row for row in after}
    for place in sorted(was.keys() | became.keys()):
        account, day, contract = place
        old, new = was.get(place), became.get(place)
        if day >= at[account].date() or _told(old) == _told(new):
            continue
        cause = story.of_day((account, contract), day)
        if cause is None:
            continue
        row = (
            *place, (new or old or ())[3], at[account], cause.reason.value, cause.exec_id,
            cause.leg_index, *_figures(old), *_figures(new),
        )  # fmt: skip
        first = cause.reason == Reason.RATE and _was_held_today(old, at[account], told_since)
        (completed if first else rows).append(row)
    return rows + _told_today(completed) if completed else rows


def _told_today(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return those of these rows whose figures were restated today already.

    The others came in today, as history does, and only now get their rate: that is growth.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, [sorted({row[0] for row in rows}), min(row[4] for row in rows)])
        known = set(cursor.fetchall())
    return [row for row in rows if row[:3] in known]


def _told(row: Sequence[Any] | None) -> tuple[Any, ...]:
    return _NOTHING if row is None else tuple(row[place] for place in _TOLD)


def _figures(row: Sequence[Any] | None) -> tuple[Any, ...]:
    return _NOT_THERE if row is None else _told(row)


def _was_held_today(
    row: Sequence[Any] | None, at: datetime, told_since: Mapping[Key, datetime]
) -> bool:
    """Say whether a rate only completes what was first booked today."""
    if row is None or not (row[_HELD] or row[_REALIZED_HELD]):
        return False
    since = told_since.get((row[0], row[2]))
    return since is not None and since.date() == at.date()
