"""Accounts, traders and log-ins that change places in the console, and the books with them."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from audit.models import LogEntry
from ledger.models import FeeSchedule, Trade
from ledger.rebuild import rebuild
from tests.factories import AT, make_account, make_group, make_trader, make_user
from traders.models import PlatformAccount, Trader

pytestmark = pytest.mark.django_db
TRADERS, ACCOUNTS = "traders_trader", "traders_platformaccount"


@pytest.fixture
def operator(db) -> Client:
    user = CustomUser.objects.create_superuser("operator", "operator@example.com", "x")
    client = Client()
    client.force_login(user)
    return client


def act(operator: Client, table: str, action: str, *rows, **given):
    form = {"action": action, "_selected_action": [row.pk for row in rows], **given}
    return operator.post(reverse(f"admin:{table}_changelist"), form)


def said(answer) -> str:
    return " ".join(str(message) for message in answer.wsgi_request._messages)


def deeds() -> list[str]:
    return list(LogEntry.objects.order_by("id").values_list("action", flat=True))


def other_terms(books, per_side: int = 2):
    """Make a group that takes fees."""
    group = make_group("Other")
    FeeSchedule.objects.create(
        group=group, product=books.es.product, from_day=date(2026, 1, 1), per_side=per_side
    )
    return group


def trade(books) -> Trader:
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", contract=books.es),
        books.sell(1, "5010", "2026-03-02 11:00:00", contract=books.es),
    )
    return books.account.trader


class TestMerge:
    def test_who_stays_gets_accounts_and_log_in(self, operator):
        group = make_group()
        kept, gone = make_trader(group, "Ana"), make_trader(group, "Ana B.", accounts=2)
        user = make_user(group=group, trader=gone)

        page = act(operator, TRADERS, "merge", kept, gone)
        assert page.status_code == 200
        text = page.content.decode()
        assert all(account.account in text for account in gone.accounts.all())
        assert f"log-in {user.email}" in text
        assert kept.accounts.count() == 1  # nothing happens yet

        answer = act(operator, TRADERS, "merge", kept, gone, confirmed="yes", stays=kept.pk)
        assert answer.status_code == 302
        assert kept.accounts.count() == 3
        gone.refresh_from_db()
        user.refresh_from_db()
        assert (gone.is_archived, user.trader) == (True, kept)
        assert {"move", "archive", "merge", "link"} <= set(deeds())

    def test_the_page_says_what_stands_in_the_way(self, operator):
        group = make_group()
        one, two = make_trader(group), make_trader(group)
        for trader in (one, two):
            make_user(group=group, trader=trader)
        page = act(operator, TRADERS, "merge", one, two, confirmed="yes", stays=one.pk)
        assert "Both traders have a log-in" in page.content.decode()

        stranger = make_trader(make_group())
        page = act(operator, TRADERS, "merge", one, stranger, confirmed="yes", stays=one.pk)
        assert "Only traders of one group" in page.content.decode()
        assert "merge" not in deeds()

    def test_of_two_and_no_other_number(self, operator):
        group = make_group()
        three = [make_trader(group) for _ in range(3)]
        assert "exactly two" in said(act(operator, TRADERS, "merge", *three))
        assert "exactly two" in said(act(operator, TRADERS, "merge", three[0]))

    def test_one_of_the_two_stays(self, operator):
        group = make_group()
        one, two, third = (make_trader(group) for _ in range(3))
        page = act(operator, TRADERS, "merge", one, two, confirmed="yes", stays=third.pk)
        assert page.status_code == 200
        assert page.context["form"].errors


class TestAnotherGroup:
    def test_by_the_list(self, operator, books):
        trader, group = trade(books), other_terms(books)
        user = make_user(group=trader.group, trader=trader)

        assert act(operator, TRADERS, "move", trader).status_code == 200
        act(operator, TRADERS, "move", trader, confirmed="yes", group=group.pk)

        user.refresh_from_db()
        assert (user.trader, user.group) == (trader, group)
        assert Trade.objects.get().pnl_usd == 496
        assert rebuild(at=AT).changed == 0
        assert deeds().count("group") == 2  # of the trader, and of the log-in

    def test_by_the_form(self, operator, books):
        trader, group = trade(books), other_terms(books)
        user = make_user(group=trader.group, trader=trader)
        url = reverse("admin:traders_trader_change", args=[trader.pk])
        account = books.account
        form = {
            "name": "Renamed", "group": group.pk, "accounts-TOTAL_FORMS": 1,
            "accounts-INITIAL_FORMS": 1, "accounts-0-id": account.pk,
            "accounts-0-trader": trader.pk, "accounts-0-is_sim": "on",
        }  # fmt: skip
        answer = operator.post(url, form)
        assert answer.status_code == 302, answer.context["adminform"].form.errors

        user.refresh_from_db()
        trader.refresh_from_db()
        account.refresh_from_db()
        assert (user.group, trader.name, account.is_sim) == (group, "Renamed", True)
        assert Trade.objects.get().pnl_usd == 496
        assert sorted(deeds()) == ["group", "group", "update", "update"]

    def test_archived_groups_are_not_offered(self, operator):
        trader, gone = make_trader(make_group()), make_group(is_archived=True)
        page = act(operator, TRADERS, "move", trader, confirmed="yes", group=gone.pk)
        assert page.context["form"].errors


class TestAnotherTrader:
    def test_an_account_goes_with_its_trades(self, operator, books):
        trade(books)
        other = make_trader(other_terms(books), accounts=0)

        page = act(operator, ACCOUNTS, "move", books.account)
        assert "admin-autocomplete" in page.content.decode()
        act(operator, ACCOUNTS, "move", books.account, confirmed="yes", trader=other.pk)

        assert PlatformAccount.objects.get(pk=books.account.pk).trader == other
        assert Trade.objects.get().pnl_usd == 496
        assert deeds() == ["move"]

    def test_what_names_an_account_cannot_be_changed(self, operator):
        account = make_account(make_trader(make_group(), accounts=0), "A-1")
        url = reverse("admin:traders_platformaccount_change", args=[account.pk])
        form = {"trader": account.trader_id, "account": "B-2", "name": "x", "environment": "y"}
        assert operator.post(url, form).status_code == 302
        account.refresh_from_db()
        assert (account.account, account.name) == ("A-1", "x")


def test_staff_who_may_only_look_move_nothing():
    staff = make_user("pia", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_trader"))
    client = Client()
    client.force_login(staff)
    trader = make_trader(make_group())
    page = client.get(reverse("admin:traders_trader_changelist")).content.decode()
    for action in ("merge", "move", "archive"):
        assert f'value="{action}"' not in page
    act(client, TRADERS, "archive", trader)
    trader.refresh_from_db()
    assert not trader.is_archived
