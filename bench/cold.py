"""The SQL that each analytics endpoint needs, by hand, and the figures that both must tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Figures = list[tuple[Any, ...]]

# One trader's closed trades (t) and days (d) of the period, and a group's.
_MINE = """t.account_id = ANY(%(accounts)s) AND t.closed_on BETWEEN %(start)s AND %(end)s
    AND t.pnl_usd IS NOT NULL"""
_MY_DAYS = """d.account_id = ANY(%(accounts)s) AND d.day BETWEEN %(start)s AND %(end)s
    AND d.trade_count > 0"""
_THEIRS, _THEIR_DAYS = _MINE.replace("accounts", "group"), _MY_DAYS.replace("accounts", "group")

# What every answer takes: who asks, which accounts, how far the books go, what is in doubt.
_WHO = """
SELECT u.id, u.trader_id, u.is_admin, u.opt_out, g.is_archived FROM {session} s
JOIN {user} u ON u.id = s.user_id LEFT JOIN {group} g ON g.id = u.group_id
WHERE s.ended_at IS NULL AND u.is_active LIMIT 1"""
_OWN = "SELECT id, books_version, is_sim FROM trader_platforms WHERE id = ANY(%(accounts)s)"
_EVERYBODY = "SELECT id, books_version, trader_id FROM trader_platforms WHERE id = ANY(%(group)s)"
_LAST = "SELECT max(day) FROM ledger_dayresult WHERE account_id = ANY(%(accounts)s)"
_DOUBT = """
SELECT t.held, count(*) FROM ledger_trade t WHERE t.account_id = ANY(%({who})s)
    AND t.closed_on BETWEEN %(start)s AND %(end)s AND t.pnl_usd IS NULL GROUP BY 1
UNION ALL
SELECT r.state, count(DISTINCT r.day) FROM ledger_reconciledday r
WHERE r.account_id = ANY(%({who})s) AND r.day BETWEEN %(start)s AND %(end)s
    AND r.state IN ('skipped', 'mismatch', 'unverifiable') GROUP BY 1"""

_SUMS = """count(*), count(*) FILTER (WHERE t.outcome = 1), count(*) FILTER (WHERE t.outcome = -1),
    sum(t.pnl_usd)::bigint"""
_SHORT = f"SELECT {_SUMS} FROM ledger_trade t WHERE {{trades}}"
_WHOLE = f"""
SELECT {_SUMS}, sum(t.pnl_usd) FILTER (WHERE t.pnl_usd > 0),
    sum(t.pnl_usd) FILTER (WHERE t.pnl_usd < 0), max(t.pnl_usd), min(t.pnl_usd),
    sum(t.pnl_usd::numeric * t.pnl_usd), sum(t.closed_ns - t.opened_ns),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY t.closed_ns - t.opened_ns),
    array_agg(t.outcome ORDER BY t.closed_ns, t.id)
FROM ledger_trade t WHERE {_MINE}"""
_BY_DAY = f"""
SELECT d.day, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {_MY_DAYS} GROUP BY 1 ORDER BY 1"""
_BY_TIME = """
SELECT d.day, d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {days} GROUP BY 1, 2 ORDER BY 1, 2"""
_BY_PRODUCT = """
SELECT d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count), sum(d.win_count), sum(d.quantity)
FROM ledger_dayresult d WHERE {days} GROUP BY 1 ORDER BY 1"""
_RECORDS = f"""
SELECT a.trader_id, sum(d.pnl_usd)::bigint, sum(d.trade_count), sum(d.win_count),
    sum(d.loss_count), sum(d.profit_usd), sum(d.loss_usd)
