"""The demo's calendar: near to the real one, honest about itself, right across the clocks."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from futures.almanac import MARK, almanac
from futures.almanac.days import is_business_day, us_holidays
from futures.kinds import AREAS, EVENT_TYPES, IMPORTANCES

FILE = (
    Path(__file__).resolve().parents[2].parent
    / "shared" / "data" / "calendar" / "us_fomc_cpi_nfp.csv"
)  # fmt: skip
YEAR = almanac(date(2026, 1, 1), date(2026, 12, 31))
DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))


def days_of(event_type, country="US", events=YEAR):
    return [
        event.at.date()
        for event in events
        if (event.event_type, event.country) == (event_type, country)
    ]


def instants(name, events=YEAR):
    return {event.at.date(): event.at for event in events if event.name == name + MARK}


def test_a_year_has_what_a_year_has():
    count = Counter((event.country, event.event_type) for event in YEAR)
    assert count["US", "fomc"] == count["EU", "ecb"] == count["GB", "boe"] == 8
    assert {count["US", kind] for kind in ("cpi", "ppi", "employment", "gdp", "pce")} == {12}
    assert count["US", "ism"] == 24
    assert count["US", "crude_inventories"] == 52
    assert count["US", "jobless_claims"] in (52, 53)
    assert len(YEAR) == len({event[:3] for event in YEAR})


def test_it_says_what_it_is_and_makes_no_figure_up():
    for event in YEAR:
        assert event.name.endswith("(demo schedule)")
        assert (event.actual, event.forecast, event.previous) == (None, None, None)
        assert event.event_type in EVENT_TYPES
        assert event.country in AREAS.values()
        assert event.importance in IMPORTANCES


@pytest.mark.parametrize(
    ("name", "day", "hour"),
    [
        # New York goes ahead on 8 March 2026, London and Frankfurt on the 29th.
        ("ISM services", date(2026, 3, 4), "15:00"),
        ("CPI", date(2026, 3, 11), "12:30"),
        ("FOMC rate decision", date(2026, 1, 28), "19:00"),
        ("FOMC rate decision", date(2026, 3, 18), "18:00"),
        ("ECB rate decision", date(2026, 3, 19), "13:15"),
        ("ECB rate decision", date(2026, 4, 30), "12:15"),
        ("BoE rate decision", date(2026, 3, 19), "12:00"),
        ("BoE rate decision", date(2026, 4, 30), "11:00"),
        # Europe goes back on 25 October 2026, New York on 1 November.
        ("ECB rate decision", date(2026, 10, 29), "13:15"),
        ("FOMC rate decision", date(2026, 10, 28), "18:00"),
        ("ISM manufacturing", date(2026, 11, 2), "15:00"),
        # Tokyo's Friday morning is a Thursday in UTC, all year.
        ("CPI", date(2026, 7, 16), "23:30"),
        # A holiday earlier in the week puts the inventories off; Thanksgiving moves the claims.
        ("EIA crude inventories", date(2026, 1, 14), "15:30"),
        ("EIA crude inventories", date(2026, 1, 22), "16:00"),
        ("Jobless claims", date(2026, 11, 25), "13:30"),
    ],
)
def test_the_instant_follows_the_clocks_of_its_place(name, day, hour):
    assert f"{instants(name)[day]:%H:%M}" == hour


def test_the_first_friday_and_its_exceptions():
    found = days_of("employment")
    assert date(2026, 1, 9) in found  # not the 2nd
    assert date(2026, 5, 8) in found  # April has five Fridays
    assert date(2026, 7, 2) in found  # Independence Day is observed on Friday the 3rd
    assert date(2026, 6, 5) in found


def test_holidays_are_observed_on_working_days():
    assert date(2026, 7, 3) in us_holidays(2026)
    assert date(2021, 12, 31) in us_holidays(2021)
    assert date(2023, 1, 2) in us_holidays(2023)
    assert date(2020, 6, 19) not in us_holidays(2020)
    assert all(day.weekday() < 5 for year in range(2000, 2060) for day in us_holidays(year))


@pytest.mark.skipif(not FILE.is_file(), reason=f"the real dates are not at {FILE}")
def test_it_comes_near_to_the_real_calendar():
    real = defaultdict(set)
    with FILE.open() as file:
        for row in csv.DictReader(file):
            real[row["event"]].add(datetime.fromisoformat(row["release_utc"]).date())
    lately = {(day.year, day.month) for day in real["CPI"] if day.year >= 2023}
    made = almanac(date(2013, 1, 1), date(2026, 12, 31))

    fomc = {day for day in real["FOMC rate decision"] if day.year == 2026}
    assert fomc <= set(days_of("fomc"))
    jobs = real["Employment Situation (NFP)"]
    assert len(jobs & set(days_of("employment", events=made))) >= 0.9 * len(jobs)
    prices = [day for day in days_of("cpi", events=made) if (day.year, day.month) in lately]
    off = [min(abs((day - other).days) for other in real["CPI"]) for day in prices]
    assert sum(days <= 2 for days in off) >= 0.8 * len(off)


@settings(deadline=None, max_examples=40)
@given(DAYS, st.integers(0, 500), st.integers(0, 500))
def test_any_stretch_is_a_part_of_any_longer_one(first, days, more):
    last = first + timedelta(days=days)
    events = almanac(first, last)
    longer = almanac(first - timedelta(days=more), last + timedelta(days=more))

    assert events == [event for event in longer if first <= event.at.date() <= last]
    assert events == sorted(events, key=lambda event: event.at)
    assert len(events) == len({event[:3] for event in events})
    assert all(event.at.tzinfo is UTC and event.at.second == 0 for event in events)


@settings(deadline=None, max_examples=40)
@given(DAYS)
def test_american_figures_come_on_business_days(first):
    for event in almanac(first, first + timedelta(days=100)):
        if event.country == "US" and event.event_type not in ("fomc", "confidence"):
            assert is_business_day(event.at.date()), event
