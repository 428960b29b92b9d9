"""One-minute bars into the database: COPY into a temporary table, then one upsert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction

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
    new: int = 0
    changed: int = 0
    same: int = 0


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
            f"""
            WITH latest AS (
                SELECT DISTINCT ON (contract_id, start_at) {_COLUMNS} FROM staged_bar
                ORDER BY contract_id, start_at, line DESC
            ), written AS (
                INSERT INTO futures_bar AS b ({_COLUMNS}) SELECT {_COLUMNS} FROM latest
                ON CONFLICT (contract_id, start_at) DO UPDATE
                    SET open = excluded.open, high = excluded.high, low = excluded.low,
                        close = excluded.close, volume = excluded.volume
                    WHERE (b.open, b.high, b.low, b.close, b.volume) IS DISTINCT FROM
                        (excluded.open, excluded.high, excluded.low, excluded.close,
                         excluded.volume)
                RETURNING xmax = 0 AS is_new
            )
            SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
                (SELECT count(*) FROM latest) FROM written"""  # noqa: S608  constant names
        )
        new, changed, total = cursor.fetchone()
    return StoredBars(new, changed, total - new - changed)
