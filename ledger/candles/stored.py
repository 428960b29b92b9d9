"""Reading what is kept: day candles of a view, and what is not among them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounts.access import Accounts
from common.api import Period
from common.clock import NS_PER_DAY
from common.fields import MONEY_PLACES, from_scaled
from ledger.candles.layers import ALL_PRODUCTS
from ledger.fold.facts import number_of
from ledger.fold.results import TOO_LARGE
from ledger.queries import MOST_REASONS

# What concerns these accounts: about themselves, or about contracts that they ever traded.
_OURS = """(d.account_id = ANY(%(accounts)s) OR d.account_id IS NULL AND EXISTS (
    SELECT FROM ledger_position p
    WHERE p.account_id = ANY(%(accounts)s) AND p.contract_id = d.contract_id))"""
_VERSION = f"""
SELECT (SELECT coalesce(sum(candles_version), 0) FROM trader_platforms
        WHERE id = ANY(%(accounts)s)),
    count(*), coalesce(max(d.id), 0), min(d.since), max(coalesce(d.until, date '9999-12-31'))
FROM ledger_candlesdue d WHERE {_OURS}"""  # noqa: S608  constant text
_DUE = f"""
SELECT min(d.since), max(d.until), bool_or(d.until IS NULL) FROM ledger_candlesdue d
WHERE {_OURS} AND d.since <= %(end)s AND (d.until IS NULL OR d.until >= %(start)s)"""  # noqa: S608
_ROWS = """
SELECT account_id, day, product_id, merged, high_usd, low_usd, close_usd FROM ledger_daycandle
WHERE account_id = ANY(%(accounts)s) AND day BETWEEN %(start)s AND %(end)s
    AND merged <@ %(accounts)s::bigint[]"""
# What was traded or held, when: each account, product and stretch of days once.
_ACTIVE = """
SELECT t.account_id, t.product_id, t.contract_id, c.currency, t.first, t.last, t.large FROM (
    SELECT account_id, product_id, contract_id, closed_on AS last,
        date '1970-01-01' + (opened_ns / 86400000000000)::int AS first,
        bool_or(held = %(large)s) AS large
    FROM ledger_trade
    WHERE account_id = ANY(%(accounts)s) AND closed_ns >= %(start_ns)s AND opened_ns < %(end_ns)s
        AND NOT is_copied
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT p.account_id, c.product_id, p.contract_id, %(end)s,
        date '1970-01-01' + (p.opened_ns / 86400000000000)::int, p.held = %(large)s
    FROM ledger_position p JOIN futures_contract c ON c.id = p.contract_id
    WHERE p.account_id = ANY(%(accounts)s) AND p.quantity <> 0 AND p.opened_ns < %(end_ns)s
) t JOIN futures_contract c ON c.id = t.contract_id"""

# Positions stay open without end: nothing is looked for beyond tomorrow.
_UNPRICED = """
SELECT DISTINCT c.currency, d.day::date
FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS s (contract_id, first, last)
JOIN futures_contract c ON c.id = s.contract_id
CROSS JOIN LATERAL generate_series(
    s.first::timestamp, least(s.last, (now() AT TIME ZONE 'UTC')::date + 1), '1 day') AS d (day)
WHERE NOT EXISTS (
    SELECT FROM futures_fxrate r WHERE r.currency = c.currency AND r.day = d.day::date)
AND EXISTS (
    SELECT FROM futures_bar b WHERE b.contract_id = s.contract_id
    AND b.start_at >= d.day AT TIME ZONE 'UTC'
    AND b.start_at < (d.day + interval '1 day') AT TIME ZONE 'UTC')
ORDER BY 1, 2"""


class DayCandle(NamedTuple):
    """A UTC day of the view in one product, or in all (0); USD, opens at 0."""

    day: date
    product_id: int
    high: Decimal
    low: Decimal
    close: Decimal


class DayCandles(NamedTuple):
    """By day and product; `notes` says what is not among them and why."""

    rows: tuple[DayCandle, ...]
    notes: tuple[str, ...]


def version_of(accounts: Accounts) -> str:
    """Return what changes with the accounts' kept candles, and with what is due of them. 1 query.

    An argument of cached queries over kept candles.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"accounts": list(accounts.ids)})
        return ".".join(map(str, cursor.fetchone()))


def day_candles(*, account_ids: tuple[int, ...], period: Period) -> DayCandles:
    """Return the day candles of accounts together, of the days and products that have one.

    Candles of several accounts are no sums: where more than one was active, the row is read in
    which they are merged. 4 queries, 3 where everything is in USD.
    """
    asked: dict[str, Any] = {
        "accounts": list(account_ids),
        "start": period.start,
        "end": period.end,
        "start_ns": number_of(period.start) * NS_PER_DAY,
        "end_ns": (number_of(period.end) + 1) * NS_PER_DAY,
        "large": TOO_LARGE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, asked)
        due = cursor.fetchone()
        cursor.execute(_ROWS, asked)
        kept = {(row[1], row[2], row[0], *row[3]): row[4:] for row in cursor.fetchall()}
        cursor.execute(_ACTIVE, asked)
        active = cursor.fetchall()
    days = sorted({day for day, *_ in kept})
    whose: dict[tuple[date, int], set[int]] = defaultdict(set)
    foreign: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for account, product, contract, currency, first, last, _ in active:
        for day in days[bisect_left(days, first) : bisect_right(days, last)]:
            whose[day, product].add(account)
            whose[day, ALL_PRODUCTS].add(account)
        if currency != "USD":
            foreign[contract].append((max(first, period.start), min(last, period.end)))
    rows = [
        DayCandle(day, product, *(from_scaled(value, MONEY_PLACES) for value in values))
        for (day, product), accounts in sorted(whose.items())
        if (values := kept.get((day, product, *sorted(accounts)))) is not None
    ]
    reasons = _unpriced(foreign)
    if any(large for *_, large in active):
        reasons.append(TOO_LARGE)
    return DayCandles(tuple(rows), (*_told(reasons), *_still_due(due, period)))


def _unpriced(foreign: dict[int, list[tuple[date, date]]]) -> list[str]:
    """Return the daily rates that are missing on days with a bar of a contract. At most 1 query.

    foreign  stretches of days on which it was traded or held, by contract in another currency
    """
    if not foreign:
        return []
    rows = [(contract, *span) for contract, spans in foreign.items() for span in spans]
    with connection.cursor() as cursor:
        cursor.execute(_UNPRICED, [list(column) for column in zip(*rows, strict=True)])
        return [f"no {currency} rate for {day}" for currency, day in cursor.fetchall()]


def _told(reasons: list[str]) -> Iterable[str]:
    for reason in reasons[:MOST_REASONS]:
        yield f"Candles are held back: {reason}"
    if (more := len(reasons) - MOST_REASONS) > 0:
        yield f"More candles are held back for {more} other reasons"


def _still_due(due: tuple[Any, ...], period: Period) -> Iterable[str]:
    since, until, is_endless = due
    if since is None:
        return
    first = max(since, period.start)
    last = period.end if is_endless else min(until, period.end)
    span = f"of {first}" if first == last else f"from {first} to {last}"
    yield f"The candles {span} are being made anew; they may change in a moment"
