"""The group's wins against its losses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.access import Accounts
from calc import metrics
from common.api import Period
from common.cache import cached
from comparative.cohort import EVERYBODY, Cohort, total
from comparative.queries.atoms import atoms
from comparative.queries.reading import Reading, reading
from ledger.models import Trade
from ledger.queries import on_days
from ledger.tally import short_tally

RATES = (
    "trade_count",
    "win_count",
    "loss_count",
    "scratch_count",
    "win_rate",
    "loss_rate",
    "win_loss_ratio",
)


@dataclass(frozen=True, slots=True)
class GroupRates:
    """Counts of trades and fractions of 1; all of them None where suppressed."""

    trade_count: int | None = None
    win_count: int | None = None
    loss_count: int | None = None
    scratch_count: int | None = None
    win_rate: float | None = None
    loss_rate: float | None = None
    win_loss_ratio: float | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class GroupWinLoss(GroupRates):
    """The same with the averages, USD: for admins."""

    average_win: Decimal | None = None
    average_loss: Decimal | None = None
    payoff_ratio: float | None = None


@cached(ttl="comparative.win-loss-ratio")
def win_loss_rates(*, accounts: Accounts, period: Period, cohort: Cohort) -> Reading[GroupRates]:
    """Return counts and rates of the trades closed in the period, of told atoms only. 2 queries.

    No averages and no payoff ratio: beside the sum of the same trades they give back what the
    winning trades made, and the winning trades may be one trader's.
    """
    found = atoms(accounts=accounts, period=period, cohort=cohort)
    whole = total(atom.figure for atom in found)
    told = [atom for atom in found if not atom.figure.suppressed]
    rates = metrics.rates_of(
        trades=whole.trade_count or 0,
        wins=sum(atom.wins for atom in told),
        losses=sum(atom.losses for atom in told),
    )
    rows = GroupRates(suppressed=True) if whole.suppressed else GroupRates(**_rates(rates))
    return reading(
        rows,
        accounts=accounts,
        period=period,
        cohort=cohort,
        figures=(whole,),
        named="Counts and rates are",
        notes=() if whole.suppressed else rates.notes,
    )


@cached(ttl="comparative.win-loss-ratio")
def win_loss_ratio(*, accounts: Accounts, period: Period) -> Reading[GroupWinLoss]:
    """Return counts, rates and averages of the trades closed in the period. 2 queries."""
    trades = Trade.objects.filter(on_days("closed_on", period)).filter(
        account__in=accounts.ids, pnl_usd__isnull=False
    )
    table = metrics.win_loss_of(short_tally(trades))
    rows = GroupWinLoss(
        **_rates(table),
        average_win=table.average_win,
        average_loss=table.average_loss,
        payoff_ratio=table.payoff_ratio,
    )
    return reading(rows, accounts=accounts, period=period, cohort=EVERYBODY, notes=table.notes)


def _rates(table: metrics.Rates | metrics.WinLoss) -> dict[str, Any]:
    return {name: getattr(table, name) for name in RATES}
