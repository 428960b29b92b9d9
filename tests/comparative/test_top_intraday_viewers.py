"""The day's best trades: who sees whose, and what of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from ledger.actions import record_fills
from ledger.fold.results import TOO_LARGE
from ledger.models import Trade
from tests.comparative.tops import DAY, URL, WHITELIST, columns, products, trade_of
from tests.factories import (
    AT,
    make_account,
    make_contract,
    make_trade,
    make_trader,
    make_user,
    new_fill,
)

pytestmark = pytest.mark.usefixtures("april")


def test_who_is_among_them(desk, top):
    """Each in a product of its own."""
    make_trade(desk.ana, pnl="10", symbol="ES")
    make_trade(desk.bo, pnl="20", symbol="CL")
    make_trade(desk.otto, pnl="40", symbol="GC")  # opted out: seen by admins
    make_trade(desk.sven, pnl="80", symbol="NQ")  # elsewhere
    make_trade(desk.ana, pnl="160", symbol="SI", sim=True)
    make_trade(make_trader(desk.group, is_archived=True), pnl="320", symbol="HG")
    make_trade(desk.ana, pnl="-5", symbol="YM")
    make_trade(desk.ana, pnl="0", symbol="RTY")
    make_trade(desk.ana, pnl="50", symbol="PL", day=3)

    assert products(top(desk.ana)) == products(top(desk.bo)) == ["CL", "ES"]
    assert products(top(make_user(group=desk.group))) == ["CL", "ES"]
    assert [row["product"] for row in top(desk.cora)["data"]] == ["GC", "CL", "ES"]
    assert products(top(desk.sven)) == ["NQ"]
    desk.bo.is_admin = desk.bo.opt_out = True  # sees, but is not seen
    desk.bo.save()
    assert products(top(desk.bo)) == ["CL", "ES", "GC"]
    assert products(top(desk.ana)) == ["ES"]


def test_a_trade_held_over_midnight_is_not_of_the_day(desk, top):
    account, contract = desk.ana.trader.accounts.get(), make_contract("ES")
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    for name, opened, closed in (
        ("over", midnight - timedelta(microseconds=1), midnight + timedelta(minutes=30)),
        ("first", midnight + timedelta(hours=1), midnight + timedelta(hours=2)),
        ("last", midnight + timedelta(hours=23), midnight + timedelta(days=1, microseconds=-1)),
        ("next", midnight + timedelta(days=1, hours=-0.5), midnight + timedelta(days=1)),
    ):
        month = contract if name != "next" else make_contract("ES", "Jun26")
        record_fills(
            [
                new_fill(account, month, f"{name}{side}", side, 1, Decimal(price), at)
                for side, price, at in ((1, 100, opened), (-1, 101, closed))
            ],
            at=AT,
        )
    ids = {row["id"] for row in top(desk.cora)["data"]}
    found = Trade.objects.filter(pk__in=ids).values_list("opened_exec_id", flat=True)
    assert sorted(found) == ["first1", "last1"]


def test_who_may_not_ask(desk, as_user, api):
    def refusal(user):
        answer = as_user(user).get(URL, DAY)
        return answer.status_code, answer.json()["code"]

    assert refusal(desk.otto) == (403, "opted_out")
    assert refusal(make_user("nora")) == (403, "no_group")
    desk.group.is_archived = True
    desk.group.save()
    assert refusal(desk.ana) == refusal(desk.otto) == refusal(desk.cora) == (403, "no_group")
    assert api.get(URL, DAY).status_code == 401


def test_the_own_trade_is_treated_like_the_others(desk, bars, top):
    trade_of(desk.ana, lots=3)
    trade_of(desk.bo, lots=40, symbol="CL")

    def without_names(user):
        rows = sorted(top(user)["data"], key=lambda row: row["product"])
        owned = [row.pop("is_own") for row in rows]
        return [row.pop("id") for row in rows], owned, rows

    ids, owned, rows = without_names(desk.ana)
    theirs, not_owned, same = without_names(desk.bo)
    assert (owned, not_owned, rows) == ([False, True], [True, False], same)
    assert not set(ids) & set(theirs)


def test_names_are_of_one_viewer_and_day_and_their_order_is_the_lists(desk, top, settings):
    trades = [make_trade(desk.bo, pnl=str(n), day=day) for n in range(1, 6) for day in (2, 3)]

    def names(user, **params):
        return [row["id"] for row in top(user, **params)["data"]]

    seen = [names(user, date=f"2026-03-0{day}") for user in (desk.ana, desk.bo) for day in (2, 3)]
    assert all(one == sorted(one) for one in seen)
    assert len({name for one in seen for name in one}) == 20
    assert not {str(trade.pk) for trade in trades} & {name for one in seen for name in one}
    assert names(desk.ana) == seen[0]
    settings.SECRET_KEY = "another" * 10
    assert not set(names(desk.ana)) & set(seen[0])


def test_times_are_cut_to_the_second_where_sizes_are_hidden(desk, top):
    trade_of(desk.ana)
    (row,) = top(desk.ana)["data"]
    assert (row["opened_at"], row["closed_at"]) == ("2026-03-02T14:30:20Z", "2026-03-02T14:33:40Z")


def test_what_is_held_back_is_counted_for_admins_only(desk, top):
    for _ in range(2):
        make_trade(desk.bo, symbol="FGBL")
    huge = make_trade(desk.bo, pnl="-7")
    Trade.objects.filter(pk=huge.pk).update(pnl_usd=None, held=TOO_LARGE)
    assert top(desk.cora)["meta"]["notes"] == [
        f"1 trade is held back: {TOO_LARGE}", "2 trades are held back: no EUR rate for 2026-03-02",
    ]  # fmt: skip
    assert top(desk.ana)["meta"]["notes"] == ["Trades are held back: no EUR rate for 2026-03-02"]


def test_opting_out_and_in_is_felt_while_the_cache_is_warm(desk, top):
    make_trade(desk.ana, symbol="ES")
    make_trade(desk.bo, symbol="CL")
    for opt_out, seen in ((False, ["CL", "ES"]), (True, ["ES"]), (False, ["CL", "ES"])):
        desk.bo.opt_out = opt_out
        desk.bo.save()
        assert products(top(desk.ana)) == seen
        assert products(top(desk.cora)) == ["CL", "ES"]


def test_new_fills_and_accounts_are_felt_while_the_cache_is_warm(desk, top):
    make_trade(desk.ana, symbol="ES")
    assert products(top(desk.ana)) == ["ES"]
    make_trade(make_account(desk.bo.trader), symbol="CL")
    assert products(top(desk.ana)) == ["CL", "ES"]


def test_nothing_is_told_but_what_the_schema_lets_everybody_have(desk, bars, top):
    trade_of(desk.ana)
    generator: Any = SchemaGenerator()
    parts = generator.get_schema(request=None, public=True)["components"]["schemas"]
    shape = parts["TopTrade"]
    assert set(shape["required"]) == WHITELIST
    (mine,), (coachs,) = top(desk.ana)["data"], top(desk.cora)["data"]
    assert mine.keys() == WHITELIST
    assert coachs.keys() == shape["properties"].keys()
    for row in (mine, coachs):
        assert all(
            candle.keys() == parts["Candle"]["properties"].keys() for candle in row["candles"]
        )
    assert all(type(figure) is int for candle in columns(mine) for figure in candle)
    assert top(desk.ana)["meta"].keys() == set(parts["TopMeta"]["properties"]) - {"trader"}
