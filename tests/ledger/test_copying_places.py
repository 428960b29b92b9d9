"""Groups, traders and accounts of a copy; what stands in its way, and what is never touched."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.actions import move_trader
from audit.models import LogEntry
from ledger.copying import CopyRefused, bring_in, newest, prune, write_copy, writing
from ledger.models import DayResult, Fill, Position, Trade
from ledger.tasks import export_trades, import_trades
from tests.factories import make_contract, make_group, make_trade
from traders.actions import change, move_account
from traders.models import Group, PlatformAccount, Trader

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
DEED = {"by": "cora@desk.test", "at": AT}


@pytest.fixture
def trade(desk):
    return make_trade(desk.ana, pnl="250.00")


@pytest.fixture
def production(desk, trade, tmp_path):
    """Return a way to take a copy; afterwards the database is one without fills."""

    def take(*, days=0, masked=False, **asked):
        path = write_copy(tmp_path, at=AT + timedelta(days=days), masked=masked, **asked).path
        for table in (Fill, Position):
            table.objects.all().delete()
        Trade.objects.update(is_copied=True)
        return path

    return take


def test_names_are_masked_and_come_back(desk, trade, production):
    plain, masked = production(), production(days=1, masked=True)
    Trader.objects.filter(pk=desk.ana.trader_id).update(floor=3, offices="Main St")
    bring_in(masked, at=AT)
    account = PlatformAccount.objects.get(pk=trade.account_id)
    trader = Trader.objects.get(pk=desk.ana.trader_id)
    assert (account.account, account.name) == (f"account {account.pk}", "")
    assert (trader.name, trader.floor, trader.offices) == (f"Trader {trader.pk}", None, None)
    assert Group.objects.get(pk=desk.group.pk).name == f"Group {desk.group.pk}"
    assert b"Ana" not in masked.read_bytes()
    bring_in(plain, at=AT)
    assert Trader.objects.get(pk=trader.pk).name == "Ana"
    renamed = LogEntry.objects.filter(user_email="import_trades", entity_type="trader")
    assert renamed.filter(entity_id=trader.pk).count() == 2


def test_links_made_here_follow_who_moved(desk, trade, production, tmp_path):
    before = production()
    other = make_group("Others")
    move_trader(trader=desk.bo.trader, group=other, source="console", **DEED)
    move_account(account=trade.account, trader=desk.bo.trader, **DEED)
    change(one=desk.group, name="Elsewhere, once", **DEED)
    change(one=desk.sven.group, name="Desk", **DEED)
    change(one=desk.group, name="Elsewhere", **DEED)
    after = production(days=1)
    bring_in(before, at=AT)
    desk.bo.refresh_from_db()
    assert desk.bo.group == desk.group, "A log-in stays with its trader"
    assert PlatformAccount.objects.get(pk=trade.account_id).trader == desk.ana.trader
    bring_in(after, at=AT)
    desk.bo.refresh_from_db()
    assert desk.bo.group == other
    assert PlatformAccount.objects.get(pk=trade.account_id).trader == desk.bo.trader
    assert Group.objects.get(pk=desk.group.pk).name == "Elsewhere"
    version = PlatformAccount.objects.get(pk=trade.account_id).books_version
    bring_in(after, at=AT)
    assert PlatformAccount.objects.get(pk=trade.account_id).books_version == version


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (Group, "is not the group of that id here"),
        (Trader, "is not the trader of that id here"),
        (PlatformAccount, "is not the account of that id here"),
    ],
)
def test_another_row_under_an_id_is_refused(trade, production, table, told):
    copy = production()
    table.objects.update(created_at=AT)
    with pytest.raises(CopyRefused, match=f"{told}.*database of its own"):
        bring_in(copy, at=AT)


def test_another_row_under_a_name_is_refused(desk, trade, production):
    copy = production(groups=["Desk"])
    Group.objects.filter(pk=desk.group.pk).update(name="Renamed")
    other = make_group("Desk")
    with pytest.raises(CopyRefused, match=f"so is group {other.pk} here: give that one another"):
        bring_in(copy, at=AT)


def test_an_account_with_fills_of_its_own_is_refused(desk, trade, tmp_path):
    copy = write_copy(tmp_path, at=AT, masked=False).path
    with pytest.raises(CopyRefused, match="has fills of its own here"):
        bring_in(copy, at=AT)
    assert not Trade.objects.get().is_copied


def test_production_refuses(trade, production, settings):
    copy = production()
    settings.PRODUCTION = True
    with pytest.raises(CopyRefused, match="This is production"):
        bring_in(copy, at=AT)


def test_what_was_changed_or_broken_on_the_way_is_refused(trade, production, tmp_path):
    copy = production()
    with zipfile.ZipFile(copy) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}

    def with_part(name, content):
        path = tmp_path / "other.zip"
        with zipfile.ZipFile(path, "w") as made:
            for one, bytes_ in {**parts, name: content}.items():
                made.writestr(one, bytes_)
        return path

    for name, content, told in (
        ("trades.csv", parts["trades.csv"].replace(b"250000000", b"950000000"), "were changed"),
        ("manifest.json", b"{}", "not a whole one"),
        ("manifest.json", parts["manifest.json"].replace(b'"schema": 1', b'"schema": 9'), "form 9"),
    ):
        with pytest.raises(CopyRefused, match=told):
            bring_in(with_part(name, content), at=AT)
    (tmp_path / "half.zip").write_bytes(copy.read_bytes()[:-40])
    with pytest.raises(CopyRefused, match="not a whole one"):
        bring_in(tmp_path / "half.zip", at=AT)


def test_a_copy_of_some_days_and_some_groups_leaves_the_others(desk, trade, production):
    make_trade(desk.ana, pnl="10.00", day=20)
    make_trade(desk.sven, pnl="70.00", day=20)
    copy = production(since=date(2026, 3, 10), groups=["Desk"])
    Trade.objects.filter(closed_on=date(2026, 3, 20)).update(pnl_usd=Decimal(1))
    gone = make_trade(desk.bo, pnl="30.00", day=25)
    Fill.objects.all().delete()
    Position.objects.all().delete()
    Trade.objects.filter(id=gone.id).update(is_copied=True)
    assert bring_in(copy, at=AT).booked[:3] == (0, 1, 1)
    told = dict(Trade.objects.values_list("closed_on", "pnl_usd").order_by("pnl_usd"))
    assert told == {date(2026, 3, 2): 250, date(2026, 3, 20): 10}
    assert Trade.objects.get(account__trader=desk.sven.trader).pnl_usd == 1
    assert DayResult.objects.get(account=trade.account, day=date(2026, 3, 20)).pnl_usd == 10
    assert not DayResult.objects.filter(account=gone.account).exists()


def test_contracts_keep_their_ids_where_these_are_free(desk, trade, production):
    copy = production()
    here, there = make_contract("CL"), trade.contract
    there_id = there.pk
    Trade.objects.all().delete()
    DayResult.objects.all().delete()
    there.delete()
    bring_in(copy, at=AT)
    there = Trade.objects.get().contract
    assert there.pk == there_id
    Trade.objects.all().delete()
    DayResult.objects.all().delete()
    there.delete()
    type(here).objects.filter(pk=here.pk).update(id=there_id)
    bring_in(copy, at=AT)
    found = Trade.objects.select_related("contract").get()
    assert (found.contract.name, found.contract_id == there_id) == ("ES Mar26", False)
    assert DayResult.objects.get().contract_id == found.contract_id


def test_a_dry_run_stores_nothing_and_what_is_made_here_is_numbered_apart(desk, trade, production):
    copy = production()
    Trade.objects.all().delete()
    assert bring_in(copy, at=AT, dry_run=True).booked.new == 1
    assert not Trade.objects.exists()
    bring_in(copy, at=AT)
    assert make_group("Ours").pk > 1_000_000_000


def test_the_commands_and_the_nightly_tasks(desk, trade, production, tmp_path, settings, capsys):
    with pytest.raises(CommandError, match="TRADES_COPY_TO"):
        call_command("export_trades")
    with pytest.raises(CommandError, match="There is no group Nobody"):
        call_command("export_trades", to=tmp_path, groups=["Nobody"])
    with pytest.raises(CommandError, match="holds no copy"):
        call_command("import_trades", tmp_path)
    call_command("export_trades", "--to", str(tmp_path), "--no-masked")
    assert "1 contracts, 1 trades" in capsys.readouterr().out
    export_trades()
    import_trades()
    production()
    Trade.objects.all().delete()
    call_command("import_trades", tmp_path)
    assert "1 trades new, 0 changed, 0 gone" in capsys.readouterr().out

    settings.TRADES_COPY_TO = settings.TRADES_COPY_FROM = str(tmp_path / "nightly")
    export_trades()
    Trade.objects.all().delete()
    assert not Fill.objects.exists()
    make_trade(desk.ana)
    import_trades()  # refused, and only told
    assert not Trade.objects.get().is_copied
    (copy,) = (tmp_path / "nightly").iterdir()
    assert copy.suffix == ".zip"
    assert copy.stat().st_mode & 0o077 == 0  # everybody's results


def test_old_copies_are_removed(tmp_path):
    for day in range(1, 6):
        (tmp_path / f"trades-2026030{day}T041000Z.zip").touch()
    (tmp_path / "trades-of-mine.zip").touch()
    assert prune(tmp_path, keep=2) == 3
    assert newest(tmp_path).name == "trades-20260305T041000Z.zip"
    assert (tmp_path / "trades-of-mine.zip").exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_copy_reads_one_snapshot(tmp_path, monkeypatch):
    group = make_group("Lonely")
    seen = []

    def ids(names):
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            seen.append(cursor.fetchone()[0])
        return [group.pk]

    monkeypatch.setattr(writing, "_ids", ids)
    done = write_copy(tmp_path, at=AT, masked=False, groups=["Lonely"])
    assert (seen, done.rows["groups"], done.rows["trades"]) == (["repeatable read"], 1, 0)
