"""Every fill that the provider ever reports is in the books exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingestion.models import Feed
from ingestion.poll import fills as fills_room
from ingestion.providers.base import (
    Action,
    ProviderDown,
)
from ledger.models import Fill, Trade
from tests.ingestion.fake_provider import (
    HOUR,
    MINUTE,
    NOW,
    FakeProvider,
    feed_of,
    fill,
    make_connection,
    ns,
    stored,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_connection()


def test_history_then_what_is_new(desk):
    tt = FakeProvider(fills=[fill("2026-03-09 10:00:00"), fill(side=-1, price="5001")])

    first = tt.poll()

    assert not first.failed
    assert [one.stream for one in first.outcomes] == ["accounts", "fills", "fx", "positions"]
    assert len(stored()) == 2
    assert Trade.objects.get().pnl_usd == 50
    assert feed_of(desk).history_done_at is not None
    tt.fills.append(fill(NOW + timedelta(seconds=10)))
    second = tt.later(31)
    assert [(one.stream, one.new, one.duplicate) for one in second.outcomes] == [("fills", 1, 1)]
    assert len(stored()) == 3


def test_nothing_is_due_right_after_a_poll(desk):
    tt = FakeProvider()
    tt.poll()

    assert tt.later(1).outcomes == []


def test_watermark_waits_for_a_ledger_that_is_minutes_late(desk):
    tt = FakeProvider()
    tt.poll()
    assert feed_of(desk).watermark_ns == pytest.approx(ns(NOW) - HOUR, abs=5 * 10**9)

    late = fill(NOW - timedelta(minutes=50))  # shows up only now
    tt.fills.append(late)
    tt.later(40)

    assert stored() == [late.exec_id]
    assert feed_of(desk).watermark_ns == late.recv_time_ns


def test_watermark_follows_what_was_seen_but_never_into_the_future(desk):
    seen = fill(NOW - timedelta(minutes=2))
    tt = FakeProvider(fills=[seen])
    tt.poll()
    assert feed_of(desk).watermark_ns == seen.recv_time_ns

    tt.fills.append(fill(NOW + timedelta(minutes=4)))  # a clock that runs ahead
    tt.later(60)

    assert len(stored()) == 2
    assert feed_of(desk).watermark_ns <= ns(NOW + timedelta(seconds=65))


def test_each_poll_reads_a_quarter_of_an_hour_again(desk):
    tt = FakeProvider(fills=[fill(NOW - timedelta(minutes=1))])
    tt.poll()
    tt.fills.append(fill(NOW - timedelta(minutes=14)))  # behind the watermark

    tt.later(60)

    assert len(stored()) == 2
    assert tt.windows[-1][0] == ns(NOW - timedelta(minutes=16))


def test_what_comes_later_than_that_comes_with_the_nightly_re_scan(desk):
    tt = FakeProvider(fills=[fill(NOW - timedelta(minutes=1))])
    tt.poll()
    late = fill(NOW - timedelta(hours=20))
    tt.fills.append(late)
    tt.later(60)
    assert late.exec_id not in stored()

    tt.poll(NOW + timedelta(hours=15))  # 03:00
    tt.poll(NOW + timedelta(hours=15, minutes=1))

    assert late.exec_id in stored()
    feed = feed_of(desk)
    assert feed.rescan_ns is None
    assert feed.rescan_due_at == NOW.replace(day=12, hour=2, minute=15)


def test_a_crash_inside_the_transaction_moves_nothing(desk, monkeypatch):
    tt = FakeProvider(fills=[fill(), fill()])

    def crash(*_, **__):
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(fills_room, "keep_raw", crash)
        report = tt.poll()

    assert "the power went" in report.failed[0].error
    assert stored() == []
    feed = feed_of(desk)
    assert feed.watermark_ns is None
    assert feed.attempts == 1
    assert feed.claimed_until is None

    tt.later(60)
    assert len(stored()) == 2


def test_a_page_that_fails_keeps_the_whole_window_out(desk):
    tt = FakeProvider(fills=[fill() for _ in range(10)])
    calls = iter(range(100))

    def third_page_fails(call):
        if call == "fills" and next(calls) == 3:
            raise ProviderDown("no answer in time")

    tt.before = third_page_fails
    assert len(tt.poll().failed) == 1
    assert stored() == []

    tt.later(60)
    assert len(stored()) == 10


def test_a_doubled_poll_changes_nothing(desk):
    tt = FakeProvider(fills=[fill(), fill(side=-1)])
    tt.poll()
    before = list(Trade.objects.values())

    tt.poll(ignore_due=True)
    tt.poll(ignore_due=True)

    assert len(stored()) == 2
    assert list(Trade.objects.values()) == before


def test_a_feed_that_somebody_has_is_left_to_him(desk):
    Feed.objects.update(claimed_until=NOW + timedelta(minutes=1))
    tt = FakeProvider(fills=[fill()])

    assert tt.poll().outcomes == []
    assert len(tt.later(120).outcomes) == 4  # he died: his lease has run out


def test_the_watermark_never_falls_back(desk):
    tt = FakeProvider(fills=[fill()])
    tt.poll()
    further = ns(NOW - timedelta(seconds=5))
    Feed.objects.filter(stream="fills").update(watermark_ns=further)

    tt.poll(ignore_due=True)

    assert feed_of(desk).watermark_ns == further


def test_equal_stamps_across_pages(desk):
    stamp = ns("2026-03-10 11:00:00.123456") + 789
    tt = FakeProvider(fills=[fill(stamp) for _ in range(11)], page_size=4)
    tt.poll()

    assert len(stored()) == 11
    assert set(Fill.objects.values_list("executed_ns", flat=True)) == {stamp}


def test_too_large_a_window_is_read_in_halves(desk):
    tt = FakeProvider(
        fills=[fill(ns("2026-03-09 00:00:00") + n * HOUR) for n in range(30)], widest_ns=2 * HOUR
    )
    tt.poll()

    assert len(stored()) == 30
    widths = [until - since for since, until in tt.windows]
    assert min(widths) < 2 * HOUR < max(widths)


def test_a_crowded_window_is_taken_in_smaller_ones(desk, monkeypatch):
    monkeypatch.setattr("ingestion.poll.reading.MOST_ROWS", 10)
    monkeypatch.setattr("ingestion.poll.windows.MOST_ROWS", 10)
    tt = FakeProvider(fills=[fill(ns("2026-03-09 00:00:00") + n * 5 * MINUTE) for n in range(200)])
    while tt.poll(ignore_due=True).has_history_left:
        pass

    assert len(stored()) == 200


def test_history_goes_on_where_time_ran_out(desk):
    tt = FakeProvider(fills=[fill("2026-03-09 10:00:00"), fill()])
    first = tt.poll(budget_seconds=0)
    assert first.has_history_left
    assert "of the history is in" in str(first.outcomes[1])
    assert len(stored()) == 1

    tt.later(1, budget_seconds=0)
    assert len(stored()) == 2


def test_a_correction_and_a_bust_before_its_original(desk):
    wrong = fill(price="4000", exec_id="a")
    right = fill(price="5000", exec_id="b", action=Action.CORRECT, ref_exec_id="a")
    bust = fill(exec_id="d", action=Action.CANCEL, ref_exec_id="c")
    tt = FakeProvider(fills=[wrong, right, bust, fill(side=-1, price="5001", exec_id="e")])
    tt.poll()
    tt.fills.append(fill(exec_id="c"))
    tt.later(60)

    assert Trade.objects.get().pnl_usd == 50
    states = dict(Fill.objects.values_list("exec_id", "state"))
    assert states == {
        "a": "replaced", "b": "usable", "c": "void", "d": "excluded", "e": "usable",
    }  # fmt: skip
