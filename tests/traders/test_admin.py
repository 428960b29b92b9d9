"""Groups and traders in the console."""

import pytest
from django.test import Client
from django.urls import reverse

from audit import recorded
from audit.models import LogEntry
from tests.factories import make_account, make_group, make_trader, make_user
from traders.models import PlatformAccount

pytestmark = pytest.mark.django_db
GROUPS, TRADERS = "traders_group", "traders_trader"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make_user("operator", is_staff=True, is_superuser=True))
    return client


def act(operator: Client, table: str, action: str, *rows):
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return operator.post(reverse(f"admin:{table}_changelist"), form)


@pytest.mark.parametrize("table", [GROUPS, TRADERS])
def test_archived_and_restored_by_the_list(operator, table):
    group = make_group()
    row = group if table == GROUPS else make_trader(group)
    for action, archived in (("archive", True), ("archive", True), ("restore", False)):
        act(operator, table, action, row)
        row.refresh_from_db()
        assert row.is_archived is archived
    rows = LogEntry.objects.order_by("id").values_list("action", "user_email")
    assert list(rows) == [("archive", "operator@desk.test"), ("restore", "operator@desk.test")]


def test_archived_by_the_form_is_written_down_too(operator):
    group = make_group("Desk")
    form = {"name": "Desk", "min_cohort": 3, "scratch_ticks": 0, "is_archived": "on"}
    answer = operator.post(reverse("admin:traders_group_change", args=[group.pk]), form)
    assert answer.status_code == 302
    entries = {entry.action: entry.changes for entry in LogEntry.objects.all()}
    assert entries["update"]["min_cohort"] == {"old": 0, "new": 3}
    assert entries["archive"]["is_archived"] == {"old": False, "new": True}


def test_a_group_counts_each_once(operator):
    group = make_group("Desk")
    for number in range(3):
        make_user(group=group, trader=make_trader(group), is_admin=number == 0)
    make_trader(group, is_archived=True)
    make_user(group=group, is_active=False)
    page = operator.get(reverse("admin:traders_group_changelist"))
    (row,) = page.context["cl"].result_list
    assert (row.trader_count, row.log_in_count, row.admin_count) == (3, 3, 1)


def test_a_group_is_made_here_and_written_down(operator):
    form = {"name": "New", "min_cohort": 0, "scratch_ticks": 0}
    assert operator.post(reverse("admin:traders_group_add"), form).status_code == 302
    assert LogEntry.objects.get().action == "create"


@pytest.mark.parametrize("asked", ["Ana", "XY-47", "ana@desk"])
def test_a_trader_is_found_by_name_account_or_log_in(operator, asked):
    group = make_group()
    ana = make_trader(group, "Ana Brandt", accounts=0)
    make_account(ana, "XY-4711")
    make_user("ana", group=group, trader=ana)
    make_trader(group, "Bo")
    page = operator.get(reverse("admin:traders_trader_changelist"), {"q": asked})
    assert list(page.context["cl"].result_list) == [ana]


def test_ids_of_accounts_are_shown_and_not_to_be_changed(operator):
    trader = make_trader(make_group(), accounts=0)
    account = make_account(trader, "XY-4711")
    url = reverse("admin:traders_trader_change", args=[trader.pk])
    page = operator.get(url).content.decode()
    assert "XY-4711" in page
    assert 'name="accounts-0-account"' not in page
    form = {
        "name": trader.name, "group": trader.group_id, "accounts-TOTAL_FORMS": 1,
        "accounts-INITIAL_FORMS": 1, "accounts-0-id": account.pk, "accounts-0-trader": trader.pk,
        "accounts-0-account": "other", "accounts-0-is_sim": "on",
    }  # fmt: skip
    assert operator.post(url, form).status_code == 302
    account.refresh_from_db()
    assert (account.account, account.is_sim) == ("XY-4711", True)
    entry = LogEntry.objects.get()
    assert (entry.action, entry.entity_type) == ("update", "trader_platform")


def test_nothing_is_deleted_here(operator):
    trader = make_trader(make_group())
    for table, row in ((TRADERS, trader), (GROUPS, trader.group)):
        url = reverse(f"admin:{table}_delete", args=[row.pk])
        assert operator.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("door", ["account", "trader"])
def test_what_grows_while_a_form_is_saved_is_not_set_back(operator, monkeypatch, door):
    account = make_account(make_trader(make_group("Desk")))
    trader, known = account.trader, recorded._known

    def beside(model, keys):
        """Let a poll book something between the reading and the writing of the form."""
        PlatformAccount.objects.update(books_version=7, candles_version=8, journal_version=9)
        return known(model, keys)

    monkeypatch.setattr(recorded, "_known", beside)
    if door == "account":
        form = {"trader": trader.pk, "name": "Fast", "is_sim": "on"}
        table, pk = "traders_platformaccount", account.pk
    else:
        form = {
            "name": trader.name, "group": trader.group_id, "accounts-TOTAL_FORMS": 1,
            "accounts-INITIAL_FORMS": 1, "accounts-0-id": account.pk,
            "accounts-0-trader": trader.pk, "accounts-0-is_sim": "on",
        }  # fmt: skip
        table, pk = TRADERS, trader.pk
    answer = operator.post(reverse(f"admin:{table}_change", args=[pk]), form)
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.is_sim
    assert (account.books_version, account.candles_version, account.journal_version) == (7, 8, 9)
