"""Each analytics endpoint: the questions that it takes by hand, and what both must tell."""

from __future__ import annotations

from bench import by_hand as sql
from bench.cold import (
    Case,
    by_day_and_product,
    by_id,
    cents,
    days,
    each,
    events,
    first,
    leaves,
    one,
    page,
)

_COUNTS = ("trade_count", "win_count", "loss_count")
_P_DAYS, _P_TRADES = {"days": sql.MY_DAYS}, {"trades": sql.MINE}
_PERSONAL_TIME, _GROUP_TIME = (
    sql.BY_TIME.format(days=sql.MY_DAYS),
    sql.BY_TIME.format(days=sql.THEIR_DAYS),
)
_PAGE_OF = {"page_size": 50}

CASES = (
    Case("personal/summary", (sql.BY_DAY, sql.WHOLE), one(*_COUNTS, "pnl"), first),
    Case(
        "personal/win-loss-ratio",
        (sql.SHORT.format(**_P_TRADES),),
        one(*_COUNTS),
        lambda rows: [tuple(rows[0][:3])],
    ),
    Case(
        "personal/performance-by-pnl",
        (sql.SIZES, sql.BY_DAY),
        lambda data: [(day["date"], day["pnl"], day["trade_count"]) for day in data["days"]],
        lambda rows: [(str(day), cents(pnl), n) for day, pnl, n in rows],
    ),
    Case("personal/performance-by-time", (sql.SYMBOLS, _PERSONAL_TIME), days, by_day_and_product),
    Case(
        "personal/performance-by-product",
        (sql.SYMBOLS, sql.BY_PRODUCT.format(**_P_DAYS)),
        each("product_id", "pnl", "trade_count"),
        by_id,
    ),
    Case(
        "personal/traded-products",
        (sql.SYMBOLS, sql.BY_PRODUCT.format(**_P_DAYS)),
        each("id"),
        lambda rows: [(row[0],) for row in rows],
    ),
    Case("personal/performance-by-tag", (sql.TAGS, sql.BY_TAG.format(**_P_TRADES)), leaves, by_id),
    Case(
        "personal/calendar-events",
        (sql.SYMBOLS, sql.EVENTS, sql.AROUND.format(**_P_DAYS)),
        events,
        by_day_and_product,
    ),
    Case(
        "personal/calendar-events/traded-products",
        (sql.SYMBOLS, sql.EVENTS, sql.TRADED_AROUND.format(**_P_DAYS)),
        each("id"),
        lambda rows: rows,
    ),
    Case(
        "personal/positions",
        (sql.OPEN,),
        each("quantity", "product_id"),
        lambda rows: sorted(row[:2] for row in rows),
    ),
    Case(
        "personal/trades/{trade}",
        (
            *(
                sql.OF_ONE.format(table=f"journal_{one}")
                for one in ("tradetag", "tradenote", "image")
            ),
            sql.FILLS,
            sql.ONE,
        ),
        one("id", "pnl"),
        lambda rows: [(rows[0][0], cents(rows[0][11]))],
    ),
    Case(
        "personal/trades",
        (sql.COUNT, sql.BORNE, sql.NOTED, sql.PAGE),
        page,
        lambda rows: [(row[0], cents(row[11])) for row in rows],
        _PAGE_OF,
    ),
    Case("comparative/performance-by-time", (sql.SYMBOLS, _GROUP_TIME), days, by_day_and_product),
    Case(
        "comparative/performance-by-product",
        (sql.SYMBOLS, sql.BY_PRODUCT.format(days=sql.THEIR_DAYS)),
        each("product_id", "pnl", "trade_count"),
        by_id,
    ),
    Case(
        "comparative/performance-by-tag",
        (sql.TAGS, sql.BY_TAG.format(trades=sql.THEIRS)),
        leaves,
        by_id,
    ),
    Case(
        "comparative/win-loss-ratio",
        (sql.SHORT.format(trades=sql.THEIRS),),
        one("win_rate"),
        lambda rows: [(rows[0][1] / rows[0][0],)],
    ),
    Case(
        "comparative/standing",
        (sql.RECORDS,),
        lambda data: [(data["pnl"]["ranked"],)],
        lambda rows: [(len(rows),)],
    ),
    Case(
        "comparative/calendar-events",
        (sql.SYMBOLS, sql.EVENTS, sql.AROUND.format(days=sql.THEIR_DAYS)),
        events,
        by_day_and_product,
    ),
    Case(
        "comparative/calendar-events/traded-products",
        (sql.SYMBOLS, sql.EVENTS, sql.TRADED_AROUND.format(days=sql.THEIR_DAYS)),
        each("id"),
        lambda rows: rows,
    ),
    Case(
        "traders/overview",
        (sql.NAMES, sql.THEIR_CURVES, sql.LAST_TRADES, sql.RECORDS),
        each("id", "pnl", "trade_count"),
        by_id,
        as_coach=True,
    ),
    Case("journal/analytics/overview", (sql.BY_DAY, sql.WHOLE), one(*_COUNTS, "pnl"), first),
    Case(
        "journal/analytics/equity-curve",
        (sql.CURVE,),
        lambda data: [(data[-1]["cumulative_pnl"], sum(point["trade_count"] for point in data))],
        lambda rows: [(cents(rows[-1][2]), len(rows))],
    ),
    Case(
        "journal/analytics/daily-pnl",
        (sql.DAILY,),
        each("date", *_COUNTS, "pnl"),
        lambda rows: [(str(row[0]), *row[1:4], cents(row[4])) for row in rows],
    ),
    Case(
        "journal/analytics/symbol-breakdown",
        (sql.SYMBOLS, sql.BY_PRODUCT.format(**_P_DAYS)),
        each("product_id", "pnl", "trade_count"),
        by_id,
    ),
    Case(
        "journal/analytics/duration-profit",
        (sql.SYMBOLS, sql.HELD),
        lambda data: [(sum(one["trade_count"] for one in data["bins"]),)],
        lambda rows: [(len(rows),)],
    ),
    Case(
        "journal/analytics/return-distribution",
        (sql.SIZES, sql.SHORT.format(**_P_TRADES)),
        lambda data: [(sum(one["trade_count"] for one in data),)],
        lambda rows: [(rows[0][0],)],
    ),
    Case(
        "journal/analytics/time-distribution",
        (sql.TIMED,),
        lambda data: [(sum(one["trade_count"] for one in data["hours"]),)],
        lambda rows: [(sum(row[2] for row in rows),)],
    ),
    Case(
        "journal/analytics/filter-options",
        (sql.SYMBOLS, sql.TAGS, sql.BY_TAG.format(**_P_TRADES), sql.UNTAGGED, sql.OPTIONS),
        one("first_date", "last_date"),
        lambda rows: [(str(rows[0][0]), str(rows[0][1]))],
    ),
    Case(
        "journal/trades",
        (sql.COUNT, sql.TAGS, sql.BORNE, sql.NOTED, sql.IMAGES, sql.SAID, sql.PAGE),
        page,
        lambda rows: [(row[0], cents(row[11])) for row in rows],
        _PAGE_OF,
    ),
    Case(
        "journal/entries",
        (sql.TAGS, sql.ENTRIES),
        each("id"),
        lambda rows: sorted((row[0],) for row in rows),
        _PAGE_OF,
        is_bare=True,
    ),
    Case(
        "journal/entries/{entry}",
        (
            *(
                sql.OF_ENTRY.format(table=f"journal_{one}")
                for one in ("entrytag", "entrytrade", "image", "comment")
            ),
            sql.ENTRY,
        ),
        one("id"),
        lambda rows: [(rows[0][0],)],
        is_bare=True,
    ),
    Case(
        "journal/trades/{trade}",
        (
            sql.TAGS,
            *(
                sql.OF_ONE.format(table=f"journal_{one}")
                for one in ("tradetag", "tradenote", "image", "comment")
            ),
            sql.ONE,
        ),
        one("id", "pnl"),
        lambda rows: [(rows[0][0], cents(rows[0][11]))],
        is_bare=True,
    ),
    Case(
        "journal/tags",
        (sql.TAGS,),
        lambda data: sorted((tag["id"],) for one in data for tag in (one, *one["children"])),
        lambda rows: sorted((row[0],) for row in rows),
        is_bare=True,
    ),
    Case(
        "journal/comments",
        (sql.WAITING, sql.COMMENTS),
        each("id"),
        lambda rows: sorted((row[0],) for row in rows),
        _PAGE_OF,
        is_bare=True,
    ),
)
