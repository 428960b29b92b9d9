"""The group's results, day by product: of these atoms its sums are made."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from django.db import connection

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import EVERYBODY, Cohort, Figure
from ledger.arrays import array

# Sums over day results are read off the index `day_by_product` alone. Numeric ones cannot overflow,
# and come in USD: 5,000 of them want no more of Python than to be put into the answer.
_CLOSED = """d.account_id = ANY(%(accounts)s::bigint[]) AND d.day BETWEEN %(start)s AND %(end)s
    AND d.trade_count > 0"""
_PEOPLE = "JOIN trader_platforms a ON a.id = d.account_id"
_CELLS = """
SELECT c.day, p.symbol, c.product_id, c.pnl * 0.000001, c.trades, c.others
FROM ({sums}) c JOIN futures_product p ON p.id = c.product_id
ORDER BY c.day, c.pnl DESC, p.symbol COLLATE "C", p.id"""
_BY_PEOPLE = f"""
    SELECT d.day, d.product_id, sum(d.pnl_usd) AS pnl, sum(d.trade_count) AS trades,
        {{others}} AS others
    FROM ledger_dayresult d {_PEOPLE} WHERE {_CLOSED} GROUP BY 1, 2"""  # noqa: S608  constant text
# Off the sums of the group that count most of these accounts, if that is less than to add up. What
# is summed and what a viewer may see differ by few: who opted out a moment ago, who is new, whom
# only an admin sees. Those are taken off, or added. One statement sees one moment of all of it, so
# that what the sums count decides speed alone.
_BY_GROUP = """
    WITH home AS MATERIALIZED (
        SELECT group_id, less, common FROM (
            SELECT rolled_group_id AS group_id,
                array_agg(id) FILTER (WHERE id <> ALL(%(accounts)s::bigint[])) AS less,
                array_agg(id) FILTER (WHERE id = ANY(%(accounts)s::bigint[])) AS common
            FROM trader_platforms WHERE rolled_group_id IS NOT NULL GROUP BY 1
        ) h
        WHERE 2 * (coalesce(cardinality(less), 0) + cardinality(%(accounts)s::bigint[])
            - cardinality(common)) <= coalesce(cardinality(less), 0) + cardinality(common)
        ORDER BY cardinality(common) DESC, group_id LIMIT 1
    )
    SELECT day, product_id, sum(pnl) AS pnl, sum(trades)::bigint AS trades, 0 AS others FROM (
        SELECT day, product_id, pnl_usd AS pnl, trade_count AS trades FROM ledger_groupday
        WHERE group_id = (SELECT group_id FROM home) AND day BETWEEN %(start)s AND %(end)s
        UNION ALL
        SELECT d.day, d.product_id, -sum(d.pnl_usd), -sum(d.trade_count)
        FROM ledger_dayresult d
        WHERE d.account_id = ANY((SELECT less FROM home)::bigint[])
            AND d.day BETWEEN %(start)s AND %(end)s AND d.trade_count > 0
        GROUP BY 1, 2
        UNION ALL
        SELECT d.day, d.product_id, sum(d.pnl_usd), sum(d.trade_count)
        FROM ledger_dayresult d
        WHERE d.account_id = ANY(ARRAY(
            SELECT unnest(%(accounts)s::bigint[]) EXCEPT SELECT unnest(common) FROM home
        )) AND d.day BETWEEN %(start)s AND %(end)s AND d.trade_count > 0
        GROUP BY 1, 2
    ) s GROUP BY 1, 2 HAVING sum(trades) <> 0"""
_WHOLE = f"""
SELECT NULL::date, d.product_id, sum(d.pnl) * 0.000001, sum(d.trades)::bigint, 0,
    sum(d.wins)::bigint, sum(d.losses)::bigint, array_agg(DISTINCT a.trader_id)
FROM (
    SELECT d.account_id, d.product_id, sum(d.pnl_usd) AS pnl, sum(d.trade_count) AS trades,
        sum(d.win_count) AS wins, sum(d.loss_count) AS losses
    FROM ledger_dayresult d WHERE {_CLOSED} GROUP BY 1, 2
) d {_PEOPLE} GROUP BY d.product_id"""  # noqa: S608  constant text
_BY_DAY = f"""
SELECT d.day, d.product_id, sum(d.pnl_usd) * 0.000001, sum(d.trade_count), {{others}},
    sum(d.win_count), sum(d.loss_count), array_agg(DISTINCT a.trader_id)
FROM ledger_dayresult d {_PEOPLE} WHERE {_CLOSED}
GROUP BY 1, 2"""  # noqa: S608  constant text


# Day, symbol, product, pnl, trades and how many others traded it, before anything is hidden.
Cell: TypeAlias = tuple[date, str, int, Decimal, int, int]


class Atom(NamedTuple):
    """What is told of one product on one UTC day; counts and traders are not to be told if hidden.

    day  None where all days of the period are one atom, since nothing has to be hidden
    """

    day: date | None
    product_id: int
    figure: Figure
    wins: int
    losses: int
    traders: list[int]


def cells(*, accounts: Accounts, period: Period, cohort: Cohort) -> list[Cell]:
    """Return what all accounts closed by day and product. 1 query.

    In the order of days, then from most to least profitable, then by symbol.
    """
    if cohort == EVERYBODY:
        sums = _BY_GROUP
    else:
        sums = _BY_PEOPLE.format(others=cohort.others_of("a.trader_id", "d.account_id"))
    return _rows(_CELLS.format(sums=sums), accounts, period, cohort)


def atoms(*, accounts: Accounts, period: Period, cohort: Cohort) -> list[Atom]:
    """Return what is told of all accounts by product, and by day where something hides. 1 query."""
    if cohort == EVERYBODY:
        sql = _WHOLE
    else:
        sql = _BY_DAY.format(others=cohort.others_of("a.trader_id", "d.account_id"))
    return [
        Atom(day, product, cohort.atom(pnl, trades, others), *more)
        for day, product, pnl, trades, others, *more in _rows(sql, accounts, period, cohort)
    ]


def _rows(sql: str, accounts: Accounts, period: Period, cohort: Cohort) -> list[Any]:
    given: dict[str, Any] = {
        "accounts": array(accounts.ids),
        "own": list(cohort.own),
        "start": period.start,
        "end": period.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
