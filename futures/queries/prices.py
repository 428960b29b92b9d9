"""Bars of a contract, as a chart wants them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import orjson
from django.db import connection

from common.api import Period, Refusal
from common.cache import cached
from common.fields import PRICE_PLACES
from futures.models import Contract

_SCALE = 10**PRICE_PLACES
Row = tuple[int, int, int, int, int, int]


class Timeframe(StrEnum):
    """How long a candle is."""

    MINUTE = "1min"
    FIVE_MINUTES = "5min"
    QUARTER = "15min"
    HOUR = "1hour"

    @property
    def length(self) -> timedelta:
        return _LENGTHS[self]


_LENGTHS = {
    Timeframe.MINUTE: timedelta(minutes=1),
    Timeframe.FIVE_MINUTES: timedelta(minutes=5),
    Timeframe.QUARTER: timedelta(minutes=15),
    Timeframe.HOUR: timedelta(hours=1),
}


class UnknownContract(Refusal):
    status = 404
    code = "unknown_contract"


class NoBars(Refusal):
    status = 404
    code = "no_bars"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as it is stored; `version` changes with its bars."""

    id: int
    name: str
    product: str
    product_id: int
    version: int


@dataclass(frozen=True, slots=True)
class PriceData:
    """Candles by time as a ready-made JSON list: tens of thousands of rows, made once for all."""

    count: int
    rows: msgspec.Raw


_MINUTES = """
SELECT extract(epoch FROM start_at)::bigint, open, high, low, close, volume FROM futures_bar
WHERE contract_id = %(contract)s AND start_at >= %(since)s AND start_at < %(until)s
ORDER BY start_at"""
# Both aggregates share one order, so that the server sorts once. 1970 began a day, an hour and so
# on, which puts every grid on the UTC clock.
_BINS = """
SELECT extract(epoch FROM date_bin(%(length)s, start_at, '1970-01-01 00:00+00'))::bigint AS bin,
    (array_agg(open ORDER BY start_at))[1], max(high), min(low),
    (array_agg(close ORDER BY start_at))[count(*)], sum(volume)::bigint
FROM futures_bar
WHERE contract_id = %(contract)s AND start_at >= %(since)s AND start_at < %(until)s
GROUP BY 1 ORDER BY 1"""


def contract_named(name: str) -> ContractRow:
    """Return the contract of that name, whatever the case of its letters. 1 query."""
    found = Contract.objects.filter(name__iexact=name).values_list(
        "id", "name", "product__symbol", "product_id", "bars_version"
    )
    rows = [ContractRow(*row) for row in found]
    if not rows:
        raise UnknownContract(f"There is no contract {name}; names are like ES Mar26")
    return next((row for row in rows if row.name == name), rows[0])


@cached(ttl="futures-price-data")
def price_data(*, contract: ContractRow, period: Period, timeframe: Timeframe) -> PriceData:
    """Return the candles of the period's UTC days by time. 1 query; 2 where there is none.

    contract   its version is part of the cache key
    timeframe  above a minute: first open, highest high, lowest low, last close, summed volume of
               the minutes from 00:00 UTC on; without any minute there is no candle
    """
    since, until = period.instants
    given: dict[str, Any] = {
        "contract": contract.id, "since": since, "until": until, "length": timeframe.length,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MINUTES if timeframe == Timeframe.MINUTE else _BINS, given)
        rows: list[Row] = cursor.fetchall()
        if not rows:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM futures_bar WHERE contract_id = %s)", [contract.id]
            )
            if not cursor.fetchone()[0]:
                raise NoBars(
                    f"There is no price data of {contract.name} here; a development database has "
                    "none at all: ask production"
                )
    return PriceData(len(rows), msgspec.Raw(_written(rows)))


def _written(rows: Iterable[Row]) -> bytes:
    """Write (epoch seconds, open, high, low, close in nanopoints, volume) as JSON objects."""
    columns = list(zip(*rows, strict=True)) or [()] * 6
    seconds = np.array(columns[0], dtype="datetime64[s]")
    # Whole numbers are divided as they are: the nearest that JSON can tell, to the last digit.
    prices = [[price / _SCALE for price in column] for column in columns[1:5]]
    return orjson.dumps(
        [
            {"datetime": at, "open": first, "high": high, "low": low, "close": last, "volume": many}
            for at, first, high, low, last, many in zip(
                np.datetime_as_string(seconds, timezone="UTC").tolist(), *prices, columns[5],
                strict=True,
            )
        ]
    )  # fmt: skip
