"""What the pages of reconciliation show: traders by days, what is held for long, a day's fills."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from common.api import Period
from ledger.models import ReconciledDay, Trade, Verdict
from ledger.queries import DOUBTS
from ledger.reconciliation import DayState, OpenRun, days, fills_of, open_runs
from ledger.reconciliation.fills import FillLine
from traders.models import Group, PlatformAccount, Trader

WEEKS = 28
MOST_PROBLEMS = 50  # that are sure, and as many that are not
MOST_FILLS = 500  # on a page
SPREAD = "spread"
# State -> its letter and what it means; a calendar spread is an open position that is in order.
LEGEND = {
    Verdict.SKIPPED.value: ("S", "a usable fill is in no trade: must never be"),
    Verdict.MISMATCH.value: ("M", "the provider, or the second feed, says otherwise"),
    Verdict.UNVERIFIABLE.value: ("U", "cannot be told yet"),
    Verdict.OPEN.value: ("O", "a position was held over the end of the day"),
    SPREAD: ("C", "held against another month of the product: a calendar spread, no problem"),
    Verdict.FLAT.value: ("F", "flat at the end of the day"),
}


class Square(NamedTuple):
    """A trader's day: the worst state of its contracts, and in words what it stands for."""

    day: date
    state: str
    letter: str
    words: str

    @property
    def is_weekend(self) -> bool:
        return self.day.isoweekday() > 5


class Row(NamedTuple):
    """A trader's squares, one for each day; letter "" where nothing was traded or held."""

    trader: Trader
    squares: tuple[Square, ...]


class OwnedDay(NamedTuple):
    """A contract's day, and the account that it is of (with its trader)."""

    account: PlatformAccount
    told: DayState


class OwnedRun(NamedTuple):
    """What is held for long, and the account that it is of (with its trader)."""

    account: PlatformAccount
    told: OpenRun


@dataclass(frozen=True, slots=True)
class Grid:
    """Traders by days; counts: contracts' days by state; problems: of `problem_count` the newest,
    those that are no longer in doubt first.

    runs  held for more than two UTC days, the oldest first; those of spreads are last
    """

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    counts: dict[str, int]
    runs: tuple[OwnedRun, ...]
    problems: tuple[OwnedDay, ...]
    problem_count: int


class Standing(NamedTuple):
    """A group in the list of groups: days of four weeks by state, and what is held for long."""

    group: Group
    counts: dict[str, int]
    run_count: int


class Line(NamedTuple):
    """A fill, and the trades that hold it: (short id, trade); None = it is still open."""

    fill: FillLine
    trades: tuple[tuple[str, Trade | None], ...]

    @property
    def price(self) -> str:
        return f"{self.fill.price.normalize():f}"


@dataclass(frozen=True, slots=True)
class TraderDay:
    """A trader's day: its contracts, the worst first; one of them with its fills in order."""

    contracts: tuple[OwnedDay, ...]
    chosen: OwnedDay | None
    lines: tuple[Line, ...]
    fill_count: int


def grid(group: Group, *, until: date, today: date) -> Grid:
    """Return four weeks of a group up to a day. 6 queries."""
    shown = tuple(until - timedelta(days=back) for back in reversed(range(WEEKS)))
    accounts = _accounts(Q(trader__group=group))
    cells = _cells(accounts, shown)
    runs = _runs(accounts, today)
    period = Period(shown[0], until)
    problems = [
        row
        for states in ((Verdict.SKIPPED, Verdict.MISMATCH), (Verdict.UNVERIFIABLE,))
        for row in days(
            account_ids=accounts.keys(), period=period, states=states, most=MOST_PROBLEMS
        )
    ]
    counts: Counter[str] = Counter()
    for states in cells.values():
        counts.update(states)
    busy = {trader for trader, _ in cells} | {run.account.trader_id for run in runs}
    traders = Trader.objects.filter(group=group).filter(Q(is_archived=False) | Q(pk__in=busy))
    return Grid(
        days=shown,
        rows=tuple(
            Row(trader, tuple(_square(trader, day, cells.get((trader.pk, day))) for day in shown))
            for trader in traders.order_by("name", "id")
        ),
        counts={state: counts[state] for state in LEGEND},
        runs=runs,
        problems=tuple(OwnedDay(accounts[row.account_id], row) for row in problems),
        problem_count=sum(counts[state] for state in DOUBTS),
    )


