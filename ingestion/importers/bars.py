"""Files of one-minute bars -> columns of bars, and the lines that cannot be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from common.clock import to_ns
from common.fields import PRICE_PLACES, from_scaled, to_scaled
from futures.bars import BarColumns
from ingestion.importers import blocks, columns
from ingestion.importers.blocks import Block
from ingestion.importers.columns import Column, Mask
from ingestion.importers.instants import day_of, nanoseconds, zone_named
from ingestion.importers.seen import Seen
from ingestion.importers.table import BadLine, FileRefused, Line, spelled
from ingestion.parse import contract_names, foreign
from ingestion.parse.foreign import Unusable

_HEADERS = {
    "contract": ("contract", "symbol", "instrument", "ticker", "rawsymbol"),
    "start": (
        "tsopenutc", "startutc", "timeutc", "opentimeutc", "startat", "start", "tsopen",
        "opentime", "timestamp", "tsevent", "windowstart", "ts", "datetime", "time", "date",
    ),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c", "last"),
    "volume": ("volume", "vol", "v"),
}  # fmt: skip
ROLES = tuple(_HEADERS)
_PRICES = ROLES[2:6]
_EITHER = {"rtype", "publisherid"}
_MINUTE_NS = 60 * columns.NS


@dataclass(frozen=True, slots=True)
class Listed:
    """A contract that bars may be stored for.

    tick          nanopoints; 0 = not known
    first, after  minutes since 1970: its bars start in [first, after)
    """

    contract_id: int
    tick: int
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of a file: so many read, the bars in them, and those that cannot be kept."""

    read: int
    bars: BarColumns
    bad: list[BadLine]


Listing: TypeAlias = Callable[[str, date], Listed | str]
"""A contract's name in TT's form, and a day it traded -> the contract, or why there is none."""


def read_bars(
    source: Path | str,
    *,
    listing: Listing,
    until: datetime,
    contract: str | None = None,
    timezone: str | None = None,
    stamp: Literal["start", "end"] = "start",
    prices: Literal["points", "nano"] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Batch]:
    """Give out the bars of a file of CSV, CSV in .gz or Parquet, block by block.

    Lines may come in any order: what is stored does not depend on it. A minute of a contract that
    comes again is refused, whatever it says: the first one stands.

    until     a bar whose minute ends later is not over, and refused
    contract  for files without that column
    timezone  of times without a zone, unless their header ends in UTC
    stamp     "end": times are ends, a minute after the starts
    prices    "nano": whole numbers of 0.000000001 points; None: points, but not for files that
              write either and do not tell
    mapping   role -> header, where the headers are not found by themselves; roles: ROLES
    raises    FileRefused
    """
    zone = zone_named(timezone)
    with blocks.opened(source) as file:
        if prices is None and set(file.headers) >= _EITHER:
            raise FileRefused(
                "Databento writes prices in points or in 0.000000001 points, and the file does not "
                "tell which: say --prices points (pretty_px was on) or --prices nano"
            )
        found = _headers(set(file.headers), dict(mapping or {}), contract)
        reading = _Reading(
            found, contract, zone, stamp == "end", prices == "nano", listing, to_ns(until)
        )
        wanted = [header for headers in found.values() for header in headers]
        for block in file.read(wanted):
            yield reading.batch(block)


def _headers(
    there: set[str], mapping: dict[str, str], contract: str | None
) -> dict[str, tuple[str, ...]]:
    """Return the headers of each role; a start may be in two, date and time."""
    found: dict[str, tuple[str, ...]] = {}
    missing = []
    for role, names in _HEADERS.items():
        if role in mapping:
            names = tuple(spelled(part) for part in mapping[role].split("+"))
            if absent := [name for name in names if name not in there]:
                raise FileRefused(f"there is no column {absent[0]} for {role}")
            found[role] = names
        elif role == "start" and {"date", "time"} <= there and there.isdisjoint(names[:-2]):
            found[role] = ("date", "time")
        elif one := next((name for name in names if name in there), None):
            found[role] = (one,)
        elif not (role == "contract" and contract):
            missing.append(names[0])
    if missing:
        raise FileRefused(
            f"a file of bars needs the columns {', '.join(missing)}; name others with --columns, "
            "e.g. --columns open=o,start=ts"
            + ("; without a contract column say --contract" if "contract" in missing else "")
        )
    return found


