"""Files of bars: read in columns, and every line that cannot be kept says why."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.importers import blocks, columns, instants
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


@pytest.mark.parametrize(
    ("at", "header", "zone", "start"),
    [
        ("2026-03-02T14:00:00Z", "time", None, FIRST),
        ("2026-03-02 14:00:00+00:00", "time", None, FIRST),
        ("2026-03-02 14:00 UTC", "time", None, FIRST),
        ("2026-03-02 08:00:00-06:00", "time", None, FIRST),
        ("2026-03-02 14:00:00.000", "ts_open_utc", None, FIRST),
        ("2026-03-02 14:00", "Bar UTC", None, FIRST),
        ("2026-03-02 08:00", "time", "America/Chicago", FIRST),
        ("2026-03-02T14:00:00Z", "time", "America/Chicago", FIRST),
        ("20260302 02:00 PM", "time", "UTC", FIRST),
        ("1772460000", "time", None, FIRST),
        ("1772460000000", "time", None, FIRST),
        ("1772460000000000", "time", None, FIRST),
        ("1772460000000000000", "ts_event", None, FIRST),
        ("2026-11-01 00:59", "time", "America/Chicago", datetime(2026, 11, 1, 5, 59, tzinfo=UTC)),
        ("2026-11-01 02:00", "time", "America/Chicago", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-04-05 02:30", "time", "Australia/Lord_Howe",
         datetime(2026, 4, 4, 16, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_times(at, header, zone, start):
    mapping = {"start": header}
    found = timed(at, header, zone, mapping=mapping, until=datetime(2026, 12, 1, tzinfo=UTC))
    assert found.bad == []
    assert found.bars[0][1] == start


@pytest.mark.parametrize(
    ("at", "zone", "reason"),
    [
        ("2026-11-01 01:30", "America/Chicago", "that hour is there twice or not at all"),
        ("2026-03-08 02:30", "America/Chicago", "that hour is there twice or not at all"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "that hour is there twice or not at all"),
        ("1772460030", None, "does not start a minute"),
        ("1772460000000000001", None, "does not start a minute"),
        ("20260302", "UTC", "not a date and time that we can read"),
        ("202603021400", "UTC", "not a date and time that we can read"),
        ("20260302140000", "UTC", "not a date and time that we can read"),
        ("17724600", "UTC", "not a date and time that we can read"),
        ("03/02/2026 14:00", "UTC", "not a date and time that we can read"),
    ],
)
def test_times_that_could_mean_something_else_are_refused(at, zone, reason):
    found = timed(at, zone=zone, until=datetime(2026, 12, 1, tzinfo=UTC))
    assert found.bars == []
    assert reason in found.bad[0][1]


def test_ends_are_moved_back_by_a_minute():
    assert timed("2026-03-02T14:01:00Z", stamp="end").bars[0][1] == FIRST
    # 03:00 in summer is the end of 01:59 in winter: the hour between was not there
    found = timed("2026-03-08 03:00", zone="America/Chicago", stamp="end")
    assert found.bars[0][1] == datetime(2026, 3, 8, 7, 59, tzinfo=UTC)
    last = {"until": FIRST + timedelta(minutes=1)}
    assert timed("2026-03-02T14:01:00Z", stamp="end", **last).minutes == [0]
    assert timed("2026-03-02T14:00:00Z", **last).minutes == [0]
    assert timed("2026-03-02T14:01:00Z", **last).bad[0][1] == "the bar's minute is not over yet"


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


ZONES = ("America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.integers(157_766_400, 3_786_912_000),
                # around the nights when the clocks change
                st.integers(1_774_728_000, 1_774_760_400),
                st.integers(1_793_476_800, 1_793_509_200),
                st.integers(1_775_304_000, 1_775_336_400),
            ),
            st.sampled_from(("%Y-%m-%dT%H:%M:00", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.000",
                             "%Y%m%d %H:%M", "%Y-%m-31 %H:%M", "%Y-02-29 %H:%M")),
            st.sampled_from(("", "", "Z", "+00:00", "-05:00", " UTC")),
        ),
        min_size=1, max_size=6,
    ),
    st.sampled_from(ZONES),
)  # fmt: skip
def test_plain_times_in_columns_are_what_the_strict_way_reads(times, zone):
    clock = ZoneInfo(zone)
    cells = [datetime.fromtimestamp(at, UTC).strftime(form) + told for at, form, told in times]
    numbers, mask = columns.instants(pa.array(cells), clock)
    for text, number, is_read in zip(cells, numbers.tolist(), mask.tolist(), strict=True):
        if is_read:
            assert number == strictly(lambda told: instants.nanoseconds(told, clock), text), text


@settings(deadline=None)
@given(st.integers(631_152_000, 4_102_444_799), st.sampled_from((1, 10**3, 10**6, 10**9)))
def test_a_stamp_has_one_meaning(seconds, unit):
    numbers, mask = columns.instants(pa.array([str(seconds * unit)]), None)
    assert columns.stamp(str(seconds * unit)) == numbers[0] == seconds * 10**9
    assert mask[0]


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
