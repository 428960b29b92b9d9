"""One-minute bars into the database: COPY into a temporary table, then one upsert.

The table is cut by UTC month: what is read and written stays within a month or two, whose index
fits in memory, and an old month is moved or dropped whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from common import locks
from common.fields import PRICE_PLACES, to_scaled

_COLUMNS = "contract_id, start_at, open, high, low, close, volume"


class NewBar(NamedTuple):
    """One minute, stamped at its start; prices in contract points."""

    contract_id: int
    start_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(frozen=True, slots=True)
class StoredBars:
    """How many minutes were new, changed, known; `touched`: contracts and UTC days that changed."""

    new: int = 0
    changed: int = 0
    same: int = 0
    touched: tuple[tuple[int, date], ...] = ()


# The earlier row beside each, because a partitioned table does not tell inserts from updates.
_LATEST = f"""
CREATE TEMPORARY TABLE latest_bar ON COMMIT DROP AS
SELECT s.*, b.contract_id IS NULL AS is_new FROM (
    SELECT DISTINCT ON (contract_id, start_at) {_COLUMNS} FROM staged_bar
    ORDER BY contract_id, start_at, line DESC
) s LEFT JOIN futures_bar b ON b.contract_id = s.contract_id AND b.start_at = s.start_at
    AND b.start_at BETWEEN %s AND %s
WHERE (b.open, b.high, b.low, b.close, b.volume)
    IS DISTINCT FROM (s.open, s.high, s.low, s.close, s.volume)"""  # noqa: S608  constant names
_UPSERT = f"""
INSERT INTO futures_bar ({_COLUMNS}) SELECT {_COLUMNS} FROM latest_bar
ON CONFLICT (contract_id, start_at) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume"""  # noqa: S608  constant names
_TOUCHED = """
SELECT contract_id, (start_at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE is_new), count(*)
FROM latest_bar GROUP BY 1, 2 ORDER BY 1, 2"""


@transaction.atomic
def store_bars(bars: Iterable[NewBar]) -> StoredBars:
    """Write bars; of two for one minute the later one of the list stands. ValueError: too fine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_bar (contract_id bigint, start_at "
            "timestamptz, open bigint, high bigint, low bigint, close bigint, volume bigint, "
            "line bigint) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE staged_bar")
        with cursor.copy(f"COPY staged_bar ({_COLUMNS}, line) FROM STDIN") as copy:
            for line, bar in enumerate(bars):
                prices = (to_scaled(price, PRICE_PLACES) for price in bar[2:6])
                copy.write_row((bar.contract_id, bar.start_at, *prices, bar.volume, line))
        cursor.execute(
            "SELECT min(start_at), max(start_at), count(DISTINCT (contract_id, start_at)) "
            "FROM staged_bar"
        )
        first, last, total = cursor.fetchone()
        if not total:
            return StoredBars()
        _open_months(cursor)
        cursor.execute("DROP TABLE IF EXISTS latest_bar")
        cursor.execute(_LATEST, [first, last])
        cursor.execute(_UPSERT)
        cursor.execute(_TOUCHED)
        days = cursor.fetchall()
        new, written = sum(row[2] for row in days), sum(row[3] for row in days)
        touched = tuple((contract, day) for contract, day, _, _ in days)
        cursor.execute(
            "UPDATE futures_contract SET bars_version = bars_version + 1 WHERE id = ANY(%s)",
            [sorted({contract for contract, _ in touched})],
        )
    return StoredBars(new, written - new, total - written, touched)


def _open_months(cursor: Any) -> None:
    """Make the partitions that the staged bars lack; beside readers, for attaching locks little."""
    cursor.execute(
        "SELECT DISTINCT date_trunc('month', start_at AT TIME ZONE 'UTC')::date FROM staged_bar m "
        "WHERE to_regclass('futures_bar_' || to_char(m.start_at AT TIME ZONE 'UTC', 'YYYY_MM')) "
        "IS NULL ORDER BY 1"
    )
    missing = [row[0] for row in cursor.fetchall()]
    if not missing:
        return
    locks.hold("futures", "bars")
    for first in missing:
        after = (first + timedelta(days=32)).replace(day=1)
        name = f"futures_bar_{first:%Y_%m}"
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute(f"CREATE TABLE {name} (LIKE futures_bar INCLUDING ALL)")
            cursor.execute(
                f"ALTER TABLE futures_bar ATTACH PARTITION {name} "
                f"FOR VALUES FROM ('{first} 00:00+00') TO ('{after} 00:00+00')"
            )
