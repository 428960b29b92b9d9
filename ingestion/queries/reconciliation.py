"""How the books of a group compare with what others say, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from accounts.access import Accounts
from common.api import Page, Period
from ingestion.queries.whose import Whose, whose
from ledger.models import Verdict
from ledger.reconciliation import DayState, OpenRun, days, open_runs, totals

STATES = tuple(Verdict.values)
USUAL_DAYS = 28


class WatchedDay(NamedTuple):
    """A day of an account in a contract, and whose it is."""

    whose: Whose
    told: DayState


class WatchedRun(NamedTuple):
    """A position that is held for more than two UTC days, and whose it is."""

    whose: Whose
    told: OpenRun


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A page of days, the newest first; `count` on all pages, `totals` of all states.

    open_runs  what is held now, the oldest first, whatever the period and the states asked for
    """

    totals: dict[str, int]
    open_runs: tuple[WatchedRun, ...]
    days: tuple[WatchedDay, ...]
    count: int


def usual_period(today: date) -> Period:
    """Return the four weeks that are told where no dates are asked for."""
    return Period(today - timedelta(days=USUAL_DAYS - 1), today)


def reconciliation(
    *, accounts: Accounts, period: Period, states: tuple[str, ...], today: date, page: Page
) -> Reconciliation:
    """Return the days of these accounts in some states, or in all where none is given. 4 queries.

    Not cached: a check changes it without the books, and who asks wants to know now.
    """
    names = whose(accounts.ids)
    counts = totals(account_ids=accounts.ids, period=period)
    rows = days(
        account_ids=accounts.ids, period=period, states=states,
        start=page.rows.start, most=page.size,
    )  # fmt: skip
    runs = open_runs(account_ids=accounts.ids, today=today)
    return Reconciliation(
        totals=counts,
        open_runs=tuple(WatchedRun(names[run.account_id], run) for run in runs),
        days=tuple(WatchedDay(names[row.account_id], row) for row in rows),
        count=sum(counts[state] for state in (states or counts)),
    )
