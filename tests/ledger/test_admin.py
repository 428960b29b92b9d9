"""What an operator sets about money acts on the books at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from futures.models import FxRate
from ledger.models import FeeSchedule, Trade
from ledger.rebuild import rebuild
from tests.factories import AT, make_group, make_trader
from tests.ledger.conftest import make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db) -> Client:
    user = CustomUser.objects.create_superuser("operator", "operator@example.com", "x")
    client = Client()
    client.force_login(user)
    return client


def post(operator: Client, page: str, *args: object, **form: object) -> None:
    answer = operator.post(reverse(f"admin:{page}", args=args), form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert "/login/" not in answer["Location"]


def trade(books, contract=None):
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", contract=contract or books.es),
        books.sell(1, "5010", "2026-03-02 11:00:00", contract=contract or books.es),
    )


def test_a_fee_set_changed_and_deleted(books, operator):
    trade(books)
    form = {"group": books.account.trader.group_id, "product": books.es.product_id}

    post(operator, "ledger_feeschedule_add", **form, from_day="2026-03-01", per_side="2.5")
    assert Trade.objects.get().pnl_usd == 495

    schedule = FeeSchedule.objects.get()
    post(operator, "ledger_feeschedule_change", schedule.pk, **form,
         from_day="2026-03-03", per_side="2.5")  # fmt: skip
    assert Trade.objects.get().pnl_usd == 500

    post(operator, "ledger_feeschedule_change", schedule.pk, **form,
         from_day="2026-03-01", per_side="1")  # fmt: skip
    post(operator, "ledger_feeschedule_delete", schedule.pk, post="yes")
    assert Trade.objects.get().pnl_usd == 500


def test_a_rate_set_changed_and_deleted(books, operator):
    trade(books, make_contract("FESX", "FESX Mar26", date(2026, 3, 1)))
    assert Trade.objects.get().pnl_usd is None

    form = {"currency": "EUR", "day": "2026-03-02", "source": ""}
    post(operator, "futures_fxrate_add", **form, usd_per_unit="1.1")
    assert Trade.objects.get().pnl_usd == 110

    rate = FxRate.objects.get()
    post(operator, "futures_fxrate_change", rate.pk, **form, usd_per_unit="1.2")
    assert Trade.objects.get().pnl_usd == 120

    post(operator, "futures_fxrate_delete", rate.pk, post="yes")
    assert Trade.objects.get().held == "no EUR rate for 2026-03-02"


def test_a_point_value_brings_in_the_fills_that_waited(books, operator):
    dark = make_contract("NQ", "NQ Mar26", date(2026, 3, 1), point_value=None)
    trade(books, dark)
    assert not Trade.objects.exists()

    form = {
        "product": dark.product_id, "name": dark.name, "expiry_month": "2026-03-01",
        "expires_on": "", "currency": "USD", "tick_size": "0.25",
    }  # fmt: skip
    post(operator, "futures_contract_change", dark.pk, **form, point_value="20")
    assert Trade.objects.get().pnl_usd == Decimal(200)

    post(operator, "futures_contract_change", dark.pk, **form, point_value="2")
    assert Trade.objects.get().pnl_usd == Decimal(20)


def group_form(group, **given):
    form = {"name": group.name, "min_cohort": 0, "scratch_ticks": group.scratch_ticks}
    return {**form, **given}


def test_a_scratch_tolerance_changed(books, operator):
    """Ten points are forty ticks of ES."""
    trade(books)
    group = books.account.trader.group
    post(operator, "traders_group_change", group.pk, **group_form(group, scratch_ticks=39))
    assert Trade.objects.get().outcome == 1
    post(operator, "traders_group_change", group.pk, **group_form(group, scratch_ticks=40))
    assert Trade.objects.get().outcome == 0
    assert rebuild(at=AT).changed == 0


def test_an_account_comes_under_the_terms_of_its_new_group(books, operator):
    trade(books)
    account = books.account
    other = make_trader(make_group("Other"), accounts=0)
    FeeSchedule.objects.create(
        group=other.group, product=books.es.product, from_day=date(2026, 1, 1), per_side=2
    )
    version = account.books_version
    post(operator, "traders_platformaccount_change", account.pk, trader=other.pk,
         platform=account.platform_id, environment=account.environment,
         account=account.account, name=account.name)  # fmt: skip
    assert Trade.objects.get().pnl_usd == 496
    account.refresh_from_db()
    assert account.books_version > version
