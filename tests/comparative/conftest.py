"""What the tests of a group's readings share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.comparative import tops
from tests.factories import make_bar, make_contract

MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


@pytest.fixture
def april():
    """Stand in April: all of March is over."""
    with time_machine.travel(datetime(2026, 4, 3, 12, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def read(april, as_user):
    """Return a way to ask as somebody for March, or other days; what comes back has status 200."""

    def get(user, address, **params):
        answer = as_user(user).get(f"/api/v1/{address}", {**MARCH, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


@pytest.fixture
def cohort_of(desk):
    """Return a way to set the desk's min_cohort."""

    def least(number):
        desk.group.min_cohort = number
        desk.group.save()

    return least


@pytest.fixture
def bars(db):
    """Store the bars of the worked example."""
    for minute, (high, low, close) in enumerate(tops.BARS, start=30):
        make_bar(make_contract("ES"), f"2026-03-02T14:{minute}Z", close, high=high, low=low)


@pytest.fixture
def top(april, as_user):
    """Return a way to ask for the best trades of March 2; what comes back has status 200."""

    def get(user, **params):
        answer = as_user(user).get(tops.URL, {**tops.DAY, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get
