"""Reconciliation in the Django admin: traders by days in squares, a day down to its fills."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.staticfiles import finders
from django.test import Client

from common.clock import to_ns
from ledger.actions import record_fills
from ledger.admin import squares
from ledger.models import ReconciledDay, Trade
from tests.factories import (
    AT,
    make_account,
    make_contract,
    make_reconciled,
    make_trade,
    make_trader,
    make_user,
    new_fill,
)

GROUPS = "/admin/traders/group/reconciliation/"
NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def present():
    with time_machine.travel(datetime(2026, 3, 31, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(make_user("olga", is_staff=True, is_superuser=True))
    return client


def page(client, user, day="", **asked) -> str:
    """Return the page of a user's group, or of the user's day in it."""
    address = f"/admin/traders/group/{user.group_id}/reconciliation/"
    answer = client.get(f"{address}{user.trader_id}/{day}/" if day else address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(text: str) -> list[tuple[str, ...]]:
    """Return (class, day, words, letter) of each square."""
    return re.findall(
        r'<a class="square (\w+)" href="\d+/([\d-]+)/" title="([^"]*)" aria-label="\3">(\w)</a>',
        text,
    )


def reconcile(user, *rows, symbol="ES", month="Jun26", **given) -> None:
    """Say what (day of March, state) came to; nothing is traded."""
    contract = make_contract(symbol, month)
    ReconciledDay.objects.bulk_create(
        ReconciledDay(
            account=user.trader.accounts.get(), day=date(2026, 3, day), contract=contract,
            product=contract.product, state=state, checked_at=AT,
            **{"fill_count": 2, "bought": 1, "sold": 1, "position": 0} | given,
        )
        for day, state in rows
    )  # fmt: skip


def test_a_square_shows_the_worst_of_the_day_by_colour_letter_and_words(desk, operator):
    reconcile(desk.ana, (4, "flat"), (5, "open"), (6, "flat"), (31, "unverifiable"))
    reconcile(desk.ana, (5, "flat"), (6, "mismatch"), (31, "skipped"), symbol="CL")
    reconcile(desk.ana, (3, "skipped"))  # before the four weeks
    reconcile(desk.sven, (10, "skipped"))

    text = page(operator, desk.ana)
    assert drawn(text) == [
        ("flat", "2026-03-04", "Ana, Wed 2026-03-04: 1 flat", "F"),
        ("open", "2026-03-05", "Ana, Thu 2026-03-05: 1 open, 1 flat", "O"),
        ("mismatch", "2026-03-06", "Ana, Fri 2026-03-06: 1 mismatch, 1 flat", "M"),
        ("skipped", "2026-03-31", "Ana, Tue 2026-03-31: 1 skipped, 1 unverifiable", "S"),
    ]
    assert [f">{name}</th>" in text for name in ("Ana", "Bo", "Otto", "Sven")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert "3 not reconciled" in text


def test_a_calendar_spread_is_shown_as_such_and_is_no_problem(desk, operator):
    since = {"open_since_ns": to_ns(NOON - timedelta(days=20)), "opened_exec_id": "x-1"}
    account = desk.ana.trader.accounts.get()
    for month, side in (("Mar26", 1), ("Jun26", -1)):
        contract = make_contract("ES", month)
        record_fills(
            [new_fill(account, contract, month, side, 1, Decimal(1), NOON - timedelta(days=20))],
            at=AT,
        )
        reconcile(desk.ana, (31, "open"), month=month, is_spread=True, position=side, **since)

    text = page(operator, desk.ana)
    assert drawn(text) == [("spread", "2026-03-31", "Ana, Tue 2026-03-31: 2 spread", "C")]
    assert text.count('<span class="count spread">calendar spread</span>') == 2
    assert "0 not reconciled" in text
    assert '<td class="number">0</td>\n  </tr>' in operator.get(GROUPS).content.decode()


def test_what_is_held_for_long_has_its_true_age_and_leads_to_its_opening(desk, operator):
    account, contract = desk.ana.trader.accounts.get(), make_contract("ES")
    opened = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
    record_fills([new_fill(account, contract, "long-ago", 1, 3, Decimal(5000), opened)], at=AT)
    reconcile(
        desk.ana, (31, "open"), month="Mar26", position=3, open_since_ns=to_ns(opened),
        opened_exec_id="long-ago",
    )  # fmt: skip
    text = page(operator, desk.ana)
    assert '<th scope="row" class="number">85</th>' in text
    assert f'href="{desk.ana.trader_id}/2026-01-05/?account={account.pk}' in text
    assert "<code>long-ago</code>" in text


def test_archived_traders_are_there_while_they_have_something_to_show(desk, operator):
    gone = make_trader(desk.group, "Gone", is_archived=True)
    assert "Gone" not in page(operator, desk.ana)
    make_reconciled(make_trade(gone, day=9), "flat")
    assert "Gone <small>archived</small>" in page(operator, desk.ana)


def test_other_weeks(desk, operator):
    reconcile(desk.ana, (1, "flat"), (31, "flat"))
    assert [day for _, day, _, _ in drawn(page(operator, desk.ana, until="2026-03-05"))] == [
        "2026-03-01"
    ]
    for until in ("2026-04-20", "soon", "0001-01-01"):
        assert "2026-03-31" in page(operator, desk.ana, until=until)


def test_a_day_down_to_its_fills_with_position_and_trade(desk, operator):
    account, es = desk.ana.trader.accounts.get(), make_contract("ES")
    rows = [("a1", 1, 2, "5000.25"), ("a2", -1, 3, "5004.5"), ("a3", 1, 1, "5001")]
    fills = [
        new_fill(account, es, name, side, size, Decimal(price), NOON + timedelta(seconds=n))
        for n, (name, side, size, price) in enumerate(rows)
    ]
    wrong = replace(fills[0], exec_id="a0")
    fixed = replace(wrong, exec_id="a1", ref_exec_id="a0", action="correct")
    record_fills([wrong, fixed, *fills[1:]], at=AT)
    reconcile(desk.ana, (30, "flat"), month="Mar26", fill_count=3)
    reconcile(desk.ana, (30, "flat"), symbol="CL", fill_count=9)
    long, short = Trade.objects.order_by("opened_ns")

    text = page(operator, desk.ana, "2026-03-30", account=account.pk, contract=es.pk)
    lines = [
        re.sub(r"<[^>]+>", " ", row).split() for row in text.split("<tr")[-4:]
    ]  # the fills come last
    told = [" ".join(line) for line in lines]
    assert "replaced: corrected by a1" in told[0]
    assert told[1].split("yes")[1].split() == [
        "2", str(long.id)[:8], "long", "2,", "425.00", "USD",
    ]  # fmt: skip
    assert told[2].split("yes")[1].split()[:1] == ["-1"]
    assert f"{str(long.id)[:8]} long 2, 425.00 USD, then {str(short.id)[:8]}" in told[2]
    assert "a3" in told[3] and str(short.id)[:8] in told[3]  # noqa: PT018
    assert 'class="chosen"' in text


def test_a_fill_in_no_trade_stands_out(desk, operator):
    trade = make_trade(desk.ana, day=30)
    make_reconciled(trade, "skipped", reason="2 usable fills are in no trade")
    Trade.objects.all().delete()
    text = page(operator, desk.ana, "2026-03-30")
    assert text.count('<span class="count skipped">in no trade</span>') == 2
    assert "2 usable fills are in no trade" in text


def test_many_fills_come_by_pages_with_the_position_of_the_whole_day(desk, operator, monkeypatch):
    monkeypatch.setattr(squares, "MOST_FILLS", 2)
    account, es = desk.ana.trader.accounts.get(), make_contract("ES")
    record_fills(
        [
            new_fill(account, es, f"n{n}", 1, 1, Decimal(5000), NOON + timedelta(seconds=n))
            for n in range(3)
        ],
        at=AT,
    )
    reconcile(desk.ana, (30, "open"), month="Mar26")
    first, second = (page(operator, desk.ana, "2026-03-30", page=n) for n in (1, 2))
    assert ("More fills" in first, "Fills before" in first) == (True, False)
    assert ("More fills" in second, "Fills before" in second) == (False, True)
    assert "<code>n2</code>" in second
    assert '<td class="number">3</td>' in second


def test_what_is_not_there(desk, operator):
    base = f"/admin/traders/group/{desk.group.pk}/reconciliation/"
    ana, sven = desk.ana.trader_id, desk.sven.trader_id
    for address in (
        f"{base}{sven}/2026-03-30/", f"{base}{10**9}/2026-03-30/", f"{base}{ana}/2026-04-01/",
        f"{base}{ana}/2026-02-30/", f"{base}{ana}/0001-01-01/",
        "/admin/traders/group/999999999/reconciliation/",
    ):  # fmt: skip
        assert operator.get(address).status_code == 404, address
    assert "nothing held" in page(operator, desk.ana, "2026-03-30")
    reconcile(desk.ana, (30, "flat"))
    for asked in ({"account": "x"}, {"account": 10**9, "contract": 1}, {"page": "0"}):
        page(operator, desk.ana, "2026-03-30", **asked)


def test_for_staff_who_may_view_traders(desk, operator):
    addresses = [
        GROUPS,
        f"/admin/traders/group/{desk.group.pk}/reconciliation/",
        f"/admin/traders/group/{desk.group.pk}/reconciliation/{desk.ana.trader_id}/2026-03-30/",
    ]
    pia = make_user("pia", is_staff=True)
    client, coach = Client(), Client()
    client.force_login(pia)
    coach.force_login(desk.cora)
    for address in addresses:
        assert client.get(address).status_code == 403
        assert coach.get(address)["Location"].startswith("/admin/login/")
    assert GROUPS not in client.get("/admin/").content.decode()
    pia.user_permissions.add(Permission.objects.get(codename="view_trader"))
    for address in addresses:
        assert client.get(address).status_code == 200
    assert GROUPS in client.get("/admin/").content.decode()


def test_the_way_there(desk, operator):
    one = f"/admin/traders/group/{desk.group.pk}/reconciliation/"
    for address in (GROUPS, "/admin/traders/group/", one.replace("reconciliation", "change")):
        assert one in operator.get(address).content.decode(), address
    assert finders.find("ledger/reconciliation.css")
    assert 'href="/static/ledger/reconciliation' in page(operator, desk.ana)


def test_no_page_costs_more_for_many(desk, operator, django_assert_num_queries):
    def fill(traders):
        for _ in range(traders):
            trader = make_trader(desk.group)
            make_account(trader, is_sim=True)
            for symbol in ("ES", "CL"):
                trade = make_trade(trader, symbol=symbol, day=30)
                for day in range(20, 31):
                    make_reconciled(trade, day=date(2026, 3, day))

    def cost():
        user = desk.ana
        for queries, ask in (
            (10, lambda: page(operator, user)),
            (8, lambda: page(operator, user, "2026-03-30")),
            (7, lambda: operator.get(GROUPS)),
        ):
            with django_assert_num_queries(queries):  # three about the log-in among them
                ask()

    make_reconciled(make_trade(desk.ana, day=30))
    cost()
    fill(3)
    cost()