class _Reading:
    """One file being read: what is known of its contracts, and which minutes have come."""

    def __init__(
        self,
        headers: dict[str, tuple[str, ...]],
        contract: str | None,
        zone: tzinfo | None,
        is_end: bool,
        is_nano: bool,
        listing: Listing,
        until_ns: int,
    ) -> None:
        self._headers = headers
        self._contract = contract
        self._zone = UTC if headers["start"][-1].endswith("utc") else zone
        self._is_end = is_end
        self._is_nano = is_nano
        self._listing = listing
        self._until_ns = until_ns
        self._names: dict[tuple[str, int], Listed | str] = {}
        self._seen = Seen()

    def batch(self, block: Block) -> Batch:
        rows = _Rows(block, self._headers)
        self._read(rows)
        ns, step = rows.numbers["start"], _MINUTE_NS if self._is_end else 0
        rows.refuse(ns % _MINUTE_NS != 0, "the bar does not start a minute")
        rows.refuse(ns - step + _MINUTE_NS > self._until_ns, "the bar's minute is not over yet")
        minute = (ns - step) // _MINUTE_NS
        opened, high, low, close = (rows.numbers[role] for role in _PRICES)
        holds = (low <= np.minimum(opened, close)) & (np.maximum(opened, close) <= high)
        rows.refuse(~holds, "high and low do not hold the open and the close")
        rows.refuse(rows.numbers["volume"] < 0, "the volume is negative")
        contracts = self._listed(rows, minute)
        again = self._seen.again(contracts[rows.good], minute[rows.good])
        repeated = np.zeros(len(rows.good), np.bool_)
        repeated[np.flatnonzero(rows.good)[again]] = True
        rows.refuse(repeated, "its minute has come before in the file")
        bars = BarColumns(contracts, minute, opened, high, low, close, rows.numbers["volume"])
        bad = sorted((*block.bad, *rows.bad()), key=lambda line: line.line)
        return Batch(len(block.numbers) + len(block.bad), bars[rows.good], bad)

    def _read(self, rows: _Rows) -> None:
        """Turn text into numbers: plain cells as columns, all others one by one."""
        read: Mask = np.ones(len(rows.good), np.bool_)
        readers: dict[str, Any] = {"start": lambda text: columns.instants(text, self._zone)}
        prices = columns.nanopoints if self._is_nano else columns.prices
        readers |= dict.fromkeys(_PRICES, prices) | {"volume": columns.wholes}
        for role, reader in readers.items():
            rows.numbers[role], mask = reader(rows.text[role])
            read &= mask
        for row in np.flatnonzero(~read).tolist():
            try:
                for role in readers:
                    rows.numbers[role][row] = self._strictly(role, rows.text[role][row].as_py())
            except Unusable as reason:
                rows.refuse_one(row, str(reason))

    def _strictly(self, role: str, text: str) -> int:
        if not text:
            raise Unusable(f"{role} is missing")
        if role == "start":
            return columns.stamp(text) or nanoseconds(text, self._zone)
        if role == "volume" or self._is_nano:
            number = foreign.whole(text, role)
            if abs(number) > foreign.INT64_MAX:
                raise Unusable(f"{role} is out of range: {text[:40]}")
            return number
        return to_scaled(foreign.price(text, role), PRICE_PLACES)

    def _listed(self, rows: _Rows, minute: Column) -> Column:
        """Return the contract's id of each row, and refuse what does not fit its contract."""
        if "contract" in rows.text:
            text = pc.if_else(pc.equal(rows.text["contract"], ""), self._contract or "",
                              rows.text["contract"])  # fmt: skip
            coded = text.dictionary_encode()
            names, which = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)
        else:
            names, which = [self._contract or ""], np.zeros(len(minute), np.int64)
        found = np.zeros((4, len(minute)), np.int64)
        # The decade of a one-digit year depends on the month; rows of both are looked at together.
        months = (minute * 60).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        keys = which * 100_000 + months
        for key in np.unique(keys[rows.good]).tolist():
            mine = rows.good & (keys == key)
            name = names[key // 100_000]
            listed = self._asked(name, key % 100_000, int(minute[mine.argmax()]))
            if isinstance(listed, str):
                rows.refuse(mine, listed)
            else:
                found[:, mine] = np.array([[getattr(listed, f.name)] for f in fields(listed)])
                rows.refuse(
                    mine & ((minute < listed.first) | (minute >= listed.after)),
                    f"{name} is not traded then",
                )
        ids: Column = found[0]
        ticks = np.maximum(found[1], 1)
        off = np.zeros(len(minute), np.bool_)
        for role in _PRICES:
            off |= rows.numbers[role] % ticks != 0
        for tick in np.unique(ticks[off & rows.good]).tolist():
            shown = f"{from_scaled(tick, PRICE_PLACES).normalize():f}"
            rows.refuse(off & (ticks == tick), f"a price is off the tick of {shown}")
        return ids

    def _asked(self, name: str, month: int, minute: int) -> Listed | str:
        """Return what the house says of a name; asked once, and each month of "ESH6"."""
        if not name:
            return "contract is missing"
        key = name, month if name[-2:-1].isalpha() else 0
        if key not in self._names:
            day = day_of(minute * _MINUTE_NS)
            try:
                self._names[key] = self._listing(contract_names.tt_form(name, on=day), day)
            except contract_names.UnknownName as reason:
                self._names[key] = str(reason)
        return self._names[key]


class _Rows:
    """A block's rows on their way: text, numbers, and why some are refused."""

    def __init__(self, block: Block, headers: dict[str, tuple[str, ...]]) -> None:
        self._block = block
        self.text: dict[str, pa.Array] = {
            role: block.cells[names[0]]
            if len(names) == 1
            else pc.binary_join_element_wise(*(block.cells[name] for name in names), " ")
            for role, names in headers.items()
        }
        self.numbers: dict[str, Column] = {}
        self.good: Mask = np.ones(len(block.numbers), np.bool_)
        self._reasons: dict[int, str] = {}

    def refuse(self, rows: Mask, reason: str) -> None:
        """Refuse those of the rows that are still good."""
        for row in np.flatnonzero(rows & self.good).tolist():
            self.refuse_one(row, reason)

    def refuse_one(self, row: int, reason: str) -> None:
        self.good[row] = False
        self._reasons[row] = reason

    def bad(self) -> Iterator[BadLine]:
        for row, reason in self._reasons.items():
            cells = {name: text[row].as_py() for name, text in self._block.cells.items()}
            yield Line(self._block.numbers[row], cells).refused(reason)
