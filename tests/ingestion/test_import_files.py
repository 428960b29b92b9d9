"""Files of fills, bars and rates: read whole, counted, and a second run changes nothing."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum

from audit.models import LogEntry
from futures.models import Bar, Contract, FxRate, Product
from ingestion.actions import files
from ingestion.importers import blocks
from ingestion.management import reporting
from ingestion.models import ImportRun, Instrument, QuarantinedRow
from ledger.models import CandlesDue, Fill, Position, Trade
from tests.factories import make_group
from traders.models import Group, PlatformAccount

pytestmark = pytest.mark.django_db

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PLAIN = """account,contract,side,quantity,price,executed_at,exec_id
1,ES Mar26,buy,2,5000,2026-03-10T14:30:20Z,a
1,ES Mar26,sell,1,5003,2026-03-10T14:32:10Z,b
1,ES Mar26,sell,1,5001.25,2026-03-10T14:33:40Z,c
"""
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files are not at {DATA}")


def run(command: str, *args: object, **options: object) -> str:
    said = StringIO()
    call_command(command, *map(str, args), stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def write(tmp_path):
    def file(text: str, name: str = "fills.csv") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return file


def test_a_file_comes_in_once(write):
    path = write(PLAIN)
    first = run("import_fills", path)
    before = list(Trade.objects.values())
    second = run("import_fills", path)

    assert first == (
        "fills.csv: 3 fills read, 3 new, 0 known already, 0 rejected, 1 trades made or changed\n"
    )
    assert second == "fills.csv: 3 fills read, 0 new, 3 known already, 0 rejected\n"
    assert Trade.objects.get().pnl_usd == Decimal("212.50")
    assert list(Trade.objects.values()) == before
    assert Group.objects.get().name == "Trading group"
    assert [row.rows_new for row in ImportRun.objects.order_by("id")] == [3, 0]
    made = LogEntry.objects.filter(action="create", entity_type__in=("trader", "trader_platform"))
    assert list(made.values_list("user_email", flat=True)) == ["import_fills"] * 2


def test_a_dry_run_stores_nothing(write):
    said = run("import_fills", write(PLAIN), "--dry-run")

    assert "3 new" in said
    assert "nothing is stored" in said
    assert not Fill.objects.exists()
    assert not PlatformAccount.objects.exists()
    assert not ImportRun.objects.exists()


def test_bad_lines_are_named_with_reason_and_line_and_stop_nothing(write):
    text = (
        PLAIN
        + "1,ES Mar26,buy,x,5000,2026-03-10T15:00:00Z,d\n"
        + "1,ES Mar26,buy,1,NaN,2026-03-10T15:00:00Z,e\n"
    )
    said = run("import_fills", write(text))

    assert "5 fills read, 3 new, 0 known already, 2 rejected" in said
    assert "(line 5)" in said
    assert "(line 6)" in said
    rows = QuarantinedRow.objects.order_by("line")
    assert [(row.line, row.source, row.connection) for row in rows] == [
        (5, "fills.csv", None), (6, "fills.csv", None),
    ]  # fmt: skip
    run("import_fills", write(text))
    assert [row.times_seen for row in QuarantinedRow.objects.all()] == [2, 2]


def test_an_unknown_product_waits_and_says_how_to_mend(write):
    path = write(PLAIN.replace("ES Mar26", "QQX Mar26"))
    said = run("import_fills", path)
    assert "3 waiting" in said
    assert "3 x product QQX of QQX Mar26 is not known: add it" in said
    assert not Trade.objects.exists()

    Product.objects.create(
        symbol="QQX", exchange="CME", name="QQX", color="#010203", currency="USD",
        tick_size=Decimal("0.25"), tick_value=Decimal("12.5"), point_value=50,
    )  # fmt: skip
    assert "0 new, 3 known already" in run("import_fills", path)
    assert Trade.objects.get().pnl_usd == Decimal("212.50")
    assert Instrument.objects.get().state == "known"


@pytest.mark.parametrize("door", ["product", "contract"])
def test_what_waits_is_used_when_the_console_adds_what_was_unknown(write, admin_client, door):
    run("import_fills", write(PLAIN.replace("ES Mar26", "QQX Mar26")))
    form = {"currency": "USD", "tick_size": "0.25", "tick_value": "12.5", "point_value": "50"}
    product = {"symbol": "QQX", "exchange": "CME", "name": "QQX", "color": "#010203"}
    if door == "contract":  # two products of one symbol: the contract says which
        made = [
            Product.objects.create(**form, **product | {"exchange": place, "color": color})
            for place, color in (("CME", "#010203"), ("ICE", "#010204"))
        ]
        form |= {"product": str(made[0].pk), "name": "QQX Mar26", "expiry_month": "2026-03-01"}
    else:
        form |= product
    answer = admin_client.post(f"/admin/futures/{door}/add/", form, follow=True)
    assert "3 fills that waited are in the books now" in answer.content.decode()
    assert Trade.objects.get().pnl_usd == Decimal("212.50")


def test_options_and_groups(write):
    text = PLAIN.replace("1,ES", ",ES")
    one, _ = make_group("One"), make_group("Two")
    path = write(text)
    with pytest.raises(CommandError, match="--account"):
        run("import_fills", path, "--group", "One")
    with pytest.raises(CommandError, match="--group"):
        run("import_fills", path, "--account", "7")
    with pytest.raises(CommandError, match="no group called Three"):
        run("import_fills", path, "--account", "7", "--group", "Three")
    with pytest.raises(CommandError, match="cannot be opened"):
        run("import_fills", "nowhere.csv", "--group", "One")
    run("import_fills", path, "--account", "7", "--group", "One", "--environment", "paper_sim")

    account = PlatformAccount.objects.get()
    assert (account.account, account.trader.group, account.is_sim) == ("7", one, True)


BARS = """contract,ts_open_utc,open,high,low,close,volume
ES Mar26,2026-03-10T14:30:00Z,4999.5,5001.5,4998.75,5001,10
ES Mar26,2026-03-10T14:31:00Z,5001,5003,5000.5,5002.5,20
"""


def test_bars_come_in_once_and_change_where_the_file_changed(write):
    first = run("import_bars", write(BARS, "b.csv"))
    assert first == "b.csv: 2 bars read, 2 new, 0 known already, 0 rejected\n"
    assert run("import_bars", write(BARS, "b.csv")) == (
        "b.csv: 2 bars read, 0 new, 2 known already, 0 rejected\n"
    )
    assert "1 changed" in run("import_bars", write(BARS.replace("5002.5", "5002.75"), "b.csv"))
    assert Bar.objects.get(start_at__minute=31).close == Decimal("5002.75")
    assert Contract.objects.get().point_value == 50


def test_bars_that_do_not_fit_are_rejected_with_line_and_reason(write):
    text = BARS + (
        "ES Mar26,2026-03-10T14:32:00Z,5001,5000,5000.5,5002.5,20\n"  # high below the open
        "ES Mar26,2026-03-10T14:33:00Z,5001.1,5003,5000.5,5002.5,20\n"  # off the tick
        "ES Mar26,2026-03-10T14:34:00Z,5001.1,5003,5000.5,5002.5,20\n"
        "QQX Mar26,2026-03-10T14:33:00Z,1,1,1,1,20\n"
        "ES Mar26,2026-08-10T14:33:00Z,1,1,1,1,20\n"  # long over
        "ES Mar26,2036-03-10T14:33:00Z,1,1,1,1,20\n"
    )
    said = run("import_bars", write(text, "b.csv"))

    assert "8 bars read, 2 new, 0 known already, 6 rejected" in said
    assert "1 x high and low do not hold the open and the close (line 4)" in said
    assert "2 x a price is off the tick of 0.25 (line 5, 6)" in said
    assert "product QQX of QQX Mar26 is not known: add it" in said
    assert "(line 7)" in said
    assert "1 x ES Mar26 is not traded then (line 8)" in said
    assert "1 x the bar's minute is not over yet (line 9)" in said
    assert QuarantinedRow.objects.filter(stream="bars").count() == 6


def test_a_file_of_nothing_but_bad_bars_keeps_some_and_counts_all(write, monkeypatch):
    monkeypatch.setattr(files, "MOST_KEPT", 3)
    text = "contract,start,open,high,low,close,volume\n" + "".join(
        f"ES Mar26,2026-03-10T14:{minute:02}:00Z,0.1,1,0,1,20\n" for minute in range(9)
    )
    assert "9 rejected\n  9 x a price is off the tick of 0.25" in run("import_bars", write(text))
    assert QuarantinedRow.objects.count() == 3


def test_bars_of_another_house(write):
    text = "ts,o,h,l,c,v\n2026-03-10 09:31,4999.5,5001.5,4998.75,5001,10\n"
    said = run(
        "import_bars", write(text, "b.csv"), "--contract", "ESH6", "--stamp", "end",
        "--timezone", "America/Chicago", "--columns", "start=ts,open=o",
    )  # fmt: skip
    assert "1 bars read, 1 new" in said
    assert str(Bar.objects.get().start_at) == "2026-03-10 14:30:00+00:00"
    assert ImportRun.objects.get().options == {
        "contract": "ESH6", "timezone": "America/Chicago", "stamp": "end",
        "mapping": {"start": "ts", "open": "o"},
    }  # fmt: skip


@pytest.mark.parametrize("told", ["open", "opening=o", "open=", "open=a,open=b"])
def test_columns_that_say_nothing(write, told):
    with pytest.raises(CommandError, match="write role=header"):
        run("import_bars", write(BARS), "--columns", told)


def test_a_dry_run_of_bars_tells_the_same_and_stores_nothing(write):
    path = write(BARS, "b.csv")
    dry = run("import_bars", path, "--dry-run")
    assert not Bar.objects.exists()
    assert not Contract.objects.exists()
    assert not CandlesDue.objects.exists()
    assert dry == run("import_bars", path)[:-1] + " (dry run: nothing is stored)\n"
    assert "0 new, 2 known already" in run("import_bars", path, "--dry-run")


def test_candles_are_due_in_the_deed_that_stores_their_bars(write, monkeypatch):
    path = write(BARS, "b.csv")
    run("import_bars", path)
    (due,) = CandlesDue.objects.all()
    assert due.contract == Contract.objects.get()
    assert str(due.since) == str(due.until) == "2026-03-10"
    run("import_bars", path)
    assert CandlesDue.objects.count() == 1

    def fail(*_, **__):
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(files, "quarantine", fail)
    with pytest.raises(RuntimeError, match="stops here"):
        run("import_bars", write(BARS.replace("2026-03-10", "2026-03-11"), "b.csv"))
    assert Bar.objects.count() == 2
    assert CandlesDue.objects.count() == 1


def test_a_file_that_breaks_off_leaves_what_came_before_and_says_so(write, monkeypatch):
    monkeypatch.setattr(blocks, "AT_ONCE", 1)
    bars = BARS.replace("ts_open_utc", "start")
    text = bars + "ES Mar26,2026-03-10T14:32,5001,5001,5001,5001,20\n"
    with pytest.raises(CommandError, match=r"no zone: .* The 2 rows before that are stored"):
        run("import_bars", write(text, "b.csv"))
    assert Bar.objects.count() == 2
    assert "broke_off" in ImportRun.objects.get().options
    said = run("import_bars", write(text, "b.csv"), "--timezone", "UTC")
    assert "3 bars read, 1 new, 2 known already" in said


def test_a_long_file_tells_how_far_it_is(write, monkeypatch):
    monkeypatch.setattr(reporting, "EACH", 2)
    monkeypatch.setattr(blocks, "AT_ONCE", 1)
    heard = StringIO()
    run("import_bars", write(BARS, "b.csv"), stderr=heard)
    assert heard.getvalue() == "2 rows\n"


RATES = """date,currency,usd_per_unit
2026-03-05,EUR,1.08
2026-03-06,EUR,1.09
"""


def test_rates_price_what_was_held_back(write):
    fills = PLAIN.replace("ES Mar26", "FGBL Mar26").replace("2026-03-10", "2026-03-07")
    run("import_fills", write(fills))
    assert Trade.objects.get().pnl_usd is None

    run("import_fx", write(RATES, "fx.csv"))
    assert Trade.objects.get().pnl_usd is None  # 7 March 2026 is a Saturday

    said = run("import_fx", write(RATES, "fx.csv"), "--carry-weekends")
    assert said.startswith("fx.csv: 2 rates read, 2 new, 2 known already, 0 rejected")
    assert Trade.objects.get().pnl_usd == Decimal("4250") * Decimal("1.09")
    assert "carried" in FxRate.objects.get(day="2026-03-07").source

    again = run("import_fx", write(RATES, "fx.csv"), "--carry-weekends")
    assert again == "fx.csv: 2 rates read, 0 new, 4 known already, 0 rejected\n"
    run("import_fx", write(RATES + "2026-03-07,EUR,2\n", "fx.csv"), "--carry-weekends")
    assert Trade.objects.get().pnl_usd == 8500
    run("import_fx", write(RATES, "fx.csv"), "--carry-weekends")
    assert Trade.objects.get().pnl_usd == 8500  # a told rate stands above a carried one


@needs_data
def test_a_brokers_own_export_counts_all_twenty_rows():
    path = DATA / "fills" / "stephenkgli_tradovate_export.csv"
    options = ("--account", "DEMO", "--timezone", "America/Chicago")
    first = run("import_fills", path, *options)
    second = run("import_fills", path, *options)

    assert "20 fills read, 20 new, 0 known already, 0 rejected, 7 trades" in first
    assert "20 fills read, 0 new, 20 known already, 0 rejected" in second
    assert Trade.objects.count() == 7
    assert Trade.objects.aggregate(Sum("pnl_usd"))["pnl_usd__sum"] == Decimal("-50.00")
    assert not Position.objects.exclude(quantity=0).exists()


@needs_data
def test_a_brokers_pairs_sum_to_its_own_profit_and_loss():
    path = DATA / "fills" / "tradetally_tradovate_pairs.csv"
    import csv

    with path.open() as file:
        told = sum(Decimal(row["P/L"]) for row in csv.DictReader(file))
    first = run("import_fills", path, "--timezone", "UTC")
    second = run("import_fills", path, "--timezone", "UTC")

    assert "10 fills read, 10 new, 0 known already, 0 rejected" in first
    assert "0 new, 10 known already" in second
    assert Trade.objects.aggregate(Sum("pnl_usd"))["pnl_usd__sum"] == told
    assert not Position.objects.exclude(quantity=0).exists()


@needs_data
def test_real_bars():
    paths = sorted((DATA / "bars").glob("*.csv.gz"))
    first = run("import_bars", *paths).splitlines()
    counts = (16673, 5116, 2528, 6687)
    assert [told.partition(": ")[2] for told in first] == [
        f"{count} bars read, {count} new, 0 known already, 0 rejected" for count in counts
    ]
    before = list(Bar.objects.order_by("pk").values_list())
    assert len(before) == sum(counts)
    versions = list(Contract.objects.order_by("pk").values_list("bars_version"))
    again = run("import_bars", *paths).splitlines()
    assert [told.partition(": ")[2] for told in again] == [
        f"{count} bars read, 0 new, {count} known already, 0 rejected" for count in counts
    ]
    assert list(Bar.objects.order_by("pk").values_list()) == before
    assert list(Contract.objects.order_by("pk").values_list("bars_version")) == versions
