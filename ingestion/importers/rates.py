"""Files of daily currency rates -> our words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ingestion.importers import table
from ingestion.importers.table import BadLine, FileRefused, Line
from ingestion.parse import foreign
from ingestion.parse.foreign import Unusable


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
