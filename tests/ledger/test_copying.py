"""What a copy of production answers in development, and what it leaves alone there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import CustomUser
from futures.models import Contract
from journal.models import Detached, TradeNote, TradeTag
from ledger.actions import record_fills
from ledger.copying import bring_in, newest, write_copy
from ledger.models import (
    CandlesDue,
    DayResult,
    Fill,
    Position,
    ReconciledDay,
    ReconcileDue,
    Trade,
)
from ledger.rebuild import rebuild
from tests.factories import (
    close_trade,
    make_contract,
    make_trade,
    make_user,
    new_fill,
)
from traders.models import Group, PlatformAccount, Trader

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
LATER = AT + timedelta(days=1)
TAG = 6
NAMES = ("name", "trader_name", "account")
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
PERSONAL = (
    "summary", "performance-by-time", "performance-by-product", "performance-by-pnl",
    "win-loss-ratio", "traded-products", "trades", "performance-by-tag",
)  # fmt: skip
COMPARATIVE = ("performance-by-time", "performance-by-product", "win-loss-ratio", "standing")
PRECIOUS = (TradeTag, TradeNote, Detached, CustomUser)
BOOKS = (
    Fill, Trade, Position, DayResult, CandlesDue, ReconcileDue, ReconciledDay, PlatformAccount,
    Trader, Group, Contract,
)  # fmt: skip


@pytest.fixture
def traded(desk):
    """A desk that has traded for two weeks: wins and losses, overnight, on a rate that is missing,
    on a sim account."""
    seed = Random(7)
    for user in (desk.ana, desk.bo, desk.otto, desk.sven):
        for symbol in ("ES", "CL", "FGBL"):
            account = user.trader.accounts.get(is_sim=False)
            record_fills(_walk(account, make_contract(symbol), seed), at=AT)
    make_trade(desk.ana, pnl="1000.00", sim=True)
    Trade.objects.filter(product__symbol="CL").update(mae_usd=Decimal(-3), mfe_usd=Decimal(9))
    return desk


def _walk(account, contract, seed):
    """Buy and sell at random, and be flat at the end; some positions are held over night."""
    at, held, fills = datetime(2026, 3, 2, 22, 30, tzinfo=UTC), 0, []
    sides = [seed.choice((1, -1)) for _ in range(24)]
    for number, side in enumerate([*sides, *[-1 if sum(sides) > 0 else 1] * abs(sum(sides))]):
        held += side
        price = contract.tick_size * (20_000 + seed.randrange(-40, 40))
        exec_id = f"{account.pk}-{contract.pk}-{number:03}"
        fills.append(new_fill(account, contract, exec_id, side, 1, price, at))
        at += timedelta(minutes=seed.randrange(1, 900))
    assert held == 0
    return fills


def answers(desk, as_user):
    """Return what the readings tell of March, to a trader and to an admin of the group."""
    told = {}
    for name in PERSONAL:
        for who in (desk.ana, desk.otto):
            told[who.username, name] = as_user(who).get(f"/api/v1/personal/{name}", MARCH)
        asked = {**MARCH, "trader": desk.bo.trader_id}
        told["bo, by cora", name] = as_user(desk.cora).get(f"/api/v1/personal/{name}", asked)
    for name in COMPARATIVE:
        for who in (desk.ana, desk.cora, desk.sven):
            told[who.username, name] = as_user(who).get(f"/api/v1/comparative/{name}", MARCH)
    told["overview"] = as_user(desk.cora).get("/api/v1/traders/overview", MARCH)
    assert {answer.status_code for answer in told.values()} == {200}
    return {key: _unnamed(answer.json()["data"]) for key, answer in told.items()}


def _unnamed(data):
    """Return what is told without names: they are masked."""
    if isinstance(data, list):
        return [_unnamed(one) for one in data]
    if isinstance(data, dict):
        return {key: _unnamed(value) for key, value in data.items() if key not in NAMES}
    return data


@pytest.fixture
def leave(monkeypatch):
    """Return a way out of production: an empty database, and then its users, made anew."""

    def empty():
        with connection.cursor() as cursor:  # what the books said before is never deleted else
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("DELETE FROM ledger_pasttrade; DELETE FROM ledger_restatement")
            cursor.execute("SET LOCAL session_replication_role = origin")
        for table in (*PRECIOUS, *BOOKS):
            table.objects.all().delete()
        monkeypatch.setitem(settings.CACHES["fast"], "KEY_PREFIX", f"test-{uuid4().hex}")

    return empty


def log_ins(desk):
    """Make the people of the desk anew, linked to the traders that came."""
    for user in (desk.ana, desk.bo, desk.otto, desk.cora, desk.sven):
        whose = {"group_id": user.group_id, "trader_id": user.trader_id}
        made = make_user(user.username, opt_out=user.opt_out, is_admin=user.is_admin)
        CustomUser.objects.filter(pk=made.pk).update(**whose)
        user.pk = made.pk


def copied(folder, at=AT, **asked):
    return write_copy(folder, at=at, masked=True, **asked).path


def books():
    return [
        list(Trade.objects.order_by("id").values()),
        list(DayResult.objects.order_by("account", "day", "contract").values()),
    ]


def test_a_copy_answers_as_production_does_and_follows_it(traded, as_user, leave, tmp_path):
    first = copied(tmp_path)
    told = answers(traded, as_user)
    ids = set(Trade.objects.values_list("id", flat=True))

    # Production goes on: a bust takes the first fill of bo's, a late one comes, ana trades again.
    lost = Trade.objects.filter(account__trader=traded.bo.trader).earliest("opened_ns")
    busted = Fill.objects.get(account=lost.account_id, exec_id=lost.opened_exec_id)
    one = new_fill(
        lost.account, lost.contract, "bust", busted.side, 1, busted.price, lost.opened_at
    )
    late = new_fill(
        lost.account, lost.contract, "late", busted.side, 1, busted.price,
        lost.opened_at + timedelta(seconds=1),
    )  # fmt: skip
    record_fills([replace(one, action="cancel", ref_exec_id=busted.exec_id), late], at=AT)
    again = close_trade(traded.ana, "2026-03-20T14:00:00Z", pnl="250.00")
    stayed = Trade.objects.filter(account__trader=traded.otto.trader).earliest("opened_ns")
    second, corrected = copied(tmp_path, LATER), answers(traded, as_user)
    assert corrected != told

    leave()
    done = bring_in(first, at=AT)
    log_ins(traded)
    assert done.booked[:3] == (len(ids), 0, 0)
    assert set(Trade.objects.values_list("id", flat=True)) == ids
    assert answers(traded, as_user) == told

    before = books()
    assert bring_in(first, at=AT).booked == (0, 0, 0, [])
    assert books() == before
    assert rebuild(at=LATER).changed == 0
    assert books() == before, "A rebuild leaves copied days alone"

    for trade in (lost, stayed):
        TradeTag.objects.create(
            account_id=trade.account_id, trade_id=trade.id, tag_id=TAG, tagged_at=AT
        )
    TradeNote.objects.create(
        account_id=stayed.account_id, trade_id=stayed.id, text="Well done", updated_at=AT
    )
    done = bring_in(newest(tmp_path), at=LATER)
    assert newest(tmp_path) == second
    assert done.booked.new > 0 < done.booked.gone
    assert Trade.objects.filter(id=again.id, is_copied=True).exists()
    tagged = set(TradeTag.objects.values_list("trade_id", flat=True))
    heir = Trade.objects.filter(account=lost.account_id, contract=lost.contract_id).earliest(
        "opened_ns"
    )
    assert tagged == {stayed.id, heir.id}, "What was written about a trade follows its heir"
    assert TradeNote.objects.get().text == "Well done"
    TradeTag.objects.all().delete()
    TradeNote.objects.all().delete()
    assert answers(traded, as_user) == corrected
