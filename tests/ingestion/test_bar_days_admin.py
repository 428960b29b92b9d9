"""What an operator sees of the days of bars, and may do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from ingestion.models import BarDay, Feed
from tests.factories import make_contract
from tests.ingestion.fake_provider import NOW, make_connection

LIST = "admin:ingestion_barday_changelist"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("olga", "olga@desk.test", "x"))
    return client


@pytest.fixture
def days(db) -> list[BarDay]:
    connection = make_connection(name="Northgate", price_feed=True)
    given = [
        ("ES", 9, datetime(2026, 3, 10, 1, tzinfo=UTC), 1380),
        ("NQ", 9, datetime(2026, 3, 10, 1, tzinfo=UTC), 0),
        ("ES", 10, NOW, 720),
    ]
    return [
        BarDay.objects.create(
            connection=connection, contract=make_contract(symbol), day=date(2026, 3, day),
            read_until=until, bars=bars,
        )
        for symbol, day, until, bars in given
    ]  # fmt: skip


def listed(operator, **params):
    rows = operator.get(reverse(LIST), params).context["cl"].result_list
    return [(f"{row.day:%m-%d}", row.contract.name, row.bars, row.is_settled) for row in rows]


def test_the_newest_days_first_with_what_came(operator, days):
    assert listed(operator) == [
        ("03-10", "ES Mar26", 720, False),
        ("03-09", "ES Mar26", 1380, True),
        ("03-09", "NQ Mar26", 0, True),
    ]


@pytest.mark.parametrize(
    ("params", "count"), [({"bars": "none"}, 1), ({"bars": "some"}, 2), ({"q": "ES"}, 2)]
)
def test_what_is_looked_for(operator, days, params, count):
    assert len(listed(operator, **params)) == count


def test_asked_again_a_day_is_due_from_its_beginning(operator, days):
    Feed.objects.update(due_at=datetime(2999, 1, 1, tzinfo=UTC))
    form = {"action": "ask_again", "_selected_action": [days[0].pk]}
    answer = operator.post(reverse(LIST), form, follow=True)

    assert "1 days are asked for with the next poll" in answer.content.decode()
    again = BarDay.objects.get(pk=days[0].pk)
    assert (again.read_until, again.bars) == (datetime(2026, 3, 9, tzinfo=UTC), 1380)
    assert not BarDay.objects.get(pk=days[2].pk).is_settled
    due = Feed.objects.filter(due_at__year__lt=2999).values_list("stream", flat=True)
    assert list(due) == ["bars"]


def test_rows_are_never_written_by_hand(operator, days):
    assert operator.get(reverse("admin:ingestion_barday_add")).status_code == 403
    page = reverse("admin:ingestion_barday_change", args=[days[0].pk])
    assert operator.post(page, {"bars": 1}).status_code == 403
    assert operator.get(page).status_code == 200
