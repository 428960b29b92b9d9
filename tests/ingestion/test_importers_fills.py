"""Fill files: every line counts once, the same each time, or says why it cannot."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.importers.fills import CODES, detect, read_fills
from ingestion.importers.instants import ZoneNeeded, nanoseconds, zone_named
from ingestion.importers.table import BadLine, FileRefused
from ingestion.parse.foreign import Unusable
from ingestion.providers.base import Fill, Kind

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "fills"
real = pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data beside the project")

PLAIN = "account,contract,side,quantity,price,executed_at,exec_id,fees\n"
FILLS = "orderId,execId,contractName,action,qty,price,timestamp,commission,accountId\n"


def fold(fills):
    """Flat to flat by hand: trades closed and points earned."""
    books, trades, points = {}, 0, Decimal(0)
    order = sorted(fills, key=lambda f: (f.exec_time_ns, f.recv_time_ns, f.exec_id, f.leg_index))
    for fill in order:
        place = (fill.account_id, fill.instrument_id)
        before = books.get(place, 0)
        after = before + fill.side * fill.quantity
        trades += before != 0 and (after == 0 or (after > 0) != (before > 0))
        points -= fill.side * fill.quantity * fill.price
        books[place] = after
    assert not any(books.values())
    return trades, points


def all_fills(source, **options):
    read = list(read_fills(source, **options))
    assert not [item for item in read if isinstance(item, BadLine)]
    return read


@real
@pytest.mark.parametrize(
    ("file", "point_value", "rows", "trades", "total", "pnl"),
    [
        ("stephenkgli_tradovate_export.csv", 5, 20, 7, "-50.00", None),
        ("stephenkgli_tradovate_performance.csv", 5, 20, 7, "-50.00", "pnl"),
        ("tradetally_tradovate_pairs.csv", 2, 10, 5, "-218.00", "P/L"),
    ],
)
def test_a_broker_s_own_result(file, point_value, rows, trades, total, pnl):
    fills = all_fills(DATA / file, timezone="America/Chicago", account="A")
    assert len(fills) == rows
    assert len({(fill.account_id, fill.exec_id) for fill in fills}) == rows
    closed, points = fold(fills)
    assert (closed, points * point_value) == (trades, Decimal(total))
    assert all_fills(DATA / file, timezone="America/Chicago", account="A") == fills
    if pnl:
        with (DATA / file).open() as stream:
            told = [row[pnl].replace("$", "") for row in csv.DictReader(stream)]
        assert sum(Decimal(t.replace("(", "-").rstrip(")")) for t in told) == Decimal(total)


def test_repeated_ids_count_and_stay_the_same_when_the_file_grows():
    lines = [
        "1,e1,MESH5,Buy,1,6117.75,01/22/2025 23:02:03,0,\n",
        "1,e1,MESH5,Buy,1,6117.75,01/22/2025 23:02:03,0,\n",
        "2,e1,MESH5,Sell,1,6118,01/22/2025 23:02:04,1.24,\n",
        "2,e2,MESH5,Sell,1,6118,01/22/2025 23:02:04,,\n",
    ]
    fills = all_fills(FILLS + "".join(lines), timezone="UTC", account="A")
    first, again, other, plain = [fill.exec_id for fill in fills]
    assert (first, again, plain) == ("e1", "e1#2", "e2")
    assert other.startswith("e1~")
    assert [fill.fees for fill in fills] == [0, 0, Decimal("1.24"), None]
    assert fills[0].instrument_id == "MES Mar25"
    for cut in range(1, 4):
        part = all_fills(FILLS + "".join(lines[:cut]), timezone="UTC", account="A")
        assert part == fills[:cut]


def test_without_ids_the_content_is_the_identity():
    line = ",ES Mar26,buy,1,5000.25,2026-03-02T14:30:00Z,,\n"
    fills = all_fills(PLAIN + line * 2 + line.replace("buy", "sell"), account="A")
    one, two, three = [fill.exec_id for fill in fills]
    assert two == f"{one}#2"
    assert three != one
    assert all_fills(PLAIN + line.replace("5000.25", "5000.2500"), account="A")[0].exec_id == one
    assert all_fills(PLAIN + line, account="B")[0].exec_id != one


def test_one_stamp_keeps_the_order_of_the_file():
    line = ",ES Mar26,{},1,5000.25,2026-03-02T14:30:0{}Z,,\n"
    text = PLAIN + "".join(line.format(side, 1) for side in ("sell", "buy", "sell", "buy"))
    fills = all_fills(text, account="A")
    assert [fill.recv_time_ns - fill.exec_time_ns for fill in fills] == [0, 1, 2, 3]
    # newest first: the last line is the earliest
    backwards = PLAIN + line.format("buy", 2) + text.removeprefix(PLAIN)
    fills = all_fills(backwards, account="A")
    assert [fill.recv_time_ns - fill.exec_time_ns for fill in fills] == [0, 3, 2, 1, 0]


TT = (
    "Date (UTC),Time (UTC),Exchange,Contract,B/S,FillQty,Price,P/F,O/C,Account,TTOrderID,"
    "ExchTransID,ExchDate (UTC),ExchTime (UTC),ManualFill,Fill Type\n"
)


def test_tt_s_own_export():
    fills = all_fills(
        TT
        + "2026-03-02,14:30:00.124,CME,ES Mar26,B,2,5000.25,F,O,ACC,o1,x1,2026-03-02,14:30:00.123"
        + ",,\n"
        + "2026-03-02,14:30:00.124,CME,ES Mar26-Jun26,S,2,-5,F,C,ACC,o1,x2,,,False,Spread\n"
        + "2026-03-02,14:30:00.124,ALGO,ES Mar26,Sell,2,5000,F,,ACC,o1,,,,True,Single\n"
        + "2026-03-02,14:30:00.124,CME,ES Jun26,S,2,5000,F,,ACC,o1,x3,,,,Leg of a multi-leg\n"
    )
    one, spread, echo, leg = fills
    assert (one.exec_id, one.account_id, one.position_effect) == ("x1", "ACC", "O")
    assert one.recv_time_ns - one.exec_time_ns == 1_000_000
    assert one.exec_time_ns == nanoseconds("2026-03-02T14:30:00.123Z", None)
    assert (spread.kind, spread.instrument_id) == (Kind.SPREAD, "ES Mar26-Jun26")
    assert (echo.synthetic, echo.kind) == (True, Kind.ADMIN)
    assert echo.exec_id.startswith("row-")
    assert leg.kind is Kind.LEG
    assert {fill.fees for fill in fills} == {None}


def test_the_longer_tradovate_export():
    text = (
        "_id,_timestamp,_price,Fill ID,Order ID,Timestamp,Date,Account,B/S,Quantity,Price,"
        "Contract,Product,commission\n"
        "1,2026-03-02 14:30:00.123Z,1,F1,O1,03/02/2026 08:30:00,3/2/26,DEMO1, Buy,3,25000.25,"
        "MNQH6,MNQ,1.56\n"
    )
    (fill,) = all_fills(text)
    assert (fill.exec_id, fill.account_id, fill.instrument_id) == ("F1", "DEMO1", "MNQ Mar26")
    assert fill.exec_time_ns == nanoseconds("2026-03-02T14:30:00.123Z", None)
    assert (fill.quantity, fill.fees) == (3, Decimal("1.56"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (PLAIN, "plain"),
        (FILLS, "tradovate-fills"),
        (TT, "tt"),
        (TT.replace(",", ";"), "tt"),
        ("\ufeff" + FILLS.upper(), "tradovate-fills"),
    ],
)
def test_the_header_tells_the_format(header, code):
    assert detect(header) == code
    assert code in CODES


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"price": "NaN"}, "price is not finite"),
        ({"price": "1,5"}, "the line has 9 cells, the header 8"),
        ({"price": "111'16"}, "fractions"),
        ({"quantity": "0"}, "quantity is 0"),
        ({"quantity": "1.5"}, "not a whole number"),
        ({"side": "hold"}, "neither bought nor sold"),
        ({"contract": "AAPL"}, "not a contract name"),
        ({"contract": ""}, "contract is missing"),
        ({"executed_at": "yesterday"}, "not a date and time"),
        ({"executed_at": "2026-02-30T10:00Z"}, "no such date"),
        ({"executed_at": "03/02/2026 10:00Z"}, "not a date and time"),
        ({"fees": "0.0000001"}, "commission is finer"),
        ({"exec_id": "a\x00"}, "holds a NUL"),
        ({"exec_id": '"a'}, "not CSV: unexpected end of data"),
        ({"account": "x" * 201}, "account is longer"),
    ],
)
def test_a_bad_line_says_why_and_where(cells, reason):
    good = {
        "account": "A", "contract": "ES Mar26", "side": "buy", "quantity": "1", "price": "5000",
        "executed_at": "2026-03-02T14:30:00Z", "exec_id": "e", "fees": "",
    }  # fmt: skip
    line, spoilt = ",".join(good.values()), ",".join({**good, **cells}.values())
    fill, bad, after = read_fills(f"{PLAIN}{line}\n{spoilt}\n{line}\n", account="A")
    assert isinstance(fill, Fill)
    assert isinstance(after, Fill)
    assert isinstance(bad, BadLine)
    assert reason in bad.reason
    assert bad.line == 3


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("\n", {}, "empty"),
        ("a,b\n1,2\n", {}, "fits none of the formats"),
        ("a,b\n1,2\n", {"format": "tt"}, "format tt needs the columns contract, bs"),
        (PLAIN, {"format": "xls"}, "no format is called 'xls'"),
        (PLAIN, {"timezone": "Mars/Base"}, "no time zone is called"),
        (PLAIN + ",ES Mar26,buy,1,5,2026-03-02T14:30:00Z,,\n", {}, "line 2 has no account"),
        (PLAIN + "A,ES Mar26,buy,1,5,2026-03-02 14:30:00,,\n", {}, "--timezone"),
    ],
)
def test_a_file_is_refused_whole(text, options, reason):
    with pytest.raises(FileRefused, match=reason):
        read_fills(text, **options)


def test_a_missing_or_broken_file_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="cannot be opened"):
        read_fills(tmp_path / "none.csv")
    broken = tmp_path / "x.csv.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00junk")
    with pytest.raises(FileRefused, match=r"breaks off|no \.gz"):
        read_fills(broken)


NEW_YORK = zone_named("America/New_York")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-03-02T14:30:00Z", 1_772_461_800_000_000_000),
        ("2026-03-02T14:30:00.123456789Z", 1_772_461_800_123_456_789),
        ("2026-03-02 09:30:00", 1_772_461_800_000_000_000),
        ("2026-03-02 09:30", 1_772_461_800_000_000_000),
        ("20260302 09:30:00", 1_772_461_800_000_000_000),
        ("02Mar26 09:30:00", 1_772_461_800_000_000_000),
        ("2026-03-02T15:30:00+01:00", 1_772_461_800_000_000_000),
        ("2026-03-02T15:30:00+0100", 1_772_461_800_000_000_000),
        ("3/2/2026 9:30:00 AM", 1_772_461_800_000_000_000),
        ("03/02/2026 12:30:00 PM", 1_772_472_600_000_000_000),
        ("03/02/2026 12:30:00 AM", 1_772_429_400_000_000_000),
        ("2026-07-02 09:30:00", 1_782_999_000_000_000_000),
    ],
)
def test_instants(text, ns):
    assert nanoseconds(text, NEW_YORK, us=True) == ns


@pytest.mark.parametrize(
    "text",
    ["2026-03-08 02:30:00", "2026-11-01 01:30:00", "13/01/2026 10:00:00", "2026-03-02", "25:00",
     "2026-03-02 24:00:00", "2026-03-02 13:00:00 PM", "1960-01-01 00:00:00", "2300-01-01T00:00:00Z",
     "2026-03-02T14:30:00+99:99", "2026-13-02T14:30:00Z", ""],
)  # fmt: skip
def test_instants_that_are_none(text):
    with pytest.raises(Unusable):
        nanoseconds(text, NEW_YORK, us=True)


def test_a_zone_is_asked_for():
    with pytest.raises(ZoneNeeded, match="--timezone"):
        nanoseconds("2026-03-02 14:30:00", None)


@given(st.text(max_size=300), st.sampled_from(CODES))
def test_no_text_raises_anything_else(text, code):
    for body in (f"{text}\n", f"{PLAIN}{text}\n", f"{TT}{text}\n", f"{FILLS}{text}\n"):
        for chosen in (None, code):
            try:
                read = list(read_fills(body, format=chosen, timezone="UTC", account="A"))
            except FileRefused:
                continue
            assert all(isinstance(item, Fill | BadLine) for item in read)
