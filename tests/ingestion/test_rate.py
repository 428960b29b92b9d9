"""The pace of a key: even, shared, budgeted, silent when told, alive without Redis."""

import threading
import time

import pytest
import redis
import structlog

from ingestion.actions.key_use import Remembered
from ingestion.providers.base import BudgetSpent
from ingestion.providers.bucket import DAY, LocalBucket, SharedBucket
from tests.ingestion.fake_tt import Clock


@pytest.fixture
def client(valkey_client):
    valkey_client.flushall()
    return valkey_client


class Away:
    """A Redis that is not there until `here` is set."""

    def __init__(self, client):
        self.client, self.here = client, False

    def __getattr__(self, name):
        if not self.here:
            raise redis.ConnectionError("refused")
        return getattr(self.client, name)


def drain(bucket, clock, calls):
    for _ in range(calls):
        while (wait := bucket.take()) > 0:
            clock.sleep(wait)


def test_local_pace_is_even():
    clock = Clock()
    bucket = LocalBucket(3, 1000, clock)
    begun = clock.now
    drain(bucket, clock, 10)
    assert clock.now - begun == pytest.approx(3.0, abs=0.01)


def test_local_hold_and_budget():
    clock = Clock(now=DAY * 20_000 + 100.0)
    bucket = LocalBucket(10, 2, clock)
    bucket.hold(30)
    bucket.hold(5)  # a shorter one does not shorten it
    assert bucket.take() == pytest.approx(30)
    clock.now += 30
    drain(bucket, clock, 2)
    with pytest.raises(BudgetSpent) as caught:
        bucket.take()
    assert caught.value.resumes_at.timestamp() == DAY * 20_001
    clock.now = DAY * 20_001
    assert bucket.take() == 0


def test_shared_pace_holds_for_all_workers_together(client):
    made, lock = [], threading.Lock()
    begun = time.monotonic()
    stop = begun + 1.0

    def worker():
        bucket = SharedBucket(client, "KEY", per_second=20, per_day=1000)
        while time.monotonic() < stop:
            if (wait := bucket.take()) > 0:
                time.sleep(wait)
                continue
            with lock:
                made.append(time.monotonic())

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 5 <= len(made) <= 20 * (time.monotonic() - begun) + 1


def test_keys_do_not_slow_each_other_and_stay_out_of_redis(client):
    one = SharedBucket(client, "KEY-1", per_second=0.1, per_day=10)
    two = SharedBucket(client, "KEY-2", per_second=0.1, per_day=10)
    assert (one.take(), two.take()) == (0, 0)
    assert 9 < one.take() <= 10
    assert not any(b"KEY" in name for name in client.scan_iter())


def test_shared_hold_and_budget(client):
    one = SharedBucket(client, "KEY", per_second=1000, per_day=2)
    two = SharedBucket(client, "KEY", per_second=1000, per_day=2)
    one.hold(30)
    one.hold(1)
    assert 29 < two.take() <= 30
    client.flushall()
    assert one.take() == 0
    time.sleep(0.002)
    assert two.take() == 0
    with pytest.raises(BudgetSpent) as caught:
        one.take()
    assert caught.value.resumes_at.timestamp() % DAY == 0
    assert 0 < caught.value.resumes_at.timestamp() - time.time() <= DAY


class Kept:
    """What remembers a key's calls, in the test's own memory."""

    def __init__(self):
        self.told = (0, 0)

    def load(self):
        return self.told

    def keep(self, day, used):
        self.told = max(self.told, (day, used))


def spend(bucket, calls):
    for _ in range(calls):
        while bucket.take() > 0:
            time.sleep(0.001)


def test_a_store_that_was_emptied_is_told_what_the_day_has_had(client):
    kept = Kept()
    given = {"per_second": 1000, "per_day": 50, "memory": kept}
    one = SharedBucket(client, "KEY", **given)
    spend(one, 45)
    assert kept.told[1] == 41  # the first, and every twenty

    client.flushall()
    with structlog.testing.capture_logs() as logged:
        spend(one, 1)
    assert [(entry["event"], entry["used"]) for entry in logged] == [
        ("provider_count_restored", 46)
    ]
    spend(SharedBucket(client, "KEY", **given), 4)  # another process shares what was told

    client.flushall()  # and now every process dies with it
    two = SharedBucket(client, "KEY", **given)
    spend(two, 50 - kept.told[1])
    with pytest.raises(BudgetSpent):
        spend(two, 1)


def test_a_day_that_is_over_is_not_told(client):
    kept = Kept()
    kept.told = (int(time.time() // DAY) - 1, 9)
    bucket = SharedBucket(client, "KEY", per_second=1000, per_day=3, memory=kept)
    spend(bucket, 3)
    assert kept.told == (int(time.time() // DAY), 1)


@pytest.mark.django_db
def test_the_database_remembers_the_most():
    one = Remembered("print")
    assert one.load() == (0, 0)
    for day, used in ((20_000, 7), (20_000, 5), (20_001, 1), (20_000, 90)):
        one.keep(day, used)
    assert one.load() == (20_001, 1)
    assert Remembered("another").load() == (0, 0)


def test_half_the_pace_while_redis_is_away(client):
    away = Away(client)
    clock = Clock(now=time.time())
    bucket = SharedBucket(away, "KEY", per_second=4, per_day=1000, clock=clock)
    begun = clock.now
    with structlog.testing.capture_logs() as logged:
        drain(bucket, clock, 5)
    assert clock.now - begun == pytest.approx(4 / 2, abs=0.01)
    assert [entry["event"] for entry in logged] == ["provider_bucket_local"]
    assert logged[0]["log_level"] == "warning"


def test_a_hold_is_told_to_redis_when_it_comes_back(client):
    away = Away(client)
    bucket = SharedBucket(away, "KEY", per_second=100, per_day=1000)
    bucket.hold(30)
    assert bucket.take() > 29
    away.here = True
    assert bucket.take() > 29
    assert SharedBucket(client, "KEY", per_second=100, per_day=1000).take() > 29


def test_the_budget_is_remembered_while_redis_is_away(client):
    away = Away(client)
    away.here = True
    bucket = SharedBucket(away, "KEY", per_second=1000, per_day=3)
    for _ in range(2):
        while bucket.take() > 0:
            time.sleep(0.001)
    away.here = False
    assert bucket.take() == 0
    with pytest.raises(BudgetSpent):
        bucket.take()
