"""The SQL that each analytics endpoint needs, by hand."""

from __future__ import annotations

# One trader's closed trades (t) and days (d) of the period, and a group's.
MINE = """t.account_id = ANY(%(accounts)s) AND t.closed_on BETWEEN %(start)s AND %(end)s
    AND t.pnl_usd IS NOT NULL"""
MY_DAYS = """d.account_id = ANY(%(accounts)s) AND d.day BETWEEN %(start)s AND %(end)s
    AND d.trade_count > 0"""
THEIRS, THEIR_DAYS = MINE.replace("accounts", "group"), MY_DAYS.replace("accounts", "group")

# What every answer takes: who asks, which accounts, how far the books go, what is in doubt.
WHO = """
SELECT u.id, u.trader_id, u.is_admin, u.opt_out, g.is_archived FROM {session} s
JOIN {user} u ON u.id = s.user_id LEFT JOIN {group} g ON g.id = u.group_id
WHERE s.ended_at IS NULL AND u.is_active LIMIT 1"""
OWN = "SELECT id, books_version, is_sim FROM trader_platforms WHERE id = ANY(%(accounts)s)"
EVERYBODY = "SELECT id, books_version, trader_id FROM trader_platforms WHERE id = ANY(%(group)s)"
LAST = "SELECT max(day) FROM ledger_dayresult WHERE account_id = ANY(%(accounts)s)"
DOUBT = """
SELECT t.held, count(*) FROM ledger_trade t WHERE t.account_id = ANY(%({who})s)
    AND t.closed_on BETWEEN %(start)s AND %(end)s AND t.pnl_usd IS NULL GROUP BY 1
UNION ALL
SELECT r.state, count(DISTINCT r.day) FROM ledger_reconciledday r
WHERE r.account_id = ANY(%({who})s) AND r.day BETWEEN %(start)s AND %(end)s
    AND r.state IN ('skipped', 'mismatch', 'unverifiable') GROUP BY 1"""

SUMS = """count(*), count(*) FILTER (WHERE t.outcome = 1), count(*) FILTER (WHERE t.outcome = -1),
    sum(t.pnl_usd)::bigint"""
SHORT = f"SELECT {SUMS} FROM ledger_trade t WHERE {{trades}}"
WHOLE = f"""
SELECT {SUMS}, sum(t.pnl_usd) FILTER (WHERE t.pnl_usd > 0),
    sum(t.pnl_usd) FILTER (WHERE t.pnl_usd < 0), max(t.pnl_usd), min(t.pnl_usd),
    sum(t.pnl_usd::numeric * t.pnl_usd), sum(t.closed_ns - t.opened_ns),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY t.closed_ns - t.opened_ns),
    array_agg(t.outcome ORDER BY t.closed_ns, t.id)
FROM ledger_trade t WHERE {MINE}"""
BY_DAY = f"""
SELECT d.day, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {MY_DAYS} GROUP BY 1 ORDER BY 1"""
BY_TIME = """
SELECT d.day, d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {days} GROUP BY 1, 2 ORDER BY 1, 2"""
BY_PRODUCT = """
SELECT d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count), sum(d.win_count), sum(d.quantity)
FROM ledger_dayresult d WHERE {days} GROUP BY 1 ORDER BY 1"""
RECORDS = f"""
SELECT a.trader_id, sum(d.pnl_usd)::bigint, sum(d.trade_count), sum(d.win_count),
    sum(d.loss_count), sum(d.profit_usd), sum(d.loss_usd)
FROM ledger_dayresult d JOIN trader_platforms a ON a.id = d.account_id
WHERE {THEIR_DAYS} GROUP BY 1 ORDER BY 1"""
SIZES = f"""
SELECT width_bucket(t.pnl_usd, -2000000000, 2000000000, 20), sum(t.pnl_usd), count(*)
FROM ledger_trade t WHERE {MINE} GROUP BY 1"""
BY_TAG = """
SELECT x.tag_id, sum(t.pnl_usd)::bigint, count(*) FROM ledger_trade t
JOIN journal_tradetag x ON x.account_id = t.account_id AND x.trade_id = t.id
WHERE {trades} GROUP BY 1 ORDER BY 1"""
TAGS = "SELECT id, parent_id, layer, name FROM journal_tag ORDER BY layer, position"
SYMBOLS = "SELECT id, symbol, name, color FROM futures_product"
EVENTS = """
SELECT id, name, event_type, country, importance, at, actual, forecast, previous
FROM futures_calendarevent WHERE at >= %(start)s AND at < %(end)s::date + 1 ORDER BY at"""
AROUND = """
SELECT d.day, d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {days} AND d.day IN (
    SELECT (at AT TIME ZONE 'UTC')::date FROM futures_calendarevent
    WHERE at >= %(start)s AND at < %(end)s::date + 1)
GROUP BY 1, 2 ORDER BY 1, 2"""
LAST_50 = f"SELECT t.* FROM ledger_trade t WHERE {MINE} ORDER BY t.closed_ns DESC LIMIT 50"
PAGE = f"""
SELECT t.id::text, p.symbol, c.name, t.side, t.quantity, t.opened_ns, t.closed_ns, t.entry_price,
    t.exit_price, t.gross_usd, t.fees_usd, t.pnl_usd, t.mae_usd, t.mfe_usd
FROM ({LAST_50}) t JOIN futures_product p ON p.id = t.product_id
JOIN futures_contract c ON c.id = t.contract_id ORDER BY t.closed_ns DESC"""
OF_PAGE = f"""
SELECT {{what}} FROM {{table}} x JOIN ({LAST_50}) t
    ON t.account_id = x.account_id AND t.id = x.trade_id"""
