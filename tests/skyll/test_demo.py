"""The demo: made once, left alone, and never in production."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.actions import log_in
from accounts.models import CustomUser
from audit.models import LogEntry
from futures.models import CalendarEvent, FxRate
from ingestion.models import Connection, Feed
from ingestion.simulator import Setup, Simulator
from ledger.models import FeeSchedule
from skyll import demo
from skyll.demo.people import ADMIN, OPERATOR, OPT_OUT, TRADER, Passwords
from tests.factories import make_event
from traders.models import Group, PlatformAccount, Trader

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8765"
SETUP = Setup(start=date(2026, 9, 1), days=80, traders=20, accounts=24, goes_on=True)
TABLES = (
    "groups", "traders", "trader_platforms", "accounts_customuser", "account_emailaddress",
    "ingestion_connection", "ingestion_feed", "ledger_feeschedule", "futures_fxrate",
    "futures_calendarevent",
    "user_management_audit_log",
)  # fmt: skip


@pytest.fixture
def passwords(tmp_path):
    return Passwords(tmp_path / "demo.json")


def make(passwords, **given):
    return demo.make(SETUP, **{"base_url": URL, "passwords": passwords, "at": AT, **given})


def everything():
    """All rows that the demo writes, as text."""
    told = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            told[table] = cursor.fetchall()
    return told


@pytest.mark.django_db
def test_a_second_time_changes_nothing(passwords, tmp_path):
    first = make(passwords)
    before = everything()

    second = make(Passwords(tmp_path / "demo.json"))

    assert str(first).startswith("Demo: 3 groups, 6 connections, 19 traders, ")
    assert str(second) == "Demo: all there"
    assert everything() == before


@pytest.mark.django_db
def test_the_three_test_users_are_who_they_should_be(passwords):
    make(passwords)

    admin, trader, opted_out = (CustomUser.objects.get(email=e) for e in (ADMIN, TRADER, OPT_OUT))
    first = Group.objects.get(name="Northgate Futures")

    assert (admin.is_admin, admin.trader, admin.group) == (True, None, first)
    assert trader.trader is not None
    assert trader.trader.group == trader.group == first
    assert not trader.is_admin
    assert opted_out.opt_out
    assert opted_out.trader is not None
    for email in (ADMIN, TRADER, OPT_OUT):
        assert EmailAddress.objects.get(email=email).verified
        log_in(email=email, password=passwords.of(email), address="127.0.0.1", at=AT)


@pytest.mark.django_db
def test_the_operator_opens_the_django_admin_and_nothing_else(passwords):
    make(passwords)

    operator = CustomUser.objects.get(email=OPERATOR)

    assert (operator.is_staff, operator.is_superuser) == (True, True)
    assert (operator.is_admin, operator.group, operator.trader) == (False, None, None)


@pytest.mark.django_db
def test_whom_it_makes_stands_in_the_log(passwords):
    make(passwords)

    made = LogEntry.objects.filter(action="create").order_by()
    for kind, table in (
        ("custom_user", CustomUser), ("group", Group), ("trader", Trader),
        ("trader_platform", PlatformAccount),
    ):  # fmt: skip
        logged = made.filter(entity_type=kind).values_list("entity_id", flat=True)
        assert sorted(logged) == sorted(table.objects.values_list("id", flat=True))
    assert LogEntry.objects.filter(action="archive", entity_type="trader").count() == 1
    assert set(LogEntry.objects.values_list("user_email", "scope")) == {("", "user_management")}


@pytest.mark.django_db
def test_the_environment_names_the_operator(settings, tmp_path):
    settings.LOCAL_DIR = tmp_path
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Boss@Desk.test", "quite-a-long-one"

    call_command("make_demo", stdout=StringIO())

    boss = CustomUser.objects.get(is_superuser=True)
    assert boss.email == "boss@desk.test"
    assert boss.check_password("quite-a-long-one")
    assert "quite-a-long-one" not in (tmp_path / "demo.json").read_text()


@pytest.mark.django_db
def test_passwords_are_random_kept_once_and_for_our_eyes_only(passwords, tmp_path):
    make(passwords)

    kept = tmp_path / "demo.json"
    told = json.loads(kept.read_text())

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert set(told) == {ADMIN, TRADER, OPT_OUT, OPERATOR}
    assert len(set(told.values())) == 4


@pytest.mark.django_db
def test_a_lost_file_gives_new_passwords(passwords, tmp_path):
    make(passwords)
    (tmp_path / "demo.json").unlink()

    anew = Passwords(tmp_path / "demo.json")
    make(anew)

    assert anew.of(TRADER) != passwords.of(TRADER)
    log_in(email=TRADER, password=anew.of(TRADER), address="127.0.0.1", at=AT)


@pytest.mark.django_db
def test_a_given_password_is_used_and_never_written(tmp_path):
    chosen = Passwords(tmp_path / "demo.json", given={OPERATOR: "quite-a-long-one"})
    make(chosen)

    assert CustomUser.objects.get(email=OPERATOR).check_password("quite-a-long-one")
    assert "quite-a-long-one" not in (tmp_path / "demo.json").read_text()


@pytest.mark.django_db
def test_connections_carry_each_company_s_key_and_their_history(passwords):
    make(passwords)

    companies = {company.name: company for company in Simulator(SETUP).companies}
    for one in Connection.objects.all():
        company = companies[one.group.name]
        assert (one.app_key, one.secret) == (company.key, company.secret)
        assert company.secret not in one.sealed_secret
        assert (one.base_url, one.history_from) == (URL, SETUP.start)
    assert Connection.objects.filter(price_feed=True).count() == 1
    assert Feed.objects.filter(stream="fills").count() == 6


@pytest.mark.django_db
def test_another_port_moves_the_connections_and_nothing_else(passwords):
    make(passwords)
    Connection.objects.update(poll_seconds=77)

    moved = make(passwords, base_url="http://127.0.0.1:9999")

    assert str(moved) == "Demo: 6 connections made"
    assert set(Connection.objects.values_list("base_url", "poll_seconds")) == {
        ("http://127.0.0.1:9999", 77)
    }


@pytest.mark.django_db
def test_traders_have_their_accounts_and_the_newest_is_left_to_the_provider(passwords):
    make(passwords)

    people = Simulator(SETUP).population
    of_plan = {(one.environment, one.account_id) for one in people.accounts}
    made = set(PlatformAccount.objects.values_list("environment", "account"))

    assert of_plan - made == {
        (one.environment, one.account_id) for one in people.traders[-1].accounts
    }
    assert Trader.objects.filter(is_archived=True).count() == 1
    assert PlatformAccount.objects.filter(is_sim=True, environment="ext_prod_sim").count() == 2
    first = Trader.objects.get(user__email=TRADER)
    assert first.accounts.count() == 3
    assert None not in (first.offices, first.floor, first.stage, first.style)


@pytest.mark.django_db
def test_every_currency_has_its_rate_and_every_product_its_fee(passwords):
    make(passwords)

    days = (AT.date() - SETUP.start).days

    assert {
        currency: FxRate.objects.filter(currency=currency).count()
        for currency in ("EUR", "GBP", "JPY")
    } == dict.fromkeys(("EUR", "GBP", "JPY"), days)
    assert FeeSchedule.objects.count() == 3 * 25


@pytest.mark.django_db
def test_the_calendar_covers_the_trades_and_a_year_ahead(passwords):
    make(passwords)

    days = list(CalendarEvent.objects.order_by("at").values_list("at__date", flat=True))

    assert days[0] >= SETUP.start
    assert (days[0] - SETUP.start).days <= 2
    assert 0 <= ((AT + timedelta(days=365)).date() - days[-1]).days <= 2
    assert set(CalendarEvent.objects.values_list("source", flat=True)) == {"generated"}


@pytest.mark.django_db
def test_the_calendar_is_left_alone_and_gives_way_to_the_real_one(passwords):
    edited = make_event("CPI (demo schedule)", "2026-11-12T13:30Z", event_type="cpi", actual="0.3%")
    make_event("CPI", "2026-09-09T12:30Z", event_type="cpi")

    make(passwords)

    made = CalendarEvent.objects.filter(source="generated")
    prices = made.filter(event_type="cpi", country="US").order_by("at")
    assert prices[0].at.date() > edited.at.date()
    assert made.filter(event_type="cpi", country="GB", at__month=10).exists()
    edited.refresh_from_db()
    assert edited.actual == "0.3%"


@pytest.mark.django_db
def test_trading_technologies_takes_the_simulator_s_place(settings, tmp_path, monkeypatch):
    settings.LOCAL_DIR = tmp_path
    settings.TT_KEY, settings.TT_SECRET = "key", "secret"
    settings.TT_BASE_URL = "https://ttrestapi.trade.tt"
    monkeypatch.delenv("SIMULATOR_PORT", raising=False)

    call_command("make_demo", stdout=StringIO())

    one = Connection.objects.get()
    assert (one.platform.code, one.group.name) == ("tt", "Northgate Futures")
    assert not Trader.objects.exists()
    assert CustomUser.objects.get(email=TRADER).trader is None


@pytest.mark.django_db
def test_never_in_production(settings):
    settings.ENVIRONMENT = "production"

    with pytest.raises(CommandError, match="never made where ENVIRONMENT is production"):
        call_command("make_demo")
    assert not CustomUser.objects.exists()


@pytest.mark.django_db
def test_the_command_says_one_sentence(settings, tmp_path):
    settings.LOCAL_DIR = tmp_path
    said = StringIO()

    call_command("make_demo", stdout=said)
    call_command("make_demo", "--json", stdout=said)

    first, second = said.getvalue().strip().splitlines()
    assert first.startswith("Demo: 3 groups, 6 connections, 59 traders, ")
    assert set(json.loads(second).values()) == {0}
