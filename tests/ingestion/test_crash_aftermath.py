"""What a crash, a restart or a wrong clock leaves behind, and who mends it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection as database
from django.db import transaction

from common.clock import to_ns
from futures.models import FxRate
from ingestion.actions import Source, settle_instrument, store_fills, unanswered
from ingestion.models import Feed, Instrument
from ingestion.poll import schedule, windows
from ingestion.poll.wire import Held
from ingestion.providers.base import ProviderDown
from ledger.models import Fill, Trade
from tests.ingestion.fake_provider import (
    BUND,
    NOW,
    FakeProvider,
    fill,
    instrument,
    make_connection,
)


def fills_feed() -> Feed:
    return Feed.objects.get(stream="fills")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_fills_that_come_just_while_their_instrument_is_settled_are_used():
    source = Source.of(make_connection())
    unanswered(source, "ES", Instrument.State.UNKNOWN, "not there yet", at=NOW)
    settled = Event()

    def store():
        try:
            settled.wait(10)
            return store_fills(source, [fill(), fill(side=-1, price="5001")], at=NOW)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            settle_instrument(source, instrument(), at=NOW)
            coming = pool.submit(store)
            settled.set()
            _wait_until_somebody_waits()
        stored = coming.result(10)

    assert stored.waiting == 0
    assert set(Fill.objects.values_list("state", flat=True)) == {"usable"}
    assert Trade.objects.get().pnl_usd == 50


def _wait_until_somebody_waits() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.django_db
def test_a_fill_left_waiting_is_used_with_the_next_look_at_the_rates():
    make_connection()
    tt = FakeProvider(fills=[fill(), fill(side=-1)])
    tt.poll()
    Fill.objects.update(state="waiting", contract=None)
    Trade.objects.all().delete()

    tt.later(700)

    assert set(Fill.objects.values_list("state", flat=True)) == {"usable"}
    assert Trade.objects.count() == 1


@pytest.mark.django_db
def test_a_rate_that_was_stored_while_its_fills_were_holds_nothing_back_for_good():
    make_connection()
    tt = FakeProvider(
        fills=[fill(instrument="FGBL"), fill(side=-1, price="5001", instrument="FGBL")],
        instruments={"FGBL": instrument("FGBL", **BUND)},
    )
    tt.poll()
    assert Trade.objects.get().held
    # Another writer's transaction, which did not see this trade yet.
    FxRate.objects.create(currency="EUR", day=date(2026, 3, 10), usd_per_unit=Decimal("1.1"))

    tt.later(700)

    assert Trade.objects.get().pnl_usd == 1100


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_database_that_restarts_during_a_turn_leaves_no_feed_taken():
    make_connection()
    tt = FakeProvider(fills=[fill(), fill(side=-1)])

    def cut(call: str) -> None:
        if call == "fills":
            database.connection.close()  # what is left of it after a restart

    tt.before = cut
    report = tt.poll(among=[fills_feed().pk])

    feed = fills_feed()
    assert report.failed
    assert (feed.claimed_until, feed.attempts) == (None, 1)
    tt.before = lambda call: None
    tt.later(30)
    assert Fill.objects.count() == 2


@pytest.mark.django_db
def test_a_lease_given_by_a_clock_that_ran_ahead_is_no_lease():
    make_connection()
    Feed.objects.update(claimed_until=NOW + timedelta(days=1))
    assert schedule.claim(NOW) is not None

    Feed.objects.update(claimed_until=NOW + schedule.LEASE)
    assert schedule.claim(NOW) is None


def test_a_watermark_in_the_future_counts_as_the_present():
    now = to_ns(NOW)
    ahead = now + 20 * windows.HOUR
    window = windows.next_window(ahead, now, 86_400)

    assert (window.since_ns, window.is_live) == (now - windows.OVERLAP, True)
    assert windows.moved(ahead, window, None, now) == now


@pytest.mark.django_db
def test_after_a_clock_that_ran_ahead_the_next_fills_come_in_at_once():
    make_connection()
    tt = FakeProvider(fills=[fill()])
    tt.poll()
    Feed.objects.filter(stream="fills").update(watermark_ns=to_ns(NOW + timedelta(days=2)))
    tt.fills.append(fill(NOW + timedelta(seconds=50), side=-1))

    tt.later(60)

    assert Trade.objects.count() == 1
    assert fills_feed().watermark_ns <= to_ns(NOW + timedelta(seconds=70))


@pytest.mark.django_db
def test_a_re_scan_after_a_long_silence_begins_before_the_silence():
    make_connection()
    tt = FakeProvider(fills=[fill()])
    tt.poll()
    # Shown by the provider only after our last look, under an older stamp; then we are down.
    tt.fills.append(fill(NOW - timedelta(hours=5), side=-1))
    tt.poll(NOW + timedelta(days=12))
    assert Trade.objects.count() == 1


@pytest.mark.django_db
def test_a_nightly_re_scan_reads_seven_days():
    make_connection()
    FakeProvider().poll()
    feed = fills_feed()
    schedule.start_rescan(feed, NOW + timedelta(hours=15))
    assert feed.rescan_ns == to_ns(NOW + timedelta(hours=15)) - windows.RESCAN


@pytest.mark.django_db
def test_after_an_outage_of_hours_the_provider_is_asked_within_two_turns():
    make_connection(poll_seconds=30)
    feed = fills_feed()
    for _ in range(40):
        schedule.failed(feed, ProviderDown("away"), NOW)
        assert feed.due_at - NOW <= timedelta(seconds=60)
    asked_to_wait = ProviderDown("busy", retry_after=500)
    schedule.failed(feed, asked_to_wait, NOW)
    assert feed.due_at - NOW >= timedelta(seconds=500)


def test_the_lease_is_renewed_while_a_slow_provider_is_asked(monkeypatch):
    renewed = []
    moments = iter([0.0, 5.0, 16.0, 16.0, 20.0])
    monkeypatch.setattr("ingestion.poll.wire.time.monotonic", lambda: next(moments))
    slow = Held(FakeProvider(), lambda: renewed.append(1))
    for expected in (0, 1, 1):
        assert slow.code == "tt"
        assert len(renewed) == expected