FROM ledger_dayresult d JOIN trader_platforms a ON a.id = d.account_id
WHERE {_THEIR_DAYS} GROUP BY 1 ORDER BY 1"""
_SIZES = f"""
SELECT width_bucket(t.pnl_usd, -2000000000, 2000000000, 20), sum(t.pnl_usd), count(*)
FROM ledger_trade t WHERE {_MINE} GROUP BY 1"""
_BY_TAG = """
SELECT x.tag_id, sum(t.pnl_usd)::bigint, count(*) FROM ledger_trade t
JOIN journal_tradetag x ON x.account_id = t.account_id AND x.trade_id = t.id
WHERE {trades} GROUP BY 1 ORDER BY 1"""
_TAGS = "SELECT id, parent_id, layer, name FROM journal_tag ORDER BY layer, position"
_SYMBOLS = "SELECT id, symbol, name, color FROM futures_product"
_EVENTS = """
SELECT id, name, event_type, country, importance, at, actual, forecast, previous
FROM futures_calendarevent WHERE at >= %(start)s AND at < %(end)s::date + 1 ORDER BY at"""
_AROUND = """
SELECT d.day, d.product_id, sum(d.pnl_usd)::bigint, sum(d.trade_count) FROM ledger_dayresult d
WHERE {days} AND d.day IN (
    SELECT (at AT TIME ZONE 'UTC')::date FROM futures_calendarevent
    WHERE at >= %(start)s AND at < %(end)s::date + 1)
GROUP BY 1, 2 ORDER BY 1, 2"""
_LAST_50 = f"SELECT t.* FROM ledger_trade t WHERE {_MINE} ORDER BY t.closed_ns DESC LIMIT 50"
_PAGE = f"""
SELECT t.id::text, p.symbol, c.name, t.side, t.quantity, t.opened_ns, t.closed_ns, t.entry_price,
    t.exit_price, t.gross_usd, t.fees_usd, t.pnl_usd, t.mae_usd, t.mfe_usd
