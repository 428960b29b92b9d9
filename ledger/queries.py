"""What stands beside every reading: how far the books go, what is held back, what is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, DateField, Min, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts.access import Accounts
from common.api import Period
from ledger.arrays import array
from ledger.models import ReconciledDay, Trade, Verdict
from ledger.picked import Asked, asked_again

MOST_REASONS = 10
# The worst first, and what a sentence says of a day that is in it.
DOUBTS = {
    Verdict.SKIPPED: "a fill is in no trade",
    Verdict.MISMATCH: "the provider, or the second feed, says otherwise",
    Verdict.UNVERIFIABLE: "it cannot be told yet whether the books are whole",
}
DOUBTFUL = ", ".join(f"'{state}'" for state in DOUBTS)  # literals: an index knows them
_HELD, _DOUBTED, _LAST = "held", "doubted", "last"
_ALWAYS = [date.min.isoformat(), date.max.isoformat()]
# Beside every answer about a group: its 200 accounts are one array, not 200 parameters.
_OF = """t.account_id = ANY(%(accounts)s::bigint[])
    AND (%(products)s::bigint[] IS NULL OR t.product_id = ANY(%(products)s::bigint[]))"""
_NOT_WHOLE = f"""
SELECT '{_HELD}', t.held, count(*), NULL::date FROM ledger_trade t
WHERE t.pnl_usd IS NULL AND t.closed_on BETWEEN %(start)s AND %(end)s AND {_OF} GROUP BY 2
UNION ALL
SELECT '{_DOUBTED}', t.state, count(DISTINCT t.day), min(t.day) FROM ledger_reconciledday t
WHERE t.state IN ({DOUBTFUL})
    AND t.day BETWEEN %(start)s AND %(end)s AND {_OF} GROUP BY 2"""  # noqa: S608  constant text
# Each account's last day from the end of its index: max(day) over all would read every row.
_NEWEST = """unnest(%s::bigint[]) AS a (id) CROSS JOIN LATERAL (
    SELECT day FROM ledger_dayresult WHERE account_id = a.id ORDER BY day DESC LIMIT 1
) n"""
_LAST_DAY = f"SELECT max(day) FROM {_NEWEST}"  # noqa: S608  constant text
LAST_DAY = f"SELECT '{_LAST}', '', 0, max(day) FROM {_NEWEST}"  # noqa: S608  as a Shortfall
# All that stands beside an answer about one trader, asked by every one of them: planned once.
_SOME = "t.account_id = ANY(%s::bigint[]) AND (%s = '{}' OR t.product_id = ANY(%s::bigint[]))"
_STATE = f"""
SELECT '{_HELD}', t.held, count(*), NULL::date FROM ledger_trade t
WHERE t.pnl_usd IS NULL AND t.closed_on BETWEEN %s::date AND %s::date AND {_SOME}
    AND (%s::int = 0 OR t.side = %s::int) GROUP BY 2
UNION ALL
SELECT '{_DOUBTED}', t.state, count(DISTINCT t.day), min(t.day) FROM ledger_reconciledday t
WHERE t.state IN ({DOUBTFUL})
    AND t.day BETWEEN %s::date AND %s::date AND {_SOME} GROUP BY 2
UNION ALL
{LAST_DAY}"""  # noqa: S608  constant text
_THROUGH = f"""
{LAST_DAY}
UNION ALL
SELECT '{_DOUBTED}', state, count(DISTINCT day), min(day) FROM ledger_reconciledday
WHERE account_id = ANY(%s) AND day BETWEEN %s AND %s AND state = ANY(%s) GROUP BY state"""  # noqa: S608


class Shortfall(NamedTuple):
    """Trades that are held back for one reason, or days that are in one state of doubt.

    what    _HELD or _DOUBTED; reason: the sentence of the trades, or the days' state
    number  of trades or days; first: the first of the days
    """

    what: str
    reason: str
    number: int
    first: date | None = None


def on_days(field: str, period: Period | None) -> Q:
    """Return the condition that the day in `field` lies in the period; None is all of time."""
    return Q() if period is None else Q(**{f"{field}__range": (period.start, period.end)})


def of_products(products: Collection[int]) -> Q:
    """Return the condition that the row is of one of these products; none given is all."""
    return Q(product__in=products) if products else Q()


def last_day(*, accounts: Accounts) -> date | None:
    """Return the last UTC day on which anything was booked; None in empty books. 1 query."""
    if not accounts.ids:
        return None
    found: date | None = asked_again(*last_day_asked(accounts))[0][0]
    return found


def last_day_asked(accounts: Accounts) -> Asked:
    """Return the question that `last_day` asks: its only row's only value."""
    return _LAST_DAY, [array(accounts.ids)]


