"""The calendar in the Django admin: found, changed, and seen through the API at once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from futures.models import CalendarEvent
from tests.factories import make_event

LIST = "admin:futures_calendarevent_changelist"
FORM = {
    "name": "CPI", "event_type": "cpi", "country": "US", "importance": "high",
    "at_0": "2026-03-11", "at_1": "12:30:00", "actual": "", "forecast": "0.2%", "previous": "",
    "source": "entered by hand",
}  # fmt: skip


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("olga", "olga@desk.test", "x"))
    return client


@pytest.fixture
def shown(desk, as_user):
    def rows():
        period = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
        return as_user(desk.ana).get("/api/v1/calendar-events", period).json()["data"]

    return rows


def save(operator, page, form, *args):
    answer = operator.post(reverse(f"admin:futures_calendarevent_{page}", args=args), form)
    if answer.status_code == 200:
        return answer.context["adminform"].form.errors
    assert answer.status_code == 302, answer.content
    return {}


def test_what_is_entered_changed_and_deleted_shows_at_once(operator, shown):
    assert shown() == []

    assert not save(operator, "add", FORM)
    (row,) = shown()
    assert (row["datetime"], row["actual"], row["forecast"]) == (
        "2026-03-11T12:30:00Z", None, "0.2%",
    )  # fmt: skip

    event = CalendarEvent.objects.get()
    assert not save(operator, "change", {**FORM, "actual": "0.3%"}, event.pk)
    assert shown()[0]["actual"] == "0.3%"

    assert not save(operator, "delete", {"post": "yes"}, event.pk)
    assert shown() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("event_type", "C P I"), ("country", "USA"), ("country", "us"), ("importance", "vast")],
)
def test_a_form_that_does_not_fit_says_where(operator, field, value):
    assert list(save(operator, "add", {**FORM, field: value})) == [field]
    assert not CalendarEvent.objects.exists()


def test_an_event_that_is_there_is_not_made_twice(operator):
    assert not save(operator, "add", FORM)
    assert "__all__" in save(operator, "add", {**FORM, "event_type": "other"})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "prices"}, 1),
        ({"event_type": "fomc"}, 1),
        ({"country": "EU"}, 1),
        ({"importance": "high"}, 2),
        ({"source": "generated"}, 1),
        ({"at__year": 2026, "at__month": 4}, 1),
        ({"at__year": 2026, "at__month": 3, "at__day": 11}, 1),
    ],
)
def test_the_list_is_searched_and_filtered(operator, query, found):
    make_event("Rates", "2026-03-18T18:00Z", event_type="fomc", source="generated")
    make_event("Prices", "2026-03-11T12:30Z", event_type="cpi", country="EU", importance="low")
    make_event("Jobs", "2026-04-03T12:30Z", event_type="employment")
    page = operator.get(reverse(LIST), query)
    assert page.status_code == 200
    assert page.context["cl"].result_count == found


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_however_long(operator, django_assert_num_queries, rows):
    for number in range(rows):
        make_event(f"Event {number}", f"2026-03-{number % 28 + 1:02}T12:00Z", source=f"s{number}")
    with django_assert_num_queries(11):
        operator.get(reverse(LIST))
