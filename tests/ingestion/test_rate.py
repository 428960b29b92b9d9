"""The pace of a key: even, shared, budgeted, silent when told, alive without Redis."""

import threading
import time

import pytest
import redis
import structlog

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