def held_back(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    counted: bool = True,
) -> tuple[str, ...]:
    """Return what to say of closed trades that are in no sum, and of days in doubt. 1 query.

    counted  say how many; a count is left out where it would tell of single peers
    """
    given: dict[str, Any] = {
        "accounts": array(accounts.ids),
        "start": period.start if period else date.min,
        "end": period.end if period else date.max,
        "products": list(products) or None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOT_WHOLE, given)
        return told((Shortfall(*row) for row in cursor.fetchall()), counted=counted)


def state(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    side: int | None = None,
) -> tuple[date | None, tuple[str, ...]]:
    """Return `last_day` and `held_back` of one trader's accounts. 1 query.

    side  what is held back of one side alone
    """
    asked = state_asked(accounts=accounts, period=period, products=products, side=side)
    return split(asked_again(*asked))


def state_asked(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    side: int | None = None,
) -> Asked:
    """Return the question that `state` asks; `split` tells what it finds."""
    ids, some = array(accounts.ids), array(products)
    days = [period.start.isoformat(), period.end.isoformat()] if period else _ALWAYS
    chosen = [*days, ids, some, some]
    return _STATE, [*chosen, side or 0, side or 0, *chosen, ids]


def split(rows: Iterable[tuple[Any, ...]]) -> tuple[date | None, tuple[str, ...]]:
    """Return the last day that is among rows of shortfalls, and a sentence for each of the rest."""
    found = [Shortfall(*row) for row in rows]
    days = [row.first for row in found if row.what == _LAST and row.first]
    return max(days, default=None), told(found, counted=True)


def in_doubt(
    *, accounts: Accounts, period: Period | None, products: Collection[int] = ()
) -> QuerySet[ReconciledDay]:
    """Return the accounts' days and contracts that are not reconciled."""
    return ReconciledDay.objects.filter(on_days("day", period), of_products(products)).filter(
        account__in=accounts.ids, state__in=tuple(DOUBTS)
    )


def not_whole(
    held: QuerySet[Trade], doubted: QuerySet[ReconciledDay], *, counted: bool
) -> tuple[str, ...]:
    """Return a sentence per reason that keeps these trades out of the sums, and per state of
    doubt. 1 query."""
    trades = (
        held.order_by()
        .values("held")
        .annotate(what=Value(_HELD), count=Count("id"), first=_no_day())
        .values_list("what", "held", "count", "first")
    )
    rows = trades.union(_doubts(doubted), all=True)
    return told((Shortfall(*row) for row in rows), counted=counted)


def through(*, accounts: Accounts, period: Period) -> tuple[date | None, tuple[str, ...]]:
    """Return `last_day`, and a sentence per state of doubt of the period's days. 1 query."""
    if not accounts.ids:
        return None, ()
    ids, doubts = list(accounts.ids), [state.value for state in DOUBTS]
    with connection.cursor() as cursor:
        cursor.execute(_THROUGH, [ids, ids, period.start, period.end, doubts])
        return split(cursor.fetchall())


def told(rows: Iterable[Shortfall], *, counted: bool) -> tuple[str, ...]:
    """Return a sentence for each, trades first, then the worst doubt; how many where `counted`."""
    found = sorted(rows, key=lambda row: (row.what, row.reason))
    held = [_held(row, counted=counted) for row in found if row.what == _HELD]
    if (more := len(held) - MOST_REASONS) > 0:
        held[MOST_REASONS:] = [f"More trades are held back for {more} other reasons"]
    states = {row.reason: row for row in found if row.what == _DOUBTED}
    return (
        *held,
        *(_doubt(states[state], counted=counted) for state in DOUBTS if state in states),
    )


def _doubts(
    doubted: QuerySet[ReconciledDay],
) -> QuerySet[ReconciledDay, tuple[str, str, int, date]]:
    return (
        doubted.order_by()
        .values("state")
        .annotate(what=Value(_DOUBTED), count=Count("day", distinct=True), first=Min("day"))
        .values_list("what", "state", "count", "first")
    )


def _no_day() -> Cast:
    return Cast(Value(None), DateField())


def _held(row: Shortfall, *, counted: bool) -> str:
    if not counted:
        return f"Trades are held back: {row.reason}"
    return f"{row.number} trade{' is' if row.number == 1 else 's are'} held back: {row.reason}"


def _doubt(row: Shortfall, *, counted: bool) -> str:
    why = DOUBTS[Verdict(row.reason)]
    if not counted:
        return f"Some days are not reconciled: {why}"
    if row.number == 1:
        return f"{row.first} is not reconciled: {why}"
    return f"{row.number} days, the first {row.first}, are not reconciled: {why}"
