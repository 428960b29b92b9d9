"""The base of the Django admin that records."""

import pytest
from django.contrib.admin import AdminSite, TabularInline
from django.db import DatabaseError, connection
from django.test import RequestFactory

from audit.models import LogEntry
from audit.recorded import Recorded
from futures.models import FxRate
from tests.factories import make_account, make_group, make_trader, make_user
from traders.models import PlatformAccount, Trader

pytestmark = pytest.mark.django_db


class Accounts(TabularInline):
    model = PlatformAccount
    extra = 0
    fields = ("platform", "environment", "account", "name", "is_sim")


class TraderDesk(Recorded[Trader]):
    inlines = (Accounts,)


@pytest.fixture
def request_(db):
    request = RequestFactory().post("/")
    request.user = make_user("operator", is_staff=True, is_superuser=True)
    return request


@pytest.fixture
def desk_of_traders():
    return TraderDesk(Trader, AdminSite())


def told(*fields: str):
    return list(LogEntry.objects.order_by("id").values_list(*fields))


def test_old_values_are_those_of_the_database_not_of_the_form(desk_of_traders, request_):
    trader = make_trader(make_group(), "Ana")
    Trader.objects.filter(pk=trader.pk).update(name="Anna")
    trader.name, trader.is_archived = "Anne", True

    desk_of_traders.save_model(request_, trader, None, change=True)

    rows = LogEntry.objects.order_by("id")
    assert {row.action: row.changes for row in rows} == {
        "update": {
            "name": {"old": "Anna", "new": "Anne"},
            "source": {"old": None, "new": "console"},
        },
        "archive": {
            "is_archived": {"old": False, "new": True},
            "source": {"old": None, "new": "console"},
        },
    }
    assert set(told("entity_type", "entity_id", "user_email", "trader_id_snapshot")) == {
        ("trader", trader.pk, "operator@desk.test", trader.pk)
    }


def test_making_deleting_and_changing_nothing(desk_of_traders, request_):
    trader = Trader(group=make_group(), name="Ana")
    desk_of_traders.save_model(request_, trader, None, change=False)
    desk_of_traders.save_model(request_, trader, None, change=True)
    pk = trader.pk
    other = make_trader(trader.group, accounts=0)
    desk_of_traders.delete_model(request_, trader)
    desk_of_traders.delete_queryset(request_, Trader.objects.filter(pk=other.pk))

    assert told("action", "entity_id") == [("create", pk), ("delete", pk), ("delete", other.pk)]


def save_formset(desk, request, trader, *accounts: dict):
    """Post the inline's rows as a browser does."""
    inline = desk.get_formsets_with_inlines(request, trader)
    form_class, _ = next(iter(inline))
    prefix = form_class.get_default_prefix()
    known = [one for one in accounts if one.get("id")]
    data = {f"{prefix}-TOTAL_FORMS": len(accounts), f"{prefix}-INITIAL_FORMS": len(known)}
    for number, row in enumerate([*known, *(one for one in accounts if not one.get("id"))]):
        data |= {f"{prefix}-{number}-{name}": text for name, text in row.items()}
        data[f"{prefix}-{number}-trader"] = trader.pk
    formset = form_class(data, instance=trader)
    assert formset.is_valid(), formset.errors
    desk.save_formset(request, None, formset, change=True)


def row(of: PlatformAccount, **given) -> dict:
    plain = {
        "id": of.pk, "platform": of.platform_id, "environment": of.environment,
        "account": of.account, "name": of.name, "is_sim": "on" if of.is_sim else "",
    }  # fmt: skip
    return plain | given


def test_rows_of_inlines_are_written_down_each(desk_of_traders, request_):
    trader = make_trader(make_group(), accounts=0)
    kept, changed, gone = (make_account(trader, name) for name in ("A1", "A2", "A3"))

    save_formset(
        desk_of_traders, request_, trader, row(kept), row(changed, is_sim="on"),
        row(gone, DELETE="on"), row(kept, id="", account="A4"),
    )  # fmt: skip

    made = PlatformAccount.objects.get(account="A4")
    assert sorted(told("action", "entity_type", "entity_id")) == sorted(
        [
            ("update", "trader_platform", changed.pk),
            ("delete", "trader_platform", gone.pk),
            ("create", "trader_platform", made.pk),
        ]
    )
    assert {pk for (pk,) in told("trader_id_snapshot")} == {trader.pk}


def test_what_the_log_does_not_speak_of_passes_through(request_):
    rates = Recorded(FxRate, AdminSite())
    rate = FxRate(currency="EUR", day="2026-03-01", usd_per_unit=1, source="")
    rates.save_model(request_, rate, None, change=False)
    rates.save_model(request_, rate, None, change=True)
    rates.delete_model(request_, rate)

    assert not LogEntry.objects.exists()


def test_without_its_record_there_is_no_deed(desk_of_traders, request_):
    trader = make_trader(make_group(), "Ana")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE user_management_audit_log ADD CHECK (action <> 'update')")
    trader.name = "Anne"
    with pytest.raises(DatabaseError):
        desk_of_traders.save_model(request_, trader, None, change=True)

    assert Trader.objects.get(pk=trader.pk).name == "Ana"
