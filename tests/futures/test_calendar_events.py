"""The calendar: which events, by time, the values to choose from, and an edit is seen at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from futures import examples
from futures.calendar import store_events
from futures.kinds import IMPORTANCES, NewEvent
from futures.models import CalendarEvent, Importance
from tests.factories import make_event, make_user
from tests.snapshots import matches_snapshot

URL = "/api/v1/calendar-events"
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


@pytest.fixture
def ask(desk, as_user):
    def get(**params):
        answer = as_user(desk.ana).get(URL, {**MARCH, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


@pytest.fixture
def three(db):
    make_event("Rates", "2026-03-18T18:00Z", event_type="fomc", country="US")
    make_event("Prices", "2026-03-11T12:30Z", event_type="cpi", country="US")
    make_event("Prices", "2026-03-03T10:00Z", event_type="cpi", country="EU", importance="low")


def names(answer):
    return [f"{row['country']} {row['name']}" for row in answer["data"]]


def test_by_time_and_whole_utc_days(three, ask):
    make_event("last moment", "2026-03-31T23:59:59.999999Z")
    make_event("too late", "2026-04-01T00:00Z")
    make_event("first moment", "2026-03-01T00:00Z")
    make_event("too early", "2026-02-28T23:59:59Z")

    answer = ask()
    assert names(answer) == [
        "US first moment", "EU Prices", "US Prices", "US Rates", "US last moment",
    ]  # fmt: skip
    assert answer["meta"]["count"] == 5


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"event_type": "cpi"}, ["EU Prices", "US Prices"]),
        ({"event_type": ["cpi", "fomc"], "country": "US"}, ["US Prices", "US Rates"]),
        ({"country": ["EU", "US"], "importance": "low"}, ["EU Prices"]),
        ({"importance": ["low", "high"]}, ["EU Prices", "US Prices", "US Rates"]),
        ({"event_type": "gdp"}, []),  # known, but none of it here
        ({"country": "JP"}, []),
    ],
)
def test_what_is_chosen(three, ask, params, found):
    assert names(ask(**params)) == found


def test_filters_are_what_occurs_in_the_period_whatever_is_chosen(three, ask):
    make_event("April", "2026-04-02T12:30Z", event_type="ppi", country="GB")

    offered = {
        "event_type": ["cpi", "fomc"],
        "country": ["EU", "US"],
        "importance": ["low", "high"],
    }
    assert ask()["meta"]["filters"] == offered
    assert ask(event_type="gdp")["meta"]["filters"] == offered
    assert ask(start_date="2026-03-31")["meta"]["filters"] == {
        "event_type": [], "country": [], "importance": [],
    }  # fmt: skip


def test_a_type_or_a_country_of_ones_own_can_be_asked_for(ask):
    make_event("Harvest", "2026-03-05T12:00Z", event_type="wheat_report", country="UA")
    assert names(ask(event_type="wheat_report", country="UA")) == ["UA Harvest"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_type", "wheat_report"),
        ("event_type", ["cpi", "CPI"]),
        ("event_type", ""),
        ("event_type", "c\x00pi"),
        ("country", "XX"),
        ("country", "us"),
        ("country", "USA"),
        ("importance", "highest"),
        ("start_date", ""),
        ("start_date", "2026-04-01"),
        ("end_date", "2026-02-30"),
        ("end_date", ["2026-03-30", "2026-03-31"]),
    ],
)
def test_a_bad_parameter_is_refused_by_name(desk, as_user, field, value):
    answer = as_user(desk.ana).get(URL, {**MARCH, field: value})
    assert answer.status_code == 400
    told = answer.json()
    named = "end_date" if value == "2026-04-01" else field
    assert list(told["fields"]) == [named]
    assert named in told["error"]


@pytest.mark.parametrize("missing", ["start_date", "end_date"])
def test_both_ends_are_needed(desk, as_user, missing):
    params = {name: day for name, day in MARCH.items() if name != missing}
    answer = as_user(desk.ana).get(URL, params)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [missing])


def test_everybody_signed_in_sees_the_same(three, desk, as_user, api):
    everyone = [desk.ana, desk.otto, desk.cora, desk.sven, make_user("nora")]
    bodies = {as_user(user).get(URL, MARCH).content for user in everyone}
    assert len(bodies) == 1
    assert as_user(desk.ana).get(f"{URL}/", MARCH).content in bodies
    assert api.get(URL, MARCH).status_code == 401


@pytest.mark.parametrize("more", [0, 40])
def test_costs_three_queries_at_most_and_one_warm(
    three, desk, as_user, django_assert_num_queries, more
):
    for day in range(1, more + 1):
        make_event(f"Event {day}", f"2026-03-{day % 28 + 1:02}T12:00Z", event_type=f"kind{day}")
    ana, bo = as_user(desk.ana), as_user(desk.bo)
    with django_assert_num_queries(2):  # edition, events
        whole = ana.get(URL, MARCH).json()
    with django_assert_num_queries(3):  # edition, events, values
        every = ana.get(URL, {**MARCH, "importance": ["low", "medium", "high"]}).json()
    assert every == whole
    with django_assert_num_queries(1):  # edition
        bo.get(URL, MARCH)


def _by_action():
    store_events(
        [NewEvent("US", "Rates", datetime(2026, 3, 18, 18, tzinfo=UTC), "fomc", "high", "5%")],
        source="a file",
    )


def _by_hand():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM futures_calendarevent WHERE name = 'Rates'")


def _by_form():
    event = CalendarEvent.objects.get(name="Rates")
    event.actual = "5.25-5.50%"
    event.save()


@pytest.mark.parametrize("edit", [_by_action, _by_hand, _by_form])
def test_an_edit_shows_at_once_whoever_makes_it(three, ask, edit):
    before = ask()
    edit()
    assert ask()["data"] != before["data"]


def test_an_edit_that_is_taken_back_leaves_no_trace(three, ask):
    before = ask()
    with transaction.atomic():
        _by_form()
        transaction.set_rollback(True)
    assert ask() == before


def test_an_event_is_stored_once(three):
    with pytest.raises(IntegrityError, match="calendar_event_once"), transaction.atomic():
        make_event("Rates", "2026-03-18T18:00Z", event_type="cpi")
    with pytest.raises(IntegrityError, match="calendar_event_importance"):
        make_event("Rates", "2026-03-19T18:00Z", importance="huge")


def test_the_words_of_importance_are_said_once_more_and_alike():
    assert tuple(Importance.values) == IMPORTANCES


def test_the_body(three, desk, ask):
    make_event(
        "CPI", "2026-03-11T12:30Z", event_type="cpi", actual="0.3%", forecast="0.2%", previous="0%"
    )
    body = ask()
    for number, row in enumerate(body["data"], 1):
        row["id"] = number
    assert matches_snapshot("calendar-events", body)
    assert sorted(examples.CALENDAR_EVENTS["meta"]) == sorted(body["meta"])
    assert list(examples.EVENT) == list(body["data"][0])
