"""A market that stands on the bars of a file where there are any, and on the model elsewhere."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from ingestion.simulator.listings import MONTHS, Listed, Month
from ingestion.simulator.market import PER_MINUTE, STEPS, ContractDay, ModelMarket, Ticks
from ingestion.simulator.sessions import MINUTES

COLUMNS = ("contract", "ts_open_utc", "open", "high", "low", "close", "volume")
_REACH = 9  # days that a trader looks ahead for the contract to hold


class BadBars(ValueError):
    """The file of bars cannot be used; the sentence says where."""


class RecordedMarket(ModelMarket):
    """Recorded contracts trade in the minutes that have a bar, at prices inside it."""

    def __init__(self, seed: int, files: Iterable[Path], products: dict[str, Listed]) -> None:
        super().__init__(seed)
        self._recorded: dict[str, dict[date, ContractDay]] = defaultdict(dict)
        self._months: dict[str, list[Month]] = defaultdict(list)
        for path in files:
            for (name, day), rows in _by_day(path).items():
                month = _month(name, products)
                if name not in self._recorded:
                    self._months[month.product.symbol].append(month)
                self._recorded[name][day] = _contract_day(
                    rows, month.product.tick, f"{path}: {name}"
                )

    @property
    def months(self) -> list[Month]:
        """Return every recorded contract."""
        return [month for months in self._months.values() for month in months]

    @property
    def days(self) -> list[date]:
        """Return every day with a bar, oldest first."""
        return sorted({day for days in self._recorded.values() for day in days})

    def day(self, contract: Month, day: date) -> ContractDay:
        recorded = self._recorded.get(contract.name)
        if recorded is None:
            return super().day(contract, day)
        return recorded.get(day) or _SHUT

    def front(self, product: Listed, day: date) -> Month:
        return self._busiest(product, day, 0) or super().front(product, day)

    def second(self, product: Listed, day: date) -> Month:
        return self._busiest(product, day, 1) or super().second(product, day)

    def _busiest(self, product: Listed, day: date, behind: int) -> Month | None:
        """Return the recorded contract most traded within the reach that ends on `day`."""
        volumes = [(self._volume(month, day), month) for month in self._months[product.symbol]]
        found = sorted(((volume, month.name, month) for volume, month in volumes if volume > 0))
        return found[-1 - behind][2] if len(found) > behind else None

    def _volume(self, month: Month, day: date) -> int:
        recorded = self._recorded[month.name]
        reach = (day - timedelta(days=back) for back in range(_REACH + 1))
        return sum(int(recorded[one].volume.sum()) for one in reach if one in recorded)


def _by_day(path: Path) -> dict[tuple[str, date], list[dict[str, str]]]:
    found: dict[tuple[str, date], list[dict[str, str]]] = defaultdict(list)
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(COLUMNS) - set(reader.fieldnames or ()):
            raise BadBars(f"{path} lacks the columns {', '.join(sorted(missing))}")
        for row in reader:
            at = datetime.fromisoformat(row["ts_open_utc"]).astimezone(UTC)
            row["minute"] = str(at.hour * 60 + at.minute)
            found[row["contract"], at.date()].append(row)
    return found


def _month(name: str, products: dict[str, Listed]) -> Month:
    symbol, _, month = name.partition(" ")
    if symbol not in products or month[:3] not in MONTHS or not month[3:].isdigit():
        raise BadBars(f"'{name}' is no contract of a product that we list, e.g. ES Mar26")
    return Month(products[symbol], 2000 + int(month[3:]), MONTHS.index(month[:3]) + 1)


def _contract_day(rows: list[dict[str, str]], tick: Decimal, where: str) -> ContractDay:
    """Walk open, the nearer extreme, the other one, close; ten seconds a step."""
    ticks = np.zeros((MINUTES, PER_MINUTE), dtype=np.int32)
    bars = np.zeros((4, MINUTES), dtype=np.int32)
    volume = np.zeros(MINUTES, dtype=np.int32)
    for row in rows:
        minute = int(row["minute"])
        prices = [Decimal(row[name]) / tick for name in ("open", "high", "low", "close")]
        if any(price % 1 for price in prices):
            raise BadBars(f"{where}: {row['ts_open_utc']} is off the tick of {tick}")
        begin, high, low, end = map(int, prices)
        if not 0 < low <= min(begin, end) <= max(begin, end) <= high:
            raise BadBars(f"{where}: {row['ts_open_utc']} has a high or low inside its bar")
        turns = (high, low) if high - begin <= begin - low else (low, high)
        ticks[minute] = (begin, turns[0], (begin + end) // 2, turns[1], end, end)
        ticks[minute] = np.clip(ticks[minute], low, high)
        bars[:, minute] = (begin, high, low, end)
        volume[minute] = max(1, int(row["volume"]))
    reach = [int(bars[1, at] - bars[2, at]) for at in volume.nonzero()[0]]
    return ContractDay(
        ticks=ticks.reshape(STEPS),
        opens=bars[0],
        highs=bars[1],
        lows=bars[2],
        closes=bars[3],
        volume=volume,
        swing=max(2.0, 2.0 * sum(reach) / len(reach)),
    )


def _shut() -> ContractDay:
    nothing: Ticks = np.zeros(MINUTES, dtype=np.int32)
    still: Ticks = np.zeros(STEPS, dtype=np.int32)
    return ContractDay(still, nothing, nothing, nothing, nothing, nothing, 2.0)


_SHUT = _shut()