FROM ({_LAST_50}) t JOIN futures_product p ON p.id = t.product_id
JOIN futures_contract c ON c.id = t.contract_id ORDER BY t.closed_ns DESC"""
_OF_PAGE = f"""
SELECT {{what}} FROM {{table}} x JOIN ({_LAST_50}) t
    ON t.account_id = x.account_id AND t.id = x.trade_id"""
_COUNT = f"SELECT count(*) FROM ledger_trade t WHERE {_MINE}"
_BORNE = _OF_PAGE.format(what="x.trade_id, x.tag_id", table="journal_tradetag")
_NOTED = _OF_PAGE.format(what="x.trade_id, x.text", table="journal_tradenote")
_IMAGES = _OF_PAGE.format(what="x.*", table="journal_image")
_SAID = _OF_PAGE.format(what="x.*", table="journal_comment")
_CURVE = f"""
SELECT t.closed_ns, t.pnl_usd, (sum(t.pnl_usd) OVER (ORDER BY t.closed_ns, t.id))::bigint
FROM ledger_trade t WHERE {_MINE} ORDER BY t.closed_ns, t.id"""
_DAILY = f"""
SELECT t.closed_on, {_SUMS} FROM ledger_trade t WHERE {_MINE} GROUP BY 1 ORDER BY 1"""
_HELD = f"""
SELECT t.id, t.product_id, t.closed_ns - t.opened_ns AS held, t.pnl_usd
FROM ledger_trade t WHERE {_MINE} ORDER BY held, t.id"""
_TIMED = f"""
SELECT t.closed_ns / 3600000000000 %% 24, t.closed_on, {_SUMS}
FROM ledger_trade t WHERE {_MINE} GROUP BY 1, 2"""
_OPTIONS = f"""
SELECT min(t.closed_on), max(t.closed_on), array_agg(DISTINCT t.product_id),
    array_agg(DISTINCT t.side), count(*) FROM ledger_trade t WHERE {_MINE}"""
_UNTAGGED = f"""
SELECT count(*) FROM ledger_trade t WHERE {_MINE} AND NOT EXISTS (
    SELECT FROM journal_tradetag x WHERE x.account_id = t.account_id AND x.trade_id = t.id)"""
_ENTRIES = """
SELECT e.id, e.date, e.title, e.body, e.mood, e.created_at, e.updated_at FROM journal_entry e
JOIN trader_platforms a ON a.trader_id = e.trader_id
WHERE a.id = ANY(%(accounts)s) AND e.date BETWEEN %(start)s AND %(end)s
ORDER BY e.date DESC, e.id DESC LIMIT 50"""
_LAST_TRADES = f"""
SELECT a.trader_id, max(t.closed_ns) FROM ledger_trade t
JOIN trader_platforms a ON a.id = t.account_id WHERE {_THEIRS} GROUP BY 1 ORDER BY 1"""
_THEIR_CURVES = f"""
SELECT a.trader_id, d.day, sum(d.pnl_usd)::bigint FROM ledger_dayresult d
JOIN trader_platforms a ON a.id = d.account_id WHERE {_THEIR_DAYS} GROUP BY 1, 2 ORDER BY 1, 2"""
_NAMES = """
SELECT r.id, r.name FROM {trader} r JOIN trader_platforms a ON a.trader_id = r.id
WHERE a.id = ANY(%(group)s)"""


@dataclass(frozen=True)
class Case:
    """An endpoint; what it takes beside who asks; the figures of the last question."""

    path: str
    needs: tuple[str, ...]
    told: Callable[[Any], Figures]
    found: Callable[[list[Any]], Figures]
    more: dict[str, Any] = field(default_factory=dict)
    as_coach: bool = False

    @property
    def questions(self) -> list[str]:
        """Return all SQL, that of the figures last."""
        mine = not self.path.startswith(("comparative", "traders"))
        around = (_OWN, _LAST, _DOUBT.format(who="accounts")) if mine else _AMONG
        return [one.format(**_tables()) for one in (_WHO, *around)] + [
            one.format(trader=_tables()["trader"]) for one in self.needs
        ]


_AMONG = (_EVERYBODY, _DOUBT.format(who="group"))


def _tables() -> dict[str, str]:
    from accounts.models import CustomUser, Session
    from traders.models import Group, Trader

    models = {"session": Session, "user": CustomUser, "group": Group, "trader": Trader}
    return {name: model._meta.db_table for name, model in models.items()}


def _cents(micros: int) -> float:
    from common.api.fields import to_cents
    from common.fields import MONEY_PLACES, from_scaled

    return to_cents(from_scaled(micros, MONEY_PLACES))


def _one(*names: str) -> Callable[[Any], Figures]:
    return lambda data: [tuple(data[name] for name in names)]


def _each(*names: str) -> Callable[[Any], Figures]:
    return lambda data: sorted(tuple(row[name] for name in names) for row in data)


def _days(data: Any) -> Figures:
    return [
        (day["date"], one["product_id"], one["pnl"], one["trade_count"])
        for day in data
        for one in sorted(day["products"], key=lambda one: one["product_id"])
    ]


def _events(data: Any) -> Figures:
    return [
        (row["event"]["datetime"][:10], one["product_id"], one["pnl"], one["trade_count"])
        for row in data
        for one in sorted(row["products"], key=lambda one: one["product_id"])
    ]


def _by_day_and_product(rows: list[Any]) -> Figures:
    return [(str(day), product, _cents(pnl), trades) for day, product, pnl, trades in rows]


def _leaves(data: Any) -> Figures:
    """Return the tags that trades bear."""
    leaves = [tag for one in data for tag in one["children"] if tag["trade_count"]]
    return sorted((tag["id"], tag["pnl"], tag["trade_count"]) for tag in leaves)


def _by_id(rows: list[Any]) -> Figures:
    return [(row[0], _cents(row[1]), *row[2:3]) for row in rows]


def _first(rows: list[Any]) -> Figures:
    (row,) = rows
    return [(*row[:3], _cents(row[3]))]


def _page(data: Any) -> Figures:
    return [(row["id"], row["pnl"]) for row in data]


_COUNTS = ("trade_count", "win_count", "loss_count")
_P_DAYS, _P_TRADES = {"days": _MY_DAYS}, {"trades": _MINE}
_PERSONAL_TIME, _GROUP_TIME = _BY_TIME.format(days=_MY_DAYS), _BY_TIME.format(days=_THEIR_DAYS)
_PAGE_OF = {"page_size": 50}

CASES = (
    Case("personal/summary", (_BY_DAY, _WHOLE), _one(*_COUNTS, "pnl"), _first),
    Case("personal/win-loss-ratio", (_SHORT.format(**_P_TRADES),), _one(*_COUNTS),
         lambda rows: [tuple(rows[0][:3])]),
    Case("personal/performance-by-pnl", (_SIZES, _BY_DAY),
         lambda data: [(day["date"], day["pnl"], day["trade_count"]) for day in data["days"]],
         lambda rows: [(str(day), _cents(pnl), n) for day, pnl, n in rows]),
    Case("personal/performance-by-time", (_SYMBOLS, _PERSONAL_TIME), _days, _by_day_and_product),
    Case("personal/performance-by-product", (_SYMBOLS, _BY_PRODUCT.format(**_P_DAYS)),
         _each("product_id", "pnl", "trade_count"), _by_id),
    Case("personal/traded-products", (_SYMBOLS, _BY_PRODUCT.format(**_P_DAYS)), _each("id"),
         lambda rows: [(row[0],) for row in rows]),
    Case("personal/performance-by-tag", (_TAGS, _BY_TAG.format(**_P_TRADES)), _leaves, _by_id),
    Case("personal/calendar-events", (_SYMBOLS, _EVENTS, _AROUND.format(**_P_DAYS)), _events,
         _by_day_and_product),
    Case("personal/trades", (_COUNT, _BORNE, _NOTED, _PAGE), _page,
         lambda rows: [(row[0], _cents(row[11])) for row in rows], _PAGE_OF),
    Case("comparative/performance-by-time", (_SYMBOLS, _GROUP_TIME), _days, _by_day_and_product),
    Case("comparative/performance-by-product",
         (_SYMBOLS, _BY_PRODUCT.format(days=_THEIR_DAYS)),
         _each("product_id", "pnl", "trade_count"), _by_id),
    Case("comparative/performance-by-tag", (_TAGS, _BY_TAG.format(trades=_THEIRS)), _leaves,
         _by_id),
    Case("comparative/win-loss-ratio", (_SHORT.format(trades=_THEIRS),),
         _one("win_rate"),
         lambda rows: [(rows[0][1] / rows[0][0],)]),
    Case("comparative/standing", (_RECORDS,), lambda data: [(data["pnl"]["ranked"],)],
         lambda rows: [(len(rows),)]),
    Case("comparative/calendar-events", (_SYMBOLS, _EVENTS, _AROUND.format(days=_THEIR_DAYS)),
         _events, _by_day_and_product),
    Case("traders/overview", (_NAMES, _THEIR_CURVES, _LAST_TRADES, _RECORDS),
         _each("id", "pnl", "trade_count"), _by_id, as_coach=True),
    Case("journal/analytics/overview", (_BY_DAY, _WHOLE), _one(*_COUNTS, "pnl"), _first),
    Case("journal/analytics/equity-curve", (_CURVE,), lambda data: [
        (data[-1]["cumulative_pnl"], sum(point["trade_count"] for point in data))],
         lambda rows: [(_cents(rows[-1][2]), len(rows))]),
    Case("journal/analytics/daily-pnl", (_DAILY,), _each("date", *_COUNTS, "pnl"),
         lambda rows: [(str(row[0]), *row[1:4], _cents(row[4])) for row in rows]),
    Case("journal/analytics/symbol-breakdown", (_SYMBOLS, _BY_PRODUCT.format(**_P_DAYS)),
         _each("product_id", "pnl", "trade_count"), _by_id),
    Case("journal/analytics/duration-profit", (_SYMBOLS, _HELD),
         lambda data: [(sum(one["trade_count"] for one in data["bins"]),)],
         lambda rows: [(len(rows),)]),
    Case("journal/analytics/return-distribution", (_SIZES, _SHORT.format(**_P_TRADES)),
         lambda data: [(sum(one["trade_count"] for one in data),)],
         lambda rows: [(rows[0][0],)]),
    Case("journal/analytics/time-distribution", (_TIMED,),
         lambda data: [(sum(one["trade_count"] for one in data["hours"]),)],
         lambda rows: [(sum(row[2] for row in rows),)]),
    Case("journal/analytics/filter-options",
         (_SYMBOLS, _TAGS, _BY_TAG.format(**_P_TRADES), _UNTAGGED, _OPTIONS),
         _one("first_date", "last_date"),
         lambda rows: [(str(rows[0][0]), str(rows[0][1]))]),
    Case("journal/trades", (_COUNT, _TAGS, _BORNE, _NOTED, _IMAGES, _SAID, _PAGE), _page,
         lambda rows: [(row[0], _cents(row[11])) for row in rows], _PAGE_OF),
    Case("journal/entries", (_TAGS, _ENTRIES), _each("id"),
         lambda rows: sorted((row[0],) for row in rows), _PAGE_OF),
)  # fmt: skip
