"""Files of bars: read in columns, and every line that cannot be kept says why."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.importers import blocks, columns
from ingestion.importers.bars import Listed, read_bars
from ingestion.importers.seen import Seen
from ingestion.importers.table import FileRefused
from ingestion.parse import foreign
from ingestion.parse.foreign import Unusable

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "bars"
HEADER = "contract,ts_open_utc,open,high,low,close,volume\n"
FIRST = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
QUARTER = 250_000_000
PRICES = (Decimal(5000), Decimal(5001), Decimal(4999), Decimal("5000.25"))


class Read(NamedTuple):
    """A file: its bars as (contract, start, four prices, volume), its bad lines, lines read."""

    bars: list[tuple]
    bad: list[tuple[int, str]]
    read: int

    @property
    def minutes(self) -> list[int]:
        return [int((bar[1] - FIRST) / timedelta(minutes=1)) for bar in self.bars]


def read(source, *, tick=QUARTER, until=UNTIL, **options) -> Read:
    names: list[str] = []

    def listing(name: str, on: date) -> Listed | str:
        if name.startswith("QQX"):
            return "product QQX is not known"
        if name not in names:
            names.append(name)
        first, after = (
            int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60 for year in (2000, 2027)
        )
        return Listed(names.index(name), tick, first, after)

    found = Read([], [], 0)
    total = 0
    for batch in read_bars(source, listing=listing, until=until, **options):
        total += batch.read
        found.bad.extend((line.line, line.reason) for line in batch.bad)
        bars = batch.bars
        for row in range(len(bars)):
            start = datetime.fromtimestamp(int(bars.minute[row]) * 60, UTC)
            told = [
                Decimal(int(column[row])).scaleb(-9)
                for column in (bars.open, bars.high, bars.low, bars.close)
            ]
            found.bars.append((names[bars.contract[row]], start, *told, int(bars.volume[row])))
    return found._replace(read=total)


def line(minute=0, contract="ES Mar26", prices="5000,5001,4999,5000.25", volume="7"):
    return f"{contract},2026-03-02T14:{minute:02d}:00Z,{prices},{volume}\n"


def timed(at: str, header="time", zone=None, **options) -> Read:
    text = f"contract,{header},open,high,low,close,volume\nES Mar26,{at},1,1,1,1,1\n"
    return read(text, timezone=zone, **options)


@pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data beside the project")
@pytest.mark.parametrize(
    ("contract", "file", "count", "tick"),
    [
        ("ES Dec13", "lean_ES_Dec13.csv.gz", 16673, "0.25"),
        ("ES Mar14", "lean_ES_Mar14.csv.gz", 5116, "0.25"),
        ("GC Dec13", "lean_GC_Dec13.csv.gz", 6687, "0.1"),
        ("FESX Jun24", "lean_FESX_Jun24.csv.gz", 2528, "1"),
    ],
)
def test_real_bars(contract, file, count, tick):
    found = read(DATA / file, tick=int(Decimal(tick).scaleb(9)))
    assert (len(found.bars), found.bad, found.read) == (count, [], count)
    assert {bar[0] for bar in found.bars} == {contract}


def test_a_bar():
    assert read(HEADER + line()).bars == [("ES Mar26", FIRST, *PRICES, 7)]


def test_other_headers_names_and_zones(tmp_path):
    path = tmp_path / "bars.csv.gz"
    with gzip.open(path, "wt") as stream:
        stream.write("Time;Open;High;Low;Close;Vol\n2026-03-02 08:00;-1;0.5;-37.63;0;1.0\n")
    ((name, at, _, _, low, _, volume),) = read(
        path, contract="CLK6", timezone="America/Chicago", tick=0
    ).bars
    assert (name, at, low, volume) == ("CL May26", FIRST, Decimal("-37.63"), 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(5), "its minute has come before in the file"),
        (line(5, prices="1,1,1,1"), "its minute has come before in the file"),
        (line(6, prices="5000,5001,4999,nan"), "close is not finite: nan"),
        (line(6, prices="inf,5001,4999,5000"), "open is not finite: inf"),
        (line(6, prices="5000,5001,4999,1e400"), "close is not a number: 1e400"),
        (line(6, prices="5000,5001,4999,99999999999"), "close is out of range: 99999999999"),
        (line(6, prices="5000,4999,4998,4999"), "high and low do not hold the open and"),
        (line(6, prices="5000,5001,5000.5,5001"), "high and low do not hold the open and"),
        (line(6, prices="5000,5001,4999,5000.1"), "a price is off the tick of 0.25"),
        (line(6, volume="-1"), "the volume is negative"),
        (line(6, volume="many"), "volume is not a number: many"),
        (line(6, volume="9" * 20), f"volume is out of range: {'9' * 20}"),
        (line(6, volume=""), "volume is missing"),
        (line(6, contract=""), "contract is missing"),
        (line(6, contract="ES"), "not a contract name that we can read: 'ES'"),
        (line(6, contract="QQX Mar26"), "product QQX is not known"),
        (line(6, contract="ES Mar26").replace("2026-03", "2027-03"), "is not over yet"),
        (line(6).replace("2026-03", "1999-03"), "ES Mar26 is not traded then"),
        (line(6).replace(":00Z", ":30Z"), "the bar does not start a minute"),
        (line(6).replace("14:06", "25:06"), "no such date or time: '2026-03-02T25:06:00Z'"),
        (line(6).replace("03-02", "02-30"), "no such date or time: '2026-02-30T14:06:00Z'"),
        (line(6).rstrip() + ",8\n", "the line has 8 cells, the header 7"),
        (line(6).replace("ES", '"ES'), "not CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_bad_bars_say_why_and_where(bad, reason):
    found = read(HEADER + line(5) + bad + line(7))
    assert found.minutes == [5, 7]
    assert found.read == 3
    ((number, told),) = found.bad
    assert number == 3
    assert reason in told


def test_lines_come_in_any_order_and_blank_ones_are_none():
    found = read(HEADER + line(7) + "\n" + line(5) + ",,,,,,\n" + line(6) + line(5))
    assert found.minutes == [7, 5, 6]
    assert found.bad == [(7, "its minute has come before in the file")]
    assert found.read == 4


def test_lines_cut_at_once_are_the_lines_cut_one_by_one(monkeypatch):
    text = HEADER + line(7) + ",,,,,,\n" + line(5).replace("ES", " ES") + line(6, volume="")
    at_once = read(text)
    monkeypatch.setattr(blocks, "_ODD", "")  # everything is odd
    assert read(text) == at_once
    assert at_once.minutes == [7, 5]
    assert (at_once.bad, at_once.read) == ([(5, "volume is missing")], 3)


def test_a_minute_comes_once_also_in_blocks_far_apart(monkeypatch):
    monkeypatch.setattr(blocks, "AT_ONCE", 2)
    order = [3, 1, 2, 1, 3, 0]
    found = read(HEADER + "".join(line(minute) for minute in order))
    assert found.minutes == [3, 1, 2, 0]
    assert [number for number, _ in found.bad] == [5, 6]


def test_a_refused_line_does_not_take_the_minute():
    assert read(HEADER + line(5, volume="-1") + line(5)).minutes == [5]


def test_contracts_run_side_by_side():
    text = HEADER + line(5) + line(5, contract="NQH6") + line(5, contract="NQ 03-26")
    found = read(text)
    assert [bar[0] for bar in found.bars] == ["ES Mar26", "NQ Mar26"]
    assert found.bad == [(4, "its minute has come before in the file")]


def test_the_decade_of_a_short_name_is_that_of_its_line():
    text = HEADER + line(contract="ESZ5").replace("2026-03", "2025-10") + line(contract="ESZ5")
    assert [bar[0] for bar in read(text).bars] == ["ES Dec25", "ES Dec35"]


def test_columns_may_be_named():
    text = "a,b,c,d,e,f,day,hour\nES Mar26,5000,5001,4999,5000.25,7,2026-03-02,14:00\n"
    names = dict(zip(("contract", "open", "high", "low", "close", "volume"), "abcdef", strict=True))
    assert read(text, mapping=names | {"start": "Day+Hour"}, timezone="UTC").bars == [
        ("ES Mar26", FIRST, *PRICES, 7)
    ]
    with pytest.raises(FileRefused, match="there is no column g for open"):
        read(text, mapping=names | {"open": "g"})


def test_prices_in_nanopoints_are_read_when_somebody_says_so():
    text = (
        "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"
        "1772460000000000000,33,1,17,5000000000000,5001000000000,4999000000000,"
        "5000250000000,7,ESH6\n"
        "1772460060000000000,33,1,17,5000.25,5001000000000,4999000000000,5000250000000,7,ESH6\n"
    )
    with pytest.raises(FileRefused, match="say --prices points"):
        read(text)
    found = read(text, prices="nano")
    assert found.bars == [("ES Mar26", FIRST, *PRICES, 7)]
    assert found.bad == [(3, "open is not a whole number: 5000.25")]
    assert read(text, prices="points").bad[0] == (2, "open is out of range: 5000000000000")


def test_date_and_time_in_two_columns_and_a_column_not_asked_for():
    text = "Date,Time,Open,High,Low,Last,Volume,OI\n2026-03-02,08:00,1,1,1,1,1,x\n"
    (bar,) = read(text, contract="ES Mar26", timezone="America/Chicago").bars
    assert bar[1] == FIRST


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("open,high\n1,2\n", "needs the columns contract, tsopenutc, low, close, volume"),
        ("time,open,high,low,close,volume\n", "needs the columns contract.*say --contract"),
        ("contract,time,open,high,low,close,volume\nES Mar26,2026-03-02 08:00,1,1,1,1,1\n", "zone"),
    ],
)
def test_files_of_bars_that_are_refused(text, reason):
    with pytest.raises(FileRefused, match=reason):
        read(text)
    with pytest.raises(FileRefused, match="no time zone is called"):
        read(text, timezone="Mars/Olympus")


def strictly(reader, text):
    try:
        return reader(text)
    except Unusable:
        return None


CELLS = st.one_of(
    st.from_regex(r"[-+]?\d{0,11}(\.\d{0,11})?(e-?\d)?", fullmatch=True),
    st.sampled_from(("", "nan", "Infinity", "0x1", "1_000", "1,5", "٣", "-0", "1.", ".5")),
)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=8))
def test_plain_numbers_in_columns_are_what_the_strict_way_reads(cells):
    for reader, slow in (
        (columns.prices, lambda text: int(foreign.price(text, "x").scaleb(9))),
        (columns.nanopoints, lambda text: foreign.whole(text, "x")),
        (columns.wholes, lambda text: foreign.whole(text, "x")),
    ):
        numbers, mask = reader(pa.array(cells))
        for text, number, is_read in zip(cells, numbers.tolist(), mask.tolist(), strict=True):
            if is_read:
                assert number == strictly(slow, text), text


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(1, 2), st.integers(1438, 1443)), max_size=9)))
def test_what_has_come_before_is_what_a_set_says(deliveries):
    import numpy as np

    seen, slow = Seen(), set()
    for delivery in deliveries:
        expected = []
        for bar in delivery:
            expected.append(bar in slow)
            slow.add(bar)
        contracts, minutes = np.array(delivery, np.int64).reshape(-1, 2).T
        assert seen.again(contracts, minutes).tolist() == expected
