"""Which part of a day of bars is read, how often, and at which price in requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from futures.models import Bar
from ingestion.models import Feed
from ingestion.poll import bar_days
from tests.ingestion.fake_provider import NOW, FakeProvider
from tests.ingestion.test_poll_bars import (
    END,
    ES,
    MINUTE,
    TODAY,
    bar,
    every_minute,
    feed,
    known,
    trade,
)

pytestmark = pytest.mark.django_db


def test_live_minutes_come_minute_by_minute_and_nothing_else_is_asked_for():
    feed()
    tt = FakeProvider(fills=[*trade("10"), *trade("09")], bars=[bar("03-10 12:00", close="5000")])
    tt.poll()
    assert not Bar.objects.exists()  # 12:00 was still running
    tt.stretches.clear()

    due = Feed.objects.get(stream="bars").due_at
    assert NOW + MINUTE < due < NOW + MINUTE + timedelta(seconds=10)
    tt.later(64)
    assert Bar.objects.get().start_at == NOW
    tt.later(70, ignore_due=True)  # the same minute
    tt.later(127)
    assert tt.stretches == [
        (ES, "03-10 11:45", "03-10 12:00"),
        (ES, "03-10 11:46", "03-10 12:01"),
    ]


def test_a_gap_is_asked_for_once_more_after_the_day_and_then_never():
    feed()
    whole = every_minute("03-10")
    tt = FakeProvider(fills=trade("10"), bars=[one for one in whole if one.start_at.hour != 9])
    tt.poll()
    tt.poll(END + 5 * MINUTE)
    assert known() == [(ES, "03-10", 1380, False)]

    tt.bars = whole
    tt.stretches.clear()
    tt.poll(END + 30 * MINUTE)
    assert tt.stretches == []  # its last minutes are in; now it may settle
    tt.poll(END + 61 * MINUTE)
    assert tt.stretches == [(ES, "03-10 00:00", "03-10 23:59")]
    assert known() == [(ES, "03-10", 1440, True)]
    tt.poll(END + timedelta(hours=9))
    tt.poll(END + timedelta(days=9))
    assert len(tt.stretches) == 1


def test_after_a_silence_the_rest_of_a_day_is_read_whole():
    feed()
    tt = FakeProvider(fills=trade("10"))
    tt.poll()
    tt.stretches.clear()
    tt.poll(END + timedelta(hours=30))

    assert tt.stretches == [(ES, "03-10 00:00", "03-10 23:59")]


@pytest.mark.parametrize(
    ("seen", "now", "part"),
    [
        (None, "03-10 00:00:59", None),  # its first minute runs
        (None, "03-10 00:01:00", ("00:00", "00:01")),
        ("03-10 00:01", "03-10 00:01:59", None),
        ("03-10 00:01", "03-10 00:02:00", ("00:00", "00:02")),
        ("03-10 12:00", "03-10 12:01:00", ("11:45", "12:01")),
        ("03-10 23:50", "03-11 00:20:00", ("23:35", "00:00")),
        ("03-11 00:00", "03-11 00:59:59", None),
        ("03-11 00:00", "03-11 01:00:00", ("00:00", "00:00")),
        ("03-11 01:00", "03-11 01:00:00", None),
        ("03-10 00:00", "03-10 12:00:00", ("00:00", "12:00")),  # asked for again
    ],
)
def test_which_part_of_a_day_is_read(seen, now, part):
    def at(text):
        return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)

    found = bar_days.part_of(TODAY, at(seen) if seen else None, at(now))

    assert (found and tuple(f"{one:%H:%M}" for one in found[:2])) == part


@pytest.mark.parametrize(
    ("live", "plan", "minutes"), [(0, 10_000, 1), (3, 10_000, 1), (4, 10_000, 2), (26, 75_000, 1)]
)
def test_live_minutes_take_half_of_the_plans_requests_at_most(live, plan, minutes):
    assert bar_days._pause(live, plan) == minutes * MINUTE


def test_a_slower_pace_reads_more_at_once():
    feed(requests_per_day=1000)  # 1440 a day of one contract: every third minute
    tt = FakeProvider(fills=trade("10"))
    tt.poll()
    tt.stretches.clear()
    for minutes in range(1, 5):
        tt.poll(NOW + minutes * MINUTE, ignore_due=True)

    assert tt.stretches == [(ES, "03-10 11:45", "03-10 12:02")]
