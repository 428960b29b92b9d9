"""Readings of single results: the whole metric table, wins against losses, PnL by size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Sum

from accounts.access import Accounts
from calc import metrics
from calc.distribution import Bin
from calc.metrics import Summary, WinLoss
from common.api import Period
from common.cache import cached
from ledger.picked import Picked, picked
from ledger.tally import Trades, short_tally, sizes, usd, whole_tally
from personal.queries.reading import Reading, priced_then, reading, reading_as_of

_DAYS = """
SELECT day, sum(pnl_usd), sum(trade_count) FROM t
WHERE trade_count > 0 GROUP BY day ORDER BY day"""


class Day(NamedTuple):
    """One UTC day on which trades closed, and the sum since the start of the period.

    Money in millionths of a USD, as the books have it: none of it is reckoned with any more.
    """

    date: date
    pnl: int
    cumulative_pnl: int
    trade_count: int


@dataclass(frozen=True, slots=True)
class Pnl:
    """Results by day and by size."""

    days: tuple[Day, ...]
    distribution: tuple[Bin, ...]


@cached(ttl="personal.summary")
def summary(
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    as_of: datetime | None = None,
) -> Reading[Summary]:
    """Return every metric of the trades closed in the period. 3 queries, 4 as of then.

    as_of  by the books of this instant; None = of now
    """
    trades: Trades
    if as_of is None:
        trades = _priced(accounts, period, products)
        days = [(day, usd(pnl)) for day, pnl, _ in _days(accounts, period, products)]
    else:
        trades = then = priced_then(accounts, period, products, as_of)
        days = list(then.values_list("closed_on").annotate(Sum("pnl_usd")))
    table = metrics.summary_of(
        whole_tally(trades),
        daily=dict(days),
        start=period.start,
        end=period.end,
    )
    return reading_as_of(
        table,
        accounts=accounts,
        period=period,
        products=products,
        notes=table.notes,
        as_of=as_of,
    )


@cached(ttl="personal.win-loss-ratio")
def win_loss_ratio(
    *, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[WinLoss]:
    """Return counts, rates and averages of the trades closed in the period. 2 queries."""
    table = metrics.win_loss_of(short_tally(_priced(accounts, period, products)))
    return reading(table, accounts=accounts, period=period, products=products, notes=table.notes)


@cached(ttl="personal.performance-by-pnl")
def performance_by_pnl(
    *, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[Pnl]:
    """Return the days of the period with closed trades, and its trades by size. 4 queries."""
    days = _days(accounts, period, products)
    levels = accumulate([pnl for _, pnl, _ in days])
    rows = Pnl(
        tuple(
            [
                Day(day, pnl, level, trades)
                for (day, pnl, trades), level in zip(days, levels, strict=True)
            ]
        ),
        sizes(_priced(accounts, period, products)),
    )
    return reading(rows, accounts=accounts, period=period, products=products)


def _days(
    accounts: Accounts, period: Period, products: tuple[int, ...]
) -> list[tuple[date, int, int]]:
    """Return (day, pnl, number of trades) of each day with closed trades, oldest first. 1 query.

    pnl  millionths of a USD
    """
    days = picked(
        accounts=accounts, period=period, products=products, table="ledger_dayresult", day="day"
    )
    return [(day, int(micros), trades) for day, micros, trades in days.ask(_DAYS)]


def _priced(accounts: Accounts, period: Period, products: tuple[int, ...]) -> Picked:
    """Return the trades that closed in the period and whose pnl is known."""
    return picked(accounts=accounts, period=period, products=products).priced
