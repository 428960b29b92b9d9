"""Two pollers at once, and the workers' doors: nothing lost, nothing doubled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection as database

from common import locks
from common.sealed import SealBroken, seal, unseal
from ingestion import poll, tasks
from ingestion.actions import prune
from ingestion.models import Connection, Feed, QuarantinedRow, RawFill
from ingestion.poll import fills as fills_room
from ingestion.poll import hints
from ingestion.poll.watch import Watch
from ledger.models import Fill, Trade
from tests.ingestion.fake_provider import NOW, FakeProvider, fill, make_connection
from traders.models import PlatformAccount, Trader


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_pollers_at_once_store_each_fill_once():
    """Even where both believe that the feed is theirs: a lease that ran out under a slow one."""
    make_connection(history_from=NOW.date())
    tt = FakeProvider(
        fills=[fill(account=str(n % 7), side=1 if n % 2 else -1) for n in range(60)], page_size=20
    )
    feed_id = Feed.objects.get(stream="fills").pk
    together = Barrier(2)

    def turn(_):
        try:
            feed = Feed.objects.select_related("connection__platform").get(pk=feed_id)
            together.wait(10)
            return fills_room.poll_fills(feed, tt, Watch(NOW, budget_seconds=20))
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(turn, range(2))

    assert first.new + second.new == 60
    assert first.duplicate + second.duplicate == 60
    assert Fill.objects.count() == 60
    assert PlatformAccount.objects.count() == Trader.objects.count() == 7
    assert not QuarantinedRow.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_claimed_feed_is_not_claimed_twice():
    make_connection(history_from=NOW.date())
    together = Barrier(4)

    def take(_):
        try:
            together.wait(10)
            got = [poll.schedule.claim(NOW) for _ in range(3)]
            return [feed.pk for feed in got if feed]
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for got in pool.map(take, range(4)) for pk in got]

    assert sorted(taken) == sorted(Feed.objects.values_list("id", flat=True))


@pytest.mark.django_db
def test_a_hint_is_given_again_only_when_it_was_lost():
    make_connection()
    everything = set(Feed.objects.values_list("id", flat=True))

    assert set(hints(NOW)) == everything
    assert hints(NOW + timedelta(seconds=2)) == []
    assert set(hints(NOW + timedelta(seconds=32))) == everything

    FakeProvider().poll(NOW + timedelta(seconds=33))
    assert hints(NOW + timedelta(seconds=34)) == []
    due = hints(NOW + timedelta(seconds=65))
    assert [Feed.objects.get(pk=pk).stream for pk in due] == ["fills"]


@pytest.mark.django_db
def test_a_tick_tells_the_workers_what_is_due(monkeypatch):
    make_connection()
    told = []
    monkeypatch.setattr(
        tasks.poll_feed, "apply_async", lambda kwargs, expires: told.append(kwargs["feed_id"])
    )
    with time_machine.travel(NOW, tick=False):
        tasks.tick(newer_argument=1)
        tasks.tick()

    assert sorted(told) == sorted(Feed.objects.values_list("id", flat=True))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_tick_that_overlaps_another_does_nothing(monkeypatch):
    make_connection()
    monkeypatch.setattr(tasks.poll_feed, "apply_async", None)
    from django.db import transaction

    def other():
        try:
            tasks.tick()
        finally:
            database.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert locks.try_hold("ingestion", "tick")
        pool.submit(other).result(10)
    assert not Feed.objects.exclude(hinted_at=None).exists()


@pytest.mark.django_db
def test_a_feed_that_is_not_due_costs_its_task_nothing(monkeypatch):
    make_connection()
    tt = FakeProvider(fills=[fill(), fill(side=-1)])
    monkeypatch.setattr("ingestion.poll.run.open_provider", lambda connection: tt)
    with time_machine.travel(NOW, tick=False):
        feed = Feed.objects.get(stream="fills")
        tasks.poll_feed(feed_id=feed.pk)
        calls = len(tt.asked)
        tasks.poll_feed(feed_id=feed.pk)

    assert Trade.objects.count() == 1
    assert len(tt.asked) == calls


@pytest.mark.django_db
def test_the_nightly_re_scan_begins_once_a_night():
    make_connection()
    FakeProvider().poll()
    with time_machine.travel(NOW + timedelta(hours=15), tick=False):
        tasks.rescan_nightly()
        feed = Feed.objects.get(stream="fills")
        assert feed.rescan_ns is not None
        began = feed.rescan_ns
        tasks.rescan_nightly()
    feed.refresh_from_db()
    assert feed.rescan_ns == began


@pytest.mark.django_db
def test_old_raw_rows_are_swept_out():
    make_connection(history_from=(NOW - timedelta(days=10)).date())
    FakeProvider(fills=[fill(NOW - timedelta(days=9)), fill()]).poll()
    assert RawFill.objects.count() == 2

    assert prune(at=NOW + timedelta(days=85)) == 1
    assert RawFill.objects.count() == 1
    assert Fill.objects.count() == 2


def test_a_seal_opens_with_its_own_key_only(settings):
    sealed = seal("secret")
    assert "secret" not in sealed
    assert unseal(sealed) == "secret"
    assert seal("") == unseal("") == ""

    settings.SEALING_KEY = "another key, and quite a long one"
    with pytest.raises(SealBroken, match="enter it again"):
        unseal(sealed)


@pytest.mark.django_db
def test_a_broken_seal_is_an_alarm(settings):
    made = make_connection()
    settings.SEALING_KEY = "another key, and quite a long one"
    report = poll.due(NOW)

    assert "SEALING_KEY" in report.failed[0].error
    assert "SEALING_KEY" in Connection.objects.get(pk=made.pk).alarm