def standings(*, today: date) -> tuple[Standing, ...]:
    """Return how the books of each active group stand, by name. 4 queries."""
    accounts = _accounts(Q(trader__group__is_archived=False))
    runs = Counter(
        run.account.trader.group_id for run in _runs(accounts, today) if not run.told.is_spread
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = ReconciledDay.objects.filter(
        account__in=accounts.keys(), day__range=(today - timedelta(days=WEEKS - 1), today)
    ).values_list("account__trader__group_id", "state")
    for group_id, state, count in rows.annotate(Count("day")):
        found[group_id][state] = count
    return tuple(
        Standing(group, {state: found[group.pk].get(state, 0) for state in Verdict}, runs[group.pk])
        for group in Group.objects.filter(is_archived=False).order_by("name")
    )


def trader_day(
    trader: Trader, day: date, *, account_id: int | None, contract_id: int | None, page: int = 1
) -> TraderDay:
    """Return a trader's day with the fills of one contract: the named one, or the worst.

    4 queries; the running position is that of the whole day, whichever page is shown.
    """
    accounts = _accounts(Q(trader=trader))
    found = days(account_ids=accounts.keys(), period=Period(day, day))
    order = list(LEGEND)
    contracts = tuple(
        OwnedDay(accounts[row.account_id], row)
        for row in sorted(
            found, key=lambda row: (order.index(row.state), -row.fill_count, row.contract)
        )
    )
    named = (
        one
        for one in contracts
        if (one.told.account_id, one.told.contract_id) == (account_id, contract_id)
    )
    chosen = next(named, contracts[0] if contracts and account_id is None else None)
    if chosen is None:
        return TraderDay(contracts, None, (), 0)
    told = chosen.told
    fills = fills_of(account_id=told.account_id, contract_id=told.contract_id, day=day)
    part = fills[(page - 1) * MOST_FILLS : page * MOST_FILLS]
    trades = _trades(told.account_id, (pk for fill in part for pk in fill.trade_ids))
    return TraderDay(contracts, chosen, tuple(_line(fill, trades) for fill in part), len(fills))


def _accounts(whose: Q) -> dict[int, PlatformAccount]:
    rows = PlatformAccount.objects.filter(whose).select_related("trader")
    return {account.pk: account for account in rows.order_by("trader__name", "account", "id")}


def _cells(
    accounts: Mapping[int, PlatformAccount], shown: tuple[date, ...]
) -> dict[tuple[int, date], Counter[str]]:
    """Return (trader, day) -> contracts by state, spreads by themselves. 1 query."""
    rows = (
        ReconciledDay.objects.filter(account__in=accounts.keys(), day__range=(shown[0], shown[-1]))
        .values_list("account_id", "day", "state", "is_spread")
        .annotate(Count("contract"))
    )
    cells: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for account, day, state, is_spread, count in rows:
        shown_as = SPREAD if is_spread and state == Verdict.OPEN else state
        cells[accounts[account].trader_id, day][shown_as] += count
    return cells


def _square(trader: Trader, day: date, states: Counter[str] | None) -> Square:
    if not states:
        return Square(day, "", "", "")
    state = min(states, key=list(LEGEND).index)
    each = ", ".join(f"{states[one]} {one}" for one in LEGEND if states[one])
    words = f"{trader.name}, {day:%a} {day}: {each}"
    return Square(day, state, LEGEND[state][0], words)


def _runs(accounts: Mapping[int, PlatformAccount], today: date) -> tuple[OwnedRun, ...]:
    """Return what these accounts hold for more than two days, the oldest first, spreads last."""
    runs = open_runs(account_ids=accounts.keys(), today=today)
    told = (OwnedRun(accounts[run.account_id], run) for run in runs)
    return tuple(sorted(told, key=lambda one: one.told.is_spread))


def _trades(account_id: int, ids: Iterable[UUID]) -> dict[UUID, Trade]:
    return {one.id: one for one in Trade.objects.filter(account=account_id, id__in=set(ids))}


def _line(fill: FillLine, trades: Mapping[UUID, Trade]) -> Line:
    return Line(fill, tuple((str(pk)[:8], trades.get(pk)) for pk in fill.trade_ids))
