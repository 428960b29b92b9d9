"""What Prometheus reads: who may, what it says, and that it is right whatever dies."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from common import metrics, store
from common.cache import cached
from skyll import watch
from skyll.metrics import exposed, gauges
from skyll.metrics.exposed import Scrape
from skyll.watch import keeping
from tests.factories import make_group, make_trade, make_trader
from tests.ingestion.fake_provider import NOW, make_connection

TOKEN = "a-token-of-twenty-signs"
ROOT = Path(__file__).parents[2]
Told = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def counting(settings, monkeypatch) -> metrics.Recorder:
    """Count, and hand over only when a test says so."""
    settings.METRICS_TOKEN = TOKEN
    recorder = metrics.Recorder()
    monkeypatch.setattr(recorder, "keep_handing", object)
    monkeypatch.setattr(metrics, "recorder", recorder)
    return recorder


def scrape(client: Client | None = None) -> Told:
    answer = (client or Client()).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return read(answer.content.decode())


def read(text: str) -> Told:
    """Return value by name and labels' values, those in the order of the labels' names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_is_not_there_without_a_token(client, settings):
    settings.METRICS_TOKEN = ""
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        answer = client.get("/metrics", headers=header)
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found."})


@pytest.mark.parametrize("given", ["", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"])
def test_it_is_closed_without_the_token(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "skyll_" not in answer.content.decode()


def test_it_is_text_for_prometheus_and_nobody_keeps_it(client, counting):
    head = {"Authorization": f"Bearer {TOKEN}"}
    for slash in ("", "/"):
        answer = client.get(f"/metrics{slash}", headers=head)
        assert answer["Content-Type"].startswith("text/plain; version=")
        assert answer["Cache-Control"] == "no-store"
        assert "X-RateLimit-Limit" not in answer
    assert client.post("/metrics", headers=head).status_code == 405
    newer = client.get("/metrics", headers={**head, "Accept": "application/openmetrics-text"})
    assert newer.content.endswith(b"# EOF\n")
    assert b"/metrics" not in client.get("/schema.json").content


def test_requests_by_route_method_and_status(db, client, counting):
    client.get("/health")
    client.get("/health")
    client.get("/api/v1/personal/trades/8c9d5a1e-0000-4000-8000-000000000000")
    client.get("/nowhere/at/all")
    client.generic("BREW", "/health")
    counting.hand_over()
    told = scrape()
    counts = {labels: n for (name, labels), n in told.items() if name.endswith("seconds_count")}
    assert counts == {
        ("GET", "health", "2xx"): 2,
        ("GET", "api/v1/personal/trades/<uuid:trade_id>", "4xx"): 1,
        ("GET", "-", "4xx"): 1,
        ("other", "health", "4xx"): 1,
    }
    buckets = [
        n for (name, labels), n in told.items()
        if name == "skyll_request_seconds_bucket" and labels[1:] == ("GET", "health", "2xx")
    ]  # fmt: skip
    assert buckets == sorted(buckets)
    assert buckets[-1] == 2


def test_the_cache(counting):
    @cached(ttl="personal")
    def answer(*, who: int) -> int:
        return who

    for who in (1, 1, 2):
        answer(who=who)
    counting.hand_over()
    told = {labels[0]: n for (name, labels), n in scrape().items() if name == "skyll_cache_total"}
    assert told == {"miss": 2, "hit": 1}


def test_a_cache_that_is_down(counting, gone):
    @cached(ttl="personal")
    def answer(*, who: int) -> int:
        return who

    assert answer(who=1) == 1
    assert [field.split(metrics.BETWEEN)[2] for field in counting._new] == ["down"]


def test_nothing_is_counted_where_nobody_may_read(client, counting, settings):
    settings.METRICS_TOKEN = ""
    client.get("/health")
    assert not counting._new


def test_it_never_makes_a_request_fail(client, counting, monkeypatch):
    monkeypatch.setattr(counting, "add", lambda _: 1 / 0)
    assert client.get("/health").status_code == 200


def test_while_the_store_is_away_numbers_wait(client, counting, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(store, "ask", lambda _: (_ for _ in ()).throw(store.Down))
        metrics.FOLDS.add(0.2)
        assert not counting.hand_over()
        metrics.FOLDS.add(0.2)
        assert scrape(client) == {("skyll_store_up", ()): 0}
    assert counting.hand_over()
    assert scrape(client)["skyll_fold_seconds_count", ()] == 2


def test_a_batch_whose_answer_was_lost_counts_once(counting, monkeypatch):
    ask = store.ask

    def lose(deed):
        ask(deed)
        raise store.Down

    metrics.FOLDS.add(0.2)
    with monkeypatch.context() as losing:
        losing.setattr(store, "ask", lose)
        assert not counting.hand_over()
    metrics.FOLDS.add(3.0)
    assert counting.hand_over()
    told = scrape()
    assert told["skyll_fold_seconds_count", ()] == 2
    assert told["skyll_fold_seconds_sum", ()] == pytest.approx(3.2)


def test_a_process_keeps_no_more_than_it_must(counting, monkeypatch):
    monkeypatch.setattr(metrics, "MOST_NEW", 3)
    for n in range(9):
        metrics.CACHE.add(f"query{n}", "hit")
    metrics.CACHE.add("query0", "hit")
    assert len(counting._new) == 3
    assert max(counting._new.values()) == 2


CHILDREN = """
import os, sys
from django.conf import settings
location, prefix = sys.argv[1:]
settings.configure(
    METRICS_TOKEN="x", CACHES={"fast": {"LOCATION": location, "KEY_PREFIX": prefix}}
)
from common import metrics
metrics.recorder.keep_handing = object
metrics.FOLDS.add(0.1)  # before the fork: the parent's, once
if os.fork() == 0:
    assert not metrics.recorder._new
    metrics.recorder.keep_handing = object
    metrics.FOLDS.add(0.1)
    metrics.recorder.hand_over()
    os.kill(os.getpid(), 9)
os.wait()
metrics.recorder.hand_over()
"""


def test_totals_of_many_processes_outlive_them(counting, settings):
    fast = settings.CACHES["fast"]
    words = [sys.executable, "-c", CHILDREN, fast["LOCATION"], fast["KEY_PREFIX"]]
    for _ in range(2):
        subprocess.run(words, cwd=ROOT, check=True)
    metrics.FOLDS.add(0.1)
    counting.hand_over()
    assert scrape()["skyll_fold_seconds_count", ()] == 5


def test_the_thread_goes_on_whatever_happens(counting, monkeypatch):
    naps = iter(range(3))

    def nap(seconds: float) -> None:
        if next(naps, None) is None:
            raise KeyboardInterrupt

    handed: list[float] = []

    def fail() -> None:
        handed.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr("time.sleep", nap)
    monkeypatch.setattr(counting, "hand_over", fail)
    with pytest.raises(KeyboardInterrupt):
        counting._go_on()
    assert len(handed) == 3


def test_how_everything_stands(db, counting, django_assert_num_queries):
    feed = make_connection(name='Desk "TT"').feeds.get(stream="fills")
    make_trade(make_trader(make_group()))
    type(feed).objects.filter(pk=feed.pk).update(last_ok_at=NOW)
    watch.turn(NOW)
    gauges.measure(NOW)
    with django_assert_num_queries(0):  # a scrape waits for no database
        told = scrape()
    assert told["skyll_poll_lag_seconds", ('Desk "TT"', "fills")] > 1000
    assert ("skyll_feeds_due", ()) not in told  # half a year old: it says nothing of now


def test_what_is_still_true(db, counting, monkeypatch):
    make_connection(name="Desk").feeds.filter(stream="fills").update(last_ok_at=NOW, rows_read=7)
    make_trade(make_trader(make_group()))
    keeping.keep({("poll_late", "Desk fills"): "x"}, at=NOW)
    watch.turn(NOW)
    gauges.measure(NOW)
    monkeypatch.setattr(exposed, "now", lambda: NOW.timestamp() + 40)
    told = scrape()
    expected = {
        ("skyll_store_up", ()): 1,
        ("skyll_watch_timestamp_seconds", ()): NOW.timestamp(),
        ("skyll_poll_lag_seconds", ("Desk", "fills")): 40,
        ("skyll_feed_rows_read_total", ("Desk", "fills")): 7,
        ("skyll_quarantined_rows", ("Desk", "fills")): 0,
        ("skyll_fills", ("usable",)): 2,
        ("skyll_history_open", ("Desk",)): 1,
        ("skyll_alarms_open", ("poll_late",)): 1,
        ("skyll_alarms_open", ("skipped",)): 0,
        ("skyll_problem_days", ("mismatch",)): 0,
        ("skyll_queue_depth", ("default",)): told["skyll_queue_depth", ("default",)],
    }
    assert told | expected == told


def test_one_gauge_that_breaks_stops_no_other(db, counting, monkeypatch):
    def breaks(_):
        raise ZeroDivisionError

    monkeypatch.setattr(gauges, "SOURCES", (breaks, *gauges.SOURCES))
    monkeypatch.setattr(exposed, "now", NOW.timestamp)
    watch.turn(NOW)
    assert scrape()["skyll_fills_waiting", ()] == 0


def test_every_gauge_is_known(db, counting):
    make_connection()
    watch.turn(NOW)
    gauges.measure(NOW)
    left = {value[0] for part in gauges.kept() if part for value in part.values}
    assert left <= gauges.GAUGES.keys() | gauges.ROWS.keys()
    page = (ROOT / "docs/operations/alarms.md").read_text()
    for name in (*gauges.GAUGES, *gauges.ROWS, *(one.name for one in metrics.ALL)):
        assert f"`{name}" in page, name


def test_a_hung_store_costs_a_moment(counting, hung):
    start = time.monotonic()
    assert [family.name for family in Scrape().collect()] == ["skyll_store_up"]
    assert time.monotonic() - start < 1


def test_numbers_of_another_release_do_no_harm(counting):
    key = store.key("metrics")
    between = metrics.BETWEEN
    odd = {
        between.join(("skyll_fold_seconds", "0.07")): 2,  # a bound that is none any more
        between.join(("skyll_cache_total", "one", "")): 1,  # had fewer labels
        between.join(("skyll_gone_total", "")): 1,
    }
    store.ask(lambda redis: redis.hset(key, mapping=odd))
    store.ask(lambda redis: redis.set(store.key("metrics", "now"), b'{"x": 1}'))
    told = scrape()
    assert told["skyll_fold_seconds_bucket", ("0.05",)] == 0
    assert told["skyll_fold_seconds_bucket", ("0.1",)] == 2
    assert ("skyll_cache_total", ("one",)) not in told
