"""Rows into the books: trades keep their ids, everything from the start on is written anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger import settled
from ledger.fold.changes import Cycle
from ledger.fold.read import Start
from ledger.fold.restated import RESTATEMENT, restated
from ledger.fold.results import Rows
from ledger.history.because import Because, Key, Story
from ledger.models import Reason
from ledger.settled import first_running, is_settled
from ledger.succession import Gone, positions_gone
from ledger.words import BEGINNING_NS, Place

_TRADE = (
    "id, account_id, contract_id, product_id, side, quantity, max_position, entry_price, "
    "exit_price, "
    "opened_ns, opened_received_ns, opened_exec_id, opened_leg_index, "
    "closed_ns, closed_received_ns, closed_exec_id, closed_leg_index, closed_used, closed_on, "
    "fill_count, gross_native, fees_native, gross_usd, fees_usd, pnl_usd, earlier_usd, outcome, "
    "held, is_copied"
)
_POSITION = (
    "account_id, contract_id, quantity, average_price, opened_ns, trade_id, realized_usd, held, "
    "fill_count, last_ns"
)
DAY_COLUMNS = (
    "account_id, day, contract_id, product_id, pnl_usd, gross_usd, fees_usd, profit_usd, loss_usd, "
    "trade_count, win_count, loss_count, quantity, held_count, realized_usd, realized_held"
)
_STARTS = (
    "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], "
    "%s::date[]) "
    "AS g (account_id, contract_id, ns, received_ns, exec_id, leg_index, day)"
)
_OURS = "account_id = g.account_id AND {0}.contract_id = g.contract_id"

_NAMES = [name.strip() for name in _TRADE.split(",")]
# What a trade `o` was goes into the history. No instant of it lies before another one.
_PAST = f"""
    INSERT INTO ledger_pasttrade ({_TRADE}, mae_usd, mfe_usd, booked_at, replaced_at, reason)
    SELECT {", ".join(f"o.{name}" for name in _NAMES)}, o.mae_usd, o.mfe_usd, o.booked_at,
        greatest(a.books_at, o.booked_at), coalesce(w.reason, '{Reason.GROWTH.value}')
    FROM {{0}} JOIN trader_platforms a ON a.id = o.account_id
    LEFT JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS w (account_id, contract_id, reason)
        ON w.account_id = o.account_id AND w.contract_id = o.contract_id"""  # noqa: S608
# Trades after the start that the fold did not find again. Copied ones have no fills: left alone.
_UNMAKE = f"""
WITH unmade AS (
    DELETE FROM ledger_trade t USING {_STARTS}
    WHERE t.{_OURS.format("t")} AND NOT t.is_copied
        AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
            > (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
        AND NOT EXISTS (SELECT FROM staged_trade s WHERE s.id = t.id)
    RETURNING t.*
), past AS ({_PAST.format("unmade o")}
)
SELECT {", ".join(Gone._fields[:16])} FROM unmade"""  # noqa: S608
# A trade that changes loses what its candles told of it. All parts see trades as they were.
_MAKE = f"""
WITH changed AS MATERIALIZED (
    SELECT s.*, greatest(a.books_at, t.booked_at) AS told_at, t.booked_at AS was_told_at,
        t.opened_ns AS was_opened_ns, t.closed_ns AS was_closed_ns
    FROM staged_trade s JOIN trader_platforms a ON a.id = s.account_id
    LEFT JOIN ledger_trade t ON t.account_id = s.account_id AND t.id = s.id
    WHERE t.id IS NULL OR ({", ".join(f"t.{name}" for name in _NAMES)})
        IS DISTINCT FROM ({", ".join(f"s.{name}" for name in _NAMES)})
), were AS (
    SELECT t.* FROM changed c JOIN ledger_trade t ON t.account_id = c.account_id AND t.id = c.id
    WHERE c.was_told_at IS NOT NULL
), past AS ({_PAST.format("were o")}
), made AS (
    INSERT INTO ledger_trade ({_TRADE}, booked_at) SELECT {_TRADE}, told_at FROM changed
    ON CONFLICT (account_id, id) DO UPDATE SET ({_TRADE}, booked_at, mae_usd, mfe_usd)
        = ({", ".join(f"excluded.{name}" for name in _NAMES)}, excluded.booked_at, NULL, NULL)
)
SELECT account_id, contract_id, least(opened_ns, was_opened_ns),
    greatest(closed_ns, was_closed_ns), was_told_at, least(closed_ns, was_closed_ns)
FROM changed"""  # noqa: S608
_FORGET_POSITIONS = f"""
DELETE FROM ledger_position p USING {_STARTS} WHERE p.{_OURS.format("p")}
RETURNING {", ".join(f"p.{name.strip()}" for name in _POSITION.split(","))}"""  # noqa: S608
_FORGET_DAYS = f"""
DELETE FROM ledger_dayresult d USING {_STARTS}
WHERE d.{_OURS.format("d")} AND (g.day IS NULL OR d.day >= g.day)
RETURNING {", ".join(f"d.{name.strip()}" for name in DAY_COLUMNS.split(","))}"""  # noqa: S608
# Sums of trades `t` by day. Of a copied one no fills tell what it realised on which day: all of it
# on the day of its closing.
DAY_SUMS = """
SELECT t.account_id, t.closed_on, t.contract_id, t.product_id,
    coalesce(sum(t.pnl_usd), 0)::bigint, coalesce(sum(t.gross_usd), 0)::bigint,
    coalesce(sum(t.fees_usd), 0)::bigint,
    coalesce(sum(t.pnl_usd) FILTER (WHERE t.pnl_usd > 0), 0)::bigint,
    coalesce(sum(t.pnl_usd) FILTER (WHERE t.pnl_usd < 0), 0)::bigint,
    count(t.pnl_usd), count(*) FILTER (WHERE t.outcome = 1), count(*) FILTER (WHERE t.outcome = -1),
    coalesce(sum(t.quantity) FILTER (WHERE t.pnl_usd IS NOT NULL), 0)::bigint,
    count(*) FILTER (WHERE t.pnl_usd IS NULL),
    coalesce(sum(t.pnl_usd - CASE WHEN t.is_copied THEN 0 ELSE t.earlier_usd END), 0)::bigint,
    bool_or(t.pnl_usd IS NULL)"""
_BY_DAY = "GROUP BY t.account_id, t.contract_id, t.product_id, t.closed_on"
# The start's own day also holds the trades that closed on it before the start; copied ones have no
# fills from which the fold could make their days.
_KEPT = f"""
{DAY_SUMS}
FROM {_STARTS}
JOIN ledger_trade t ON t.{_OURS.format("t")} AND t.closed_on = g.day AND NOT t.is_copied
    AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
        <= (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
{_BY_DAY}
UNION ALL
{DAY_SUMS}
FROM {_STARTS}
JOIN ledger_trade t ON t.{_OURS.format("t")} AND t.is_copied
    AND t.closed_ns >= coalesce((g.day - date '1970-01-01') * 86400000000000::bigint, g.ns)
{_BY_DAY}"""


# The clocks of two workers differ: the later instant stands.
_ADVANCE = """
UPDATE trader_platforms SET books_version = books_version + 1,
    settled_version = settled_version + (id = ANY(%s))::int, books_at = greatest(books_at, %s)
WHERE id = ANY(%s) RETURNING id, books_at"""


class Changed(NamedTuple):
    """How many trades were made, changed or unmade, and all cycles, open ones too, that were.

    gone  those among them whose id no trade and no open position has any more, as they were
    """

    trades: int
    cycles: list[Cycle]
    gone: list[Gone]


def write(
    starts: Sequence[Start], rows: Rows, places: Sequence[Place], because: Because
) -> Changed:
    """Put the fold's rows in the place of what stood behind the starts; return what changed.

    What stood there goes into the history: trades as they were, day figures that were told.

    places  the earliest of each account and contract from which on fills are others
    """
    columns = [list(column) for column in zip(*(start.place for start in starts), strict=True)]
    groups = [*columns, [start.day for start in starts]]
    with connection.cursor() as cursor:
        running = first_running(because.at)
        past = {one.account_id for one in places if is_settled(one.executed_ns, running)}
        cursor.execute(_ADVANCE, [sorted(past), because.at, sorted(set(columns[0]))])
        at = dict(cursor.fetchall())
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_trade "
            "(LIKE ledger_trade INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE staged_trade")
        _copy(cursor, f"staged_trade ({_TRADE})", rows.trades)
        cursor.execute(_FORGET_POSITIONS, groups)
        before = cursor.fetchall()
        booked = {(row[0], row[1]): row[9] for row in before}
        story = Story(because, booked)
        # Only what changes before the last booked fill can change a trade.
        reasons = story.reasons(
            one[:2] for one in places if one.executed_ns <= booked.get(one[:2], BEGINNING_NS)
        )
        why: list[list[Any]] = [
            [key[0] for key in reasons],
            [key[1] for key in reasons],
            list(reasons.values()),
        ]
        cursor.execute(_UNMAKE, [*groups, *why])
        unmade = [Gone(*row) for row in cursor.fetchall()]
        trades = [
            Cycle(one.account_id, one.contract_id, one.opened_ns, one.closed_ns) for one in unmade
        ]
        cursor.execute(_MAKE, why)
        made = cursor.fetchall()
        trades += [Cycle(*row[:4]) for row in made]
        _copy(cursor, f"ledger_position ({_POSITION})", rows.positions)
        cursor.execute(_KEPT, [*groups, *groups])
        kept = cursor.fetchall()
        cursor.execute(_FORGET_DAYS, groups)
        days_before, days = cursor.fetchall(), _merged([*kept, *rows.days])
        _copy(cursor, f"ledger_dayresult ({DAY_COLUMNS})", days)
        # That what is new is of today says nothing yet: fees, rates or names may be others too.
        moved = settled.changed_days(days_before, days, running)
        moved |= {row[0] for row in made if is_settled(row[5], running)}
        moved |= {one.account_id for one in unmade if is_settled(one.closed_ns, running)}
        settled.tell(moved - past)
        told = restated(days_before, days, at=at, story=story, told_since=_told_since(made))
        if told:
            _copy(cursor, f"ledger_restatement ({RESTATEMENT})", told)
    held = {row[0] for row in rows.trades} | {row[5] for row in rows.positions}
    gone = [one for one in unmade if one.id not in held]
    gone += positions_gone(before, held)
    return Changed(len(trades), [*trades, *_moved(before, rows.positions)], gone)


def _told_since(made: Iterable[tuple[Any, ...]]) -> dict[Key, datetime]:
    """Return when the trades that changed were booked, the earliest by account and contract."""
    since: dict[Key, datetime] = {}
    for account, contract, _, _, at, _ in made:
        if at is not None:
            since[account, contract] = min(at, since.get((account, contract), at))
    return since


def _moved(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> list[Cycle]:
    """Return the open positions that were otherwise, as they were and as they are."""
    moved = set(before).symmetric_difference(after)
    return [Cycle(row[0], row[1], row[4], None) for row in moved if row[2]]


def _copy(cursor: Any, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _merged(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Add up the lines of one account, day and contract."""
    merged: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        key, sums = row[:4], row[4:]
        if known := merged.get(key):
            *amounts, held = (a + b for a, b in zip(known, sums, strict=True))
            sums = (*amounts, bool(held))
        merged[key] = sums
    return [(*key, *sums) for key, sums in sorted(merged.items())]
