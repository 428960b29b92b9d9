"""Times in files of bars: of which zone, at which end of the minute, and how exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.importers import columns, instants
from tests.ingestion.test_importers_bars import FIRST, strictly, timed


@pytest.mark.parametrize(
    ("at", "header", "zone", "start"),
    [
        ("2026-03-02T14:00:00Z", "time", None, FIRST),
        ("2026-03-02 14:00:00+00:00", "time", None, FIRST),
        ("2026-03-02 14:00 UTC", "time", None, FIRST),
        ("2026-03-02 08:00:00-06:00", "time", None, FIRST),
        ("2026-03-02 14:00:00.000", "ts_open_utc", None, FIRST),
        ("2026-03-02 14:00", "Bar UTC", None, FIRST),
        ("2026-03-02 08:00", "time", "America/Chicago", FIRST),
        ("2026-03-02T14:00:00Z", "time", "America/Chicago", FIRST),
        ("20260302 02:00 PM", "time", "UTC", FIRST),
        ("1772460000", "time", None, FIRST),
        ("1772460000000", "time", None, FIRST),
        ("1772460000000000", "time", None, FIRST),
        ("1772460000000000000", "ts_event", None, FIRST),
        ("2026-11-01 00:59", "time", "America/Chicago", datetime(2026, 11, 1, 5, 59, tzinfo=UTC)),
        ("2026-11-01 02:00", "time", "America/Chicago", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-04-05 02:30", "time", "Australia/Lord_Howe",
         datetime(2026, 4, 4, 16, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_times(at, header, zone, start):
    mapping = {"start": header}
    found = timed(at, header, zone, mapping=mapping, until=datetime(2026, 12, 1, tzinfo=UTC))
    assert found.bad == []
    assert found.bars[0][1] == start


@pytest.mark.parametrize(
    ("at", "zone", "reason"),
    [
        ("2026-11-01 01:30", "America/Chicago", "that hour is there twice or not at all"),
        ("2026-03-08 02:30", "America/Chicago", "that hour is there twice or not at all"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "that hour is there twice or not at all"),
        ("1772460030", None, "does not start a minute"),
        ("1772460000000000001", None, "does not start a minute"),
        ("20260302", "UTC", "not a date and time that we can read"),
        ("202603021400", "UTC", "not a date and time that we can read"),
        ("20260302140000", "UTC", "not a date and time that we can read"),
        ("17724600", "UTC", "not a date and time that we can read"),
        ("03/02/2026 14:00", "UTC", "not a date and time that we can read"),
    ],
)
def test_times_that_could_mean_something_else_are_refused(at, zone, reason):
    found = timed(at, zone=zone, until=datetime(2026, 12, 1, tzinfo=UTC))
    assert found.bars == []
    assert reason in found.bad[0][1]


def test_ends_are_moved_back_by_a_minute():
    assert timed("2026-03-02T14:01:00Z", stamp="end").bars[0][1] == FIRST
    # 03:00 in summer is the end of 01:59 in winter: the hour between was not there
    found = timed("2026-03-08 03:00", zone="America/Chicago", stamp="end")
    assert found.bars[0][1] == datetime(2026, 3, 8, 7, 59, tzinfo=UTC)
    last = {"until": FIRST + timedelta(minutes=1)}
    assert timed("2026-03-02T14:01:00Z", stamp="end", **last).minutes == [0]
    assert timed("2026-03-02T14:00:00Z", **last).minutes == [0]
    assert timed("2026-03-02T14:01:00Z", **last).bad[0][1] == "the bar's minute is not over yet"


ZONES = ("America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.integers(157_766_400, 3_786_912_000),
                # around the nights when the clocks change
                st.integers(1_774_728_000, 1_774_760_400),
                st.integers(1_793_476_800, 1_793_509_200),
                st.integers(1_775_304_000, 1_775_336_400),
            ),
            st.sampled_from(("%Y-%m-%dT%H:%M:00", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.000",
                             "%Y%m%d %H:%M", "%Y-%m-31 %H:%M", "%Y-02-29 %H:%M")),
            st.sampled_from(("", "", "Z", "+00:00", "-05:00", " UTC")),
        ),
        min_size=1, max_size=6,
    ),
    st.sampled_from(ZONES),
)  # fmt: skip
def test_plain_times_in_columns_are_what_the_strict_way_reads(times, zone):
    clock = ZoneInfo(zone)
    cells = [datetime.fromtimestamp(at, UTC).strftime(form) + told for at, form, told in times]
    numbers, mask = columns.instants(pa.array(cells), clock)
    for text, number, is_read in zip(cells, numbers.tolist(), mask.tolist(), strict=True):
        if is_read:
            assert number == strictly(lambda told: instants.nanoseconds(told, clock), text), text


@settings(deadline=None)
@given(st.integers(631_152_000, 4_102_444_799), st.sampled_from((1, 10**3, 10**6, 10**9)))
def test_a_stamp_has_one_meaning(seconds, unit):
    numbers, mask = columns.instants(pa.array([str(seconds * unit)]), None)
    assert columns.stamp(str(seconds * unit)) == numbers[0] == seconds * 10**9
    assert mask[0]
