"""Files of one-minute bars and of daily currency rates -> our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path

from ingestion.importers import table
from ingestion.importers.instants import day_of, nanoseconds, zone_named
from ingestion.importers.table import BadLine, FileRefused, Line
from ingestion.parse import contract_names, foreign
from ingestion.parse.foreign import Unusable
from ingestion.parse.tt import check_bar
from ingestion.providers.base import Bar

TickSize = Callable[[str], Decimal | None]

_CONTRACT = ("contract", "symbol", "instrument")
_UTC_START = ("tsopenutc", "startutc", "timeutc", "opentimeutc")
_START = ("startat", "start", "tsopen", "opentime", "timestamp", "ts", "time", "datetime", "date")
_PRICES = (("open", "o"), ("high", "h"), ("low", "l"), ("close", "c"))
_VOLUME = ("volume", "vol", "v")
_MINUTE_NS = 60_000_000_000


def read_bars(
    source: Path | str,
    *,
    contract: str | None = None,
    timezone: str | None = None,
    tick_size: TickSize | None = None,
) -> Iterator[Bar | BadLine]:
    """Give out the bars of a CSV file line by line, and its bad lines with reason and number.

    Columns: contract, ts_open_utc (or another name of the start), open, high, low, close, volume.
    A bar is refused that contradicts itself, does not start a minute, comes twice, or comes
    before an earlier one of its contract: bars of one contract run upwards in time.

    contract   for files without that column
    timezone   of starts without a zone, unless their header says UTC
    tick_size  contract -> tick size (None: unknown); prices off the tick are refused
    raises     FileRefused
    """
    zone = zone_named(timezone)
    latest: dict[str, datetime] = {}
    names: dict[str, str] = {}
    with table.opened(source) as read:
        missing = [
            columns[0]
            for columns in (_UTC_START + _START, *_PRICES, _VOLUME)
            if read.headers.isdisjoint(columns)
        ]
        if contract is None and read.headers.isdisjoint(_CONTRACT):
            missing.insert(0, "contract")
        if missing:
            raise FileRefused(f"a file of bars needs the columns {', '.join(missing)}")
        for line in read.lines:
            if isinstance(line, BadLine):
                yield line
                continue
            try:
                bar = _bar(line, contract, zone, names)
                check_bar(bar, tick_size(bar.contract) if tick_size else None)
                before = latest.get(bar.contract)
                if before is not None and bar.start_at <= before:
                    when = "twice" if bar.start_at == before else f"after {before:%Y-%m-%dT%H:%MZ}"
                    raise Unusable(f"{bar.contract} {bar.start_at:%Y-%m-%dT%H:%MZ} comes {when}")
            except Unusable as reason:
                yield line.refused(str(reason))
                continue
            latest[bar.contract] = bar.start_at
            yield bar


def _bar(line: Line, contract: str | None, zone: tzinfo | None, names: dict[str, str]) -> Bar:
    told = line.get(*_UTC_START)
    start = nanoseconds(told, UTC) if told else nanoseconds(line.need(*_START), zone)
    if start % _MINUTE_NS:
        raise Unusable("the bar does not start a minute")
    name = line.get(*_CONTRACT) or contract
    if name is None:
        raise Unusable("contract is missing")
    # A one-digit year depends on the day; all other names are read once.
    if name not in names or name[-2:-1].isalpha():
        try:
            names[name] = contract_names.tt_form(name, on=day_of(start))
        except contract_names.UnknownName as reason:
            raise Unusable(str(reason)) from None
    prices = [foreign.price(line.need(*columns), columns[0]) for columns in _PRICES]
    return Bar(
        contract=names[name],
        start_at=datetime.fromtimestamp(start // 1_000_000_000, UTC),
        open=prices[0],
        high=prices[1],
        low=prices[2],
        close=prices[3],
        volume=foreign.whole(line.need(*_VOLUME), "volume"),
    )


@dataclass(frozen=True, slots=True)
class FxRate:
    """USD for one unit of a currency on one UTC day."""

    day: date
    currency: str
    usd_per_unit: Decimal


def read_fx(source: Path | str) -> Iterator[FxRate | BadLine]:
    """Give out daily rates of a CSV file: date, currency, usd_per_unit. Raises FileRefused.

    A rate is above zero and kept with ten decimals; a day and currency come once.
    """
    seen: set[tuple[date, str]] = set()
    with table.opened(source) as read:
        needed = (("date", "day"), ("currency",), ("usdperunit", "rate"))
        if missing := [columns[0] for columns in needed if read.headers.isdisjoint(columns)]:
            raise FileRefused(f"a file of rates needs the columns {', '.join(missing)}")
        for line in read.lines:
            if isinstance(line, BadLine):
                yield line
                continue
            try:
                rate = _rate(line)
                if (rate.day, rate.currency) in seen:
                    raise Unusable(f"{rate.currency} comes twice on {rate.day}")
            except Unusable as reason:
                yield line.refused(str(reason))
                continue
            seen.add((rate.day, rate.currency))
            yield rate


def _rate(line: Line) -> FxRate:
    told = line.need("date", "day")
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise Unusable(f"no such day: {told[:40]!r} (write 2026-03-02)") from None
    currency = line.need("currency").upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise Unusable(f"currency is no three-letter code: {currency[:40]!r}")
    return FxRate(day, currency, foreign.rate(line.need("usdperunit", "rate"), "usd_per_unit"))
