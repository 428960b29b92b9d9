"""Whether days tell the sums of their trades: most answers read days, not trades."""

from __future__ import annotations

from typing import Any

from django.db import connection

from ledger.reconciliation.words import LINES, KeyDay

_AMISS = f"""
WITH line AS (SELECT * FROM {LINES}), trades AS (
    SELECT t.account_id, t.contract_id, t.closed_on AS day, count(t.pnl_usd) AS trade_count,
        count(*) - count(t.pnl_usd) AS held_count, sum(t.pnl_usd) AS pnl,
        sum(t.gross_usd) AS gross, sum(t.fees_usd) AS fees,
        count(*) FILTER (WHERE t.outcome = 1) AS wins,
        count(*) FILTER (WHERE t.outcome = -1) AS losses
    FROM line l JOIN ledger_trade t ON t.account_id = l.account_id
        AND t.contract_id = l.contract_id AND t.closed_ns >= l.start_ns
    GROUP BY 1, 2, 3
), told AS (
    SELECT d.* FROM line l JOIN ledger_dayresult d ON d.account_id = l.account_id
        AND d.day >= l.since AND d.contract_id = l.contract_id
)
SELECT account_id, contract_id, day FROM trades t FULL JOIN told d
    USING (account_id, contract_id, day)
WHERE (coalesce(t.trade_count, 0), coalesce(t.held_count, 0), coalesce(t.pnl, 0),
        coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.wins, 0), coalesce(t.losses, 0))
    <> (coalesce(d.trade_count, 0), coalesce(d.held_count, 0), coalesce(d.pnl_usd, 0),
        coalesce(d.gross_usd, 0), coalesce(d.fees_usd, 0), coalesce(d.win_count, 0),
        coalesce(d.loss_count, 0))"""  # noqa: S608  constant text


def amiss(given: dict[str, Any]) -> set[KeyDay]:
    """Return the days whose figures are not the sums of the trades that closed on them. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_AMISS, given)
        return set(cursor.fetchall())
