"""Each trader's record in a period: what they are ranked by, and what a coach reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.access import Accounts
from calc.metrics import Score
from common.api import Period
from ledger.arrays import array

# By account first: the index `day_by_product` is in that order, and tells all that is summed.
_RECORDS = """
SELECT a.trader_id, bool_or(a.id = ANY(%(own)s::bigint[])), sum(d.trades)::bigint,
    sum(d.wins)::bigint, sum(d.pnl) * 0.000001, sum(d.profit) * 0.000001, sum(d.loss) * 0.000001
FROM (
    SELECT account_id, sum(trade_count) AS trades, sum(win_count) AS wins, sum(pnl_usd) AS pnl,
        sum(profit_usd) AS profit, sum(loss_usd) AS loss
    FROM ledger_dayresult
    WHERE account_id = ANY(%(accounts)s::bigint[]) AND day BETWEEN %(start)s AND %(end)s
        AND trade_count > 0
        AND (%(products)s::bigint[] IS NULL OR product_id = ANY(%(products)s::bigint[]))
    GROUP BY 1
) d JOIN trader_platforms a ON a.id = d.account_id GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Record:
    """Sums over one trader's closed trades."""

    trader_id: int
    is_own: bool
    score: Score


def records(
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    own: tuple[int, ...] = (),
) -> list[Record]:
    """Return the record of every trader who closed a trade in the period. 1 query.

    own  the viewer's accounts
    """
    given: dict[str, Any] = {
        "accounts": array(accounts.ids),
        "own": list(own),
        "start": period.start,
        "end": period.end,
        "products": list(products) or None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, given)
        return [Record(trader, mine, Score(*score)) for trader, mine, *score in cursor.fetchall()]
