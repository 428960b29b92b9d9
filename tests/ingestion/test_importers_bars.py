"""Files of bars and of rates."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.importers.bars import FxRate, read_bars, read_fx
from ingestion.importers.table import BadLine, FileRefused
from ingestion.providers.base import Bar

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "bars"
HEADER = "contract,ts_open_utc,open,high,low,close,volume\n"


def line(minute=0, contract="ES Mar26", prices="5000,5001,4999,5000.25", volume="7"):
    return f"{contract},2026-03-02T14:{minute:02d}:00Z,{prices},{volume}\n"


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
    read = list(read_bars(DATA / file, tick_size=lambda _: Decimal(tick)))
    assert len(read) == count
    assert not [item for item in read if isinstance(item, BadLine)]
    assert {bar.contract for bar in read} == {contract}


def test_a_bar():
    (bar,) = read_bars(HEADER + line())
    start = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    prices = (Decimal(5000), Decimal(5001), Decimal(4999), Decimal("5000.25"))
    assert bar == Bar("ES Mar26", start, *prices, 7)


def test_other_headers_names_and_zones(tmp_path):
    path = tmp_path / "bars.csv.gz"
    with gzip.open(path, "wt") as stream:
        stream.write("Time;Open;High;Low;Close;Vol\n2026-03-02 08:00;-1;0.5;-37.63;0;1.0\n")
    (bar,) = read_bars(path, contract="CLK6", timezone="America/Chicago")
    assert (bar.contract, bar.low, bar.volume) == ("CL May26", Decimal("-37.63"), 1)
    assert bar.start_at == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(5), "ES Mar26 2026-03-02T14:05Z comes twice"),
        (line(4), "ES Mar26 2026-03-02T14:04Z comes after 2026-03-02T14:05Z"),
        (line(6, prices="5000,5001,4999,nan"), "close is not finite"),
        (line(6, prices="5000,4999,4998,4999"), "do not hold the open and the close"),
        (line(6, prices="5000,5001,5000.5,5001"), "do not hold"),
        (line(6, prices="5000,5001,4999,5000.1"), "5000.1 is off the tick of 0.25"),
        (line(6, volume="-1"), "volume is negative"),
        (line(6, volume="many"), "volume is not a number"),
        (line(6, volume=""), "volume is missing"),
        (line(6, contract="ES"), "not a contract name"),
        (line(6).replace(":00Z", ":30Z"), "does not start a minute"),
        (line(6).replace("14:06", "25:06"), "no such date or time"),
        (line(6).rstrip() + ",8\n", "the line has 8 cells, the header 7"),
    ],
)
def test_bad_bars_say_why_and_where(bad, reason):
    ticks = {"ES Mar26": Decimal("0.25")}.get
    one, refused, two = read_bars(HEADER + line(5) + bad + line(7), tick_size=ticks)
    assert isinstance(refused, BadLine)
    assert reason in refused.reason
    assert refused.line == 3
    assert (one.start_at.minute, two.start_at.minute) == (5, 7)


def test_contracts_run_side_by_side():
    text = HEADER + line(5) + line(4, contract="NQ Mar26") + line(6) + line(5, contract="NQ Mar26")
    assert all(isinstance(bar, Bar) for bar in read_bars(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("open,high\n1,2\n", "needs the columns contract, tsopenutc, low, close, volume"),
        ("time,open,high,low,close,volume\n", "needs the columns contract"),
        ("contract,time,open,high,low,close,volume\nES Mar26,2026-03-02 08:00,1,1,1,1,1\n", "zone"),
    ],
)
def test_files_of_bars_that_are_refused(text, reason):
    with pytest.raises(FileRefused, match=reason):
        list(read_bars(text))


def test_rates():
    text = (
        "date,currency,usd_per_unit\n2026-03-02,eur,1.0834\n2026-03-02,JPY,0.0066523170\n"
        "2026-03-02,EUR,1.09\n2026-03-02,GBP,0\n02.03.2026,GBP,1.3\n2026-03-02,POUND,1.3\n"
        "2026-03-03,GBP,inf\n2026-03-03,GBP,1.12345678901\n2026-03-03,GBP,\n"
    )
    good, bad = [], []
    for item in read_fx(text):
        (bad if isinstance(item, BadLine) else good).append(item)
    assert good == [
        FxRate(date(2026, 3, 2), "EUR", Decimal("1.0834")),
        FxRate(date(2026, 3, 2), "JPY", Decimal("0.0066523170")),
        FxRate(date(2026, 3, 3), "GBP", Decimal("1.1234567890")),
    ]
    assert [(item.line, item.reason) for item in bad] == [
        (4, "EUR comes twice on 2026-03-02"),
        (5, "usd_per_unit is out of range: 0"),
        (6, "no such day: '02.03.2026' (write 2026-03-02)"),
        (7, "currency is no three-letter code: 'POUND'"),
        (8, "usd_per_unit is not finite: inf"),
        (10, "usdperunit is missing"),
    ]
    with pytest.raises(FileRefused, match="needs the columns currency"):
        list(read_fx("date,usd_per_unit\n"))
