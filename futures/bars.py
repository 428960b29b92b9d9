"""One-minute bars into the database: binary COPY into a temporary table, then one statement.

The table is cut by UTC month: what is read and written stays within a month or two, whose index
fits in memory, and an old month is moved or dropped whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from common import locks
from common.fields import PRICE_PLACES, to_scaled

Column: TypeAlias = npt.NDArray[np.int64]

_NAMES = ("contract_id", "start_at", "open", "high", "low", "close", "volume")
_COLUMNS = ", ".join(_NAMES)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_MINUTES_A_DAY = 1440
_MINUTES_TO_2000 = 15_778_080  # PostgreSQL counts its microseconds from there
_STAGED = (*_NAMES, "day")
_ROW = np.dtype(
    [("cells", ">i2"), *(one for name in _STAGED for one in ((f"{name}#", ">i4"), (name, ">i8")))]
)


class NewBar(NamedTuple):
    """One minute, stamped at its start; prices in contract points."""

    contract_id: int
    start_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(frozen=True, slots=True, eq=False)
class BarColumns:
    """One-minute bars, seven int64 columns of shape (bars,), in any order.

    contract  id
    minute    of the start, minutes since 1970
    prices    nanopoints (1e-9 points)
    volume    contracts
    """

    contract: Column
    minute: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    @classmethod
    def of(cls, bars: Iterable[NewBar]) -> BarColumns:
        """Turn bars into columns. ValueError: a price too fine, a start within a minute."""
        rows = [
            (
                bar.contract_id,
                _minute_of(bar.start_at),
                *(to_scaled(price, PRICE_PLACES) for price in bar[2:6]),
                bar.volume,
            )
            for bar in bars
        ]
        return cls(*np.array(rows, np.int64).reshape(-1, len(_NAMES)).T)

    def __len__(self) -> int:
        return len(self.minute)

    def __getitem__(self, rows: Any) -> BarColumns:
        """Return these rows: a mask, a slice or numbers, as NumPy takes them."""
        return BarColumns(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class StoredBars:
    """How many minutes were new, changed, known; `touched`: contracts and UTC days that changed."""

    new: int = 0
    changed: int = 0
    same: int = 0
    touched: tuple[tuple[int, date], ...] = ()


# The earlier row beside each, because a partitioned table does not tell inserts from updates.
# The bounds keep the planner to these months and contracts.
_STORE = f"""
WITH told AS MATERIALIZED (
    SELECT s.*, b.contract_id IS NULL AS is_new FROM staged_bar s
    LEFT JOIN futures_bar b ON b.contract_id = s.contract_id AND b.start_at = s.start_at
        AND b.start_at BETWEEN %(first)s AND %(last)s AND b.contract_id = ANY(%(contracts)s)
    WHERE (b.open, b.high, b.low, b.close, b.volume)
        IS DISTINCT FROM (s.open, s.high, s.low, s.close, s.volume)
), added AS (
    INSERT INTO futures_bar ({_COLUMNS}) SELECT {_COLUMNS} FROM told WHERE is_new
), mended AS (
    UPDATE futures_bar b
    SET open = t.open, high = t.high, low = t.low, close = t.close, volume = t.volume
    FROM told t WHERE NOT t.is_new AND b.contract_id = t.contract_id AND b.start_at = t.start_at
        AND b.start_at BETWEEN %(first)s AND %(last)s AND b.contract_id = ANY(%(contracts)s)
)
SELECT contract_id, date '1970-01-01' + day::int, count(*) FILTER (WHERE is_new), count(*)
FROM told GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  constant names


@transaction.atomic
def store_bars(bars: Iterable[NewBar] | BarColumns) -> StoredBars:
    """Write bars; of two for one minute the later one stands.

    Holds its contracts until the transaction ends, so that of two writers of one contract the
    second sees what the first wrote. Call it once in a transaction: two that take contracts in
    turns would wait for each other. ValueError: too fine; LookupError: no such contract.
    """
    latest = _latest(bars if isinstance(bars, BarColumns) else BarColumns.of(bars))
    if not len(latest):
        return StoredBars()
    with connection.cursor() as cursor:
        contracts = np.unique(latest.contract).tolist()
        _hold(cursor, contracts)
        _open_months(cursor, latest.minute)
        _stage(cursor, latest)
        first, last = _at(latest.minute.min()), _at(latest.minute.max())
        cursor.execute(_STORE, {"first": first, "last": last, "contracts": contracts})
        days = cursor.fetchall()
        if days:
            cursor.execute(
                "UPDATE futures_contract SET bars_version = bars_version + 1 WHERE id = ANY(%s)",
                [sorted({contract for contract, _, _, _ in days})],
            )
    new, written = sum(row[2] for row in days), sum(row[3] for row in days)
    touched = tuple((contract, day) for contract, day, _, _ in days)
    return StoredBars(new, written - new, len(latest) - written, touched)


def _latest(bars: BarColumns) -> BarColumns:
    """Return the bars by contract and minute, of each minute the last."""
    by_key = bars[np.lexsort((bars.minute, bars.contract))]
    same = (by_key.contract[1:] == by_key.contract[:-1]) & (by_key.minute[1:] == by_key.minute[:-1])
    return by_key[np.append(~same, True)] if same.any() else by_key


def _hold(cursor: Any, contracts: list[int]) -> None:
    """Lock the contracts, in order against deadlocks; fills may point at them meanwhile."""
    cursor.execute(
        "SELECT id FROM futures_contract WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [contracts],
    )
    if missing := set(contracts) - {row[0] for row in cursor.fetchall()}:
        raise LookupError(f"there is no contract {min(missing)}")


def _stage(cursor: Any, bars: BarColumns) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS staged_bar (contract_id bigint, start_at "
        "timestamptz, open bigint, high bigint, low bigint, close bigint, volume bigint, "
        "day bigint) ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE staged_bar")
    rows = np.zeros(len(bars), _ROW)
    rows["cells"] = len(_STAGED)
    for name in _STAGED:
        rows[f"{name}#"] = 8
    for name, field in zip(_NAMES, fields(bars), strict=True):
        rows[name] = getattr(bars, field.name)
    rows["start_at"] = (bars.minute - _MINUTES_TO_2000) * 60_000_000
    rows["day"] = bars.minute // _MINUTES_A_DAY
    with cursor.copy("COPY staged_bar FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")
    cursor.execute("ANALYZE staged_bar")  # else the planner guesses, and reads whole months


def _open_months(cursor: Any, minutes: Column) -> None:
    """Make the partitions that are missing; beside readers and writers, for attaching locks little.

    Two writers of one new month: the second waits, looks again and finds it.
    """
    months = np.unique((minutes * 60).astype("datetime64[s]").astype("datetime64[M]"))
    wanted = {f"futures_bar_{month}".replace("-", "_"): month for month in months}
    if wanted.keys() <= _months(cursor):
        return
    locks.hold("futures", "bars")
    for name in sorted(wanted.keys() - _months(cursor)):
        first, after = wanted[name], wanted[name] + 1
        cursor.execute(f"CREATE TABLE {name} (LIKE futures_bar INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE futures_bar ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{first}-01 00:00+00') TO ('{after}-01 00:00+00')"
        )


def _months(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'futures_bar'::regclass"
    )
    return {row[0] for row in cursor.fetchall()}


def _minute_of(at: datetime) -> int:
    minute, rest = divmod(at - _EPOCH, _MINUTE)
    if rest:
        raise ValueError(f"{at.isoformat()} does not start a minute")
    return minute


def _at(minute: Any) -> datetime:
    return _EPOCH + int(minute) * _MINUTE
