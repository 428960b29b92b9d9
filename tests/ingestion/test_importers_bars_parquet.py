"""Files of bars in Parquet: whatever their types, and what is wrong with a row."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.importers import blocks
from ingestion.importers.table import FileRefused
from tests.ingestion.test_importers_bars import FIRST, PRICES, read


def parquet(path, **given) -> Path:
    plain = {
        "contract": ["ES Mar26"], "ts": [FIRST], "open": [5000.0], "high": [5001.0],
        "low": [4999.0], "close": [5000.25], "volume": [7],
    }  # fmt: skip
    pq.write_table(pa.table({**plain, **given}), path)
    return path


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ts": pa.array([FIRST], pa.timestamp("ns", "America/Chicago"))},
        {"ts": pa.array([FIRST.replace(tzinfo=None) - timedelta(hours=6)], pa.timestamp("us"))},
        {"ts": [1772460000000000000]},
        {"ts": ["2026-03-02T14:00:00Z"]},
        {"contract": pa.array(["ES Mar26"]).dictionary_encode()},
        {"close": pa.array([5000.25], pa.float32())},
        {"close": pa.array([Decimal("5000.25")], pa.decimal128(30, 18))},
        {"close": ["5000.25"], "volume": pa.array([7.0])},
    ],
)
def test_parquet_of_many_types(tmp_path, given):
    path = parquet(tmp_path / "bars.parquet", **given)
    found = read(path, timezone="America/Chicago")
    assert found == ([("ES Mar26", FIRST, *PRICES, 7)], [], 1)


def test_parquet_says_which_row_is_bad_and_why(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "AT_ONCE", 2)
    at = [FIRST + timedelta(minutes=minute) for minute in range(6)]
    many = {name: [value] * 6 for name, value in (("contract", "ES Mar26"), ("volume", 7))}
    path = parquet(
        tmp_path / "bars.parquet", **many, ts=at, open=[5000.0] * 6, high=[5001.0] * 6,
        low=[4999.0] * 6, close=[5000.0, float("nan"), None, 0.1 + 0.2, 1e300, 5000.0],
    )  # fmt: skip
    found = read(path)
    assert found.minutes == [0, 5]
    assert found.bad == [
        (2, "close is not finite: nan"),
        (3, "close is missing"),
        (4, "close is finer than 0.000000001: 0.30000000000000004"),
        (5, "close is not a number: 1e+300"),
    ]


def test_what_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "bars.parquet"
    path.write_text("contract,open\n")
    with pytest.raises(FileRefused, match="no Parquet"):
        read(path)
    with pytest.raises(FileRefused, match="cannot be opened"):
        read(tmp_path / "none.parquet")
    with pytest.raises(FileRefused, match="type that cannot be read"):
        read(parquet(path, open=[[1]]))
