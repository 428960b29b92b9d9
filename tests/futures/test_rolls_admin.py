"""Rolls by hand in the Django admin, and the bars of a contract there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from futures import rolls
from futures.models import Product, Roll
from tests.factories import make_bar, make_contract


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("olga", "olga@desk.test", "x"))
    return client


def save(operator, contract, day, *args, product=None):
    page = "change" if args else "add"
    form = {
        "product": (product or contract.product).pk,
        "contract": contract.pk,
        "from_day": day,
    }
    answer = operator.post(reverse(f"admin:futures_roll_{page}", args=args), form)
    return answer.context["adminform"].form.errors if answer.status_code == 200 else {}


def test_what_is_entered_or_changed_is_by_hand_and_stays(operator):
    mar, jun = make_contract("ES"), make_contract("ES", "Jun26")
    at = datetime(2026, 4, 1, tzinfo=UTC)
    rolls.keep(product_id=mar.product_id, at=at)
    ruled = Roll.objects.get(from_day="2026-03-01")
    assert (ruled.contract, ruled.source) == (jun, "rule")

    assert save(operator, jun, "2026-03-12", ruled.pk) == {}
    assert save(operator, mar, "2026-02-27") == {}
    rolls.keep(product_id=mar.product_id, at=at)
    told = Roll.objects.order_by("from_day").values_list("from_day", "contract", "source")
    assert [(f"{day:%m-%d}", *rest) for day, *rest in told] == [
        ("12-01", mar.pk, "rule"), ("02-27", mar.pk, "hand"), ("03-12", jun.pk, "hand"),
    ]  # fmt: skip


def test_a_contract_of_another_product_is_refused(operator):
    nq = Product.objects.get(symbol="NQ")
    assert list(save(operator, make_contract("ES"), "2026-03-12", product=nq)) == ["contract"]
    assert not Roll.objects.exists()


def test_a_contracts_page_shows_its_bars_day_by_day(operator, django_assert_max_num_queries):
    es = make_contract()
    page = reverse("admin:futures_contract_change", args=[es.pk])
    assert "none" in operator.get(page).content.decode()
    for day in range(1, 29):
        make_bar(es, f"2026-02-{day:02}T10:00:00Z", "5000.25", low="4999.75", volume=3)
        make_bar(es, f"2026-03-{day:02}T11:30:00Z", "5001")
    with django_assert_max_num_queries(12):
        text = operator.get(page).content.decode()
    assert text.count("<tr><td>") == 31  # 28 in March, three in February
    assert "<td>1</td><td>11:30</td><td>11:30</td><td>5001</td><td>5001</td><td>1</td>" in text
    assert (
        "<td>1</td><td>10:00</td><td>10:00</td><td>4999.75</td><td>5000.25</td><td>3</td>" in text
    )