COUNT = f"SELECT count(*) FROM ledger_trade t WHERE {MINE}"
BORNE = OF_PAGE.format(what="x.trade_id, x.tag_id", table="journal_tradetag")
NOTED = OF_PAGE.format(what="x.trade_id, x.text", table="journal_tradenote")
IMAGES = OF_PAGE.format(what="x.*", table="journal_image")
SAID = OF_PAGE.format(what="x.*", table="journal_comment")
CURVE = f"""
SELECT t.closed_ns, t.pnl_usd, (sum(t.pnl_usd) OVER (ORDER BY t.closed_ns, t.id))::bigint
FROM ledger_trade t WHERE {MINE} ORDER BY t.closed_ns, t.id"""
DAILY = f"""
SELECT t.closed_on, {SUMS} FROM ledger_trade t WHERE {MINE} GROUP BY 1 ORDER BY 1"""
HELD = f"""
SELECT t.id, t.product_id, t.closed_ns - t.opened_ns AS held, t.pnl_usd
FROM ledger_trade t WHERE {MINE} ORDER BY held, t.id"""
TIMED = f"""
SELECT t.closed_ns / 3600000000000 %% 24, t.closed_on, {SUMS}
FROM ledger_trade t WHERE {MINE} GROUP BY 1, 2"""
OPTIONS = f"""
SELECT min(t.closed_on), max(t.closed_on), array_agg(DISTINCT t.product_id),
    array_agg(DISTINCT t.side), count(*) FROM ledger_trade t WHERE {MINE}"""
UNTAGGED = f"""
SELECT count(*) FROM ledger_trade t WHERE {MINE} AND NOT EXISTS (
    SELECT FROM journal_tradetag x WHERE x.account_id = t.account_id AND x.trade_id = t.id)"""
ENTRIES = """
SELECT e.id, e.date, e.title, e.body, e.mood, e.created_at, e.updated_at FROM journal_entry e
JOIN trader_platforms a ON a.trader_id = e.trader_id
WHERE a.id = ANY(%(accounts)s) AND e.date BETWEEN %(start)s AND %(end)s
ORDER BY e.date DESC, e.id DESC LIMIT 50"""
TRADED_AROUND = """
SELECT DISTINCT d.product_id FROM ledger_dayresult d
WHERE {days} AND d.day IN (
    SELECT (at AT TIME ZONE 'UTC')::date FROM futures_calendarevent
    WHERE at >= %(start)s AND at < %(end)s::date + 1)
ORDER BY 1"""
OPEN = """
SELECT x.quantity, p.id, p.symbol, c.name, x.average_price, x.opened_ns, x.realized_usd, x.held,
    b.close, b.start_at FROM ledger_position x
JOIN futures_contract c ON c.id = x.contract_id JOIN futures_product p ON p.id = c.product_id
LEFT JOIN LATERAL (
    SELECT close, start_at FROM futures_bar WHERE contract_id = c.id ORDER BY start_at DESC LIMIT 1
) b ON true
WHERE x.account_id = ANY(%(accounts)s) AND x.quantity <> 0 ORDER BY p.symbol, c.expiry_month"""
ONE = """
SELECT t.id::text, p.symbol, c.name, t.side, t.quantity, t.opened_ns, t.closed_ns, t.entry_price,
    t.exit_price, t.gross_usd, t.fees_usd, t.pnl_usd, t.mae_usd, t.mfe_usd
FROM ledger_trade t JOIN futures_product p ON p.id = t.product_id
JOIN futures_contract c ON c.id = t.contract_id
WHERE t.account_id = ANY(%(accounts)s) AND t.id = %(trade)s"""
OF_ONE = """
SELECT * FROM {table} x WHERE x.account_id = ANY(%(accounts)s) AND x.trade_id = %(trade)s"""
FILLS = """
SELECT f.* FROM ledger_fill f JOIN ledger_trade t ON t.account_id = f.account_id
    AND t.contract_id = f.contract_id AND f.executed_ns BETWEEN t.opened_ns AND t.closed_ns
WHERE t.account_id = ANY(%(accounts)s) AND t.id = %(trade)s ORDER BY f.executed_ns"""
ENTRY = "SELECT * FROM journal_entry WHERE id = %(entry)s"
OF_ENTRY = "SELECT * FROM {table} WHERE entry_id = %(entry)s"
ABOUT = """FROM journal_comment m WHERE m.trader_id IN (
    SELECT trader_id FROM trader_platforms WHERE id = ANY(%(accounts)s))"""
COMMENTS = f"SELECT m.* {ABOUT} ORDER BY m.created_at DESC, m.id DESC LIMIT 50"
WAITING = f"""
SELECT count(*), count(*) FILTER (WHERE m.acknowledged_at IS NULL AND m.by_coach) {ABOUT}"""
LAST_TRADES = f"""
SELECT a.trader_id, max(t.closed_ns) FROM ledger_trade t
JOIN trader_platforms a ON a.id = t.account_id WHERE {THEIRS} GROUP BY 1 ORDER BY 1"""
THEIR_CURVES = f"""
SELECT a.trader_id, d.day, sum(d.pnl_usd)::bigint FROM ledger_dayresult d
JOIN trader_platforms a ON a.id = d.account_id WHERE {THEIR_DAYS} GROUP BY 1, 2 ORDER BY 1, 2"""
NAMES = """
SELECT r.id, r.name FROM {trader} r JOIN trader_platforms a ON a.trader_id = r.id
WHERE a.id = ANY(%(group)s)"""
