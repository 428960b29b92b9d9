"""How candles are told: money as `to_cents` rounds it, minutes as instants of UTC."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from common.api.fields import to_cents, usd_of
from ledger.candles.words import Minutes
from ledger.serializers import Candles, UsdCandles, stamp

MICROS = Decimal("0.000001")
LARGEST = 2**59  # micro-USD; its cents are floats still
half = st.integers(-LARGEST // 10_000, LARGEST // 10_000).map(lambda cents: cents * 10_000 + 5_000)
beside_half = st.tuples(half, st.integers(-2, 2)).map(sum)
micros = st.one_of(st.integers(-LARGEST, LARGEST), st.integers(-20_000, 20_000), half, beside_half)


@given(st.lists(micros, max_size=30))
@example([-4_999, -5_000, -5_001, 5_000, 15_000, -15_000, 0])
@example([2**53 - 1, 1 - 2**53, 2**53 - 5_000])
@example([2**53, -(2**53)])
@example([-(2**63), 2**63 - 1])
def test_columns_are_rounded_as_single_amounts_are(amounts: list[int]) -> None:
    told = usd_of(amounts)

    slow = [to_cents(amount * MICROS) for amount in amounts]
    assert told == slow
    assert [math.copysign(1, one) for one in told] == [math.copysign(1, one) for one in slow]
    assert usd_of([amounts, amounts]) == [told, told]


@given(st.integers(-(2**31), 2**33))
def test_a_minute_is_told_as_orjson_tells_instants(second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)

    assert f'"{stamp(second)}"'.encode() == orjson.dumps(at, option=orjson.OPT_UTC_Z)


def test_candles_are_columns_beside_each_other() -> None:
    minutes = Minutes((0, 60), (0, -7), (15_000, 1), (-25_000, -9), (-7, 0))

    assert Candles().to_representation(minutes) == [
        {"datetime": "1970-01-01T00:00:00Z", "open": 0, "high": 15_000, "low": -25_000,
         "close": -7},
        {"datetime": "1970-01-01T00:01:00Z", "open": -7, "high": 1, "low": -9, "close": 0},
    ]  # fmt: skip
    assert UsdCandles().to_representation(minutes)[0] == {
        "datetime": "1970-01-01T00:00:00Z", "open": 0.0, "high": 0.02, "low": -0.02, "close": 0.0,
    }  # fmt: skip
    assert UsdCandles().to_representation(Minutes((), (), (), (), ())) == []
