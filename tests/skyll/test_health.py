"""What a watchdog asks: is it alive, and can it work?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from common import clock
from ingestion.models import Feed
from tests.ingestion.fake_provider import feed_of, make_connection

ALL_WELL = {
    "status": "ok", "database": "ok", "cache": "ok", "broker": "ok", "poll": "none",
    "poll_age_seconds": None,
}  # fmt: skip


@pytest.fixture
def watch():
    """Ask as the world does: without a token of the CSRF guard, and a 500 is a 500."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def polled(seconds_ago: int, **given) -> None:
    feed = feed_of(make_connection(**given))
    Feed.objects.filter(pk=feed.pk).update(last_ok_at=clock.now() - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize("slash", ["", "/"])
def test_all_is_well(db, watch, slash):
    assert watch.get(f"/health{slash}").json() == {"status": "ok"}
    ready = watch.get(f"/health/ready{slash}")
    assert (ready.status_code, ready.json()) == (200, ALL_WELL)
    assert watch.head(f"/health/ready{slash}").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/health/", "/health/ready", "/health/ready/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused_in_json(watch, path, method):
    answer = watch.generic(method, path)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": f'Method "{method}" not allowed.'}


def test_alive_asks_no_database(watch):  # and this test has none
    assert watch.get("/health").status_code == 200


def test_without_the_database_it_is_not_ready(db, watch, monkeypatch):
    def refuse():
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        ready = watch.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "down", "database": "down"})


@pytest.mark.parametrize("part", ["cache", "broker"])
def test_without_redis_it_works_and_says_so(db, watch, settings, monkeypatch, part):
    nobody = "redis://127.0.0.1:1"
    if part == "broker":
        settings.REDIS_URL = nobody
    else:
        monkeypatch.setitem(settings.CACHES["fast"], "LOCATION", nobody)
    ready = watch.get("/health/ready")
    assert (ready.status_code, ready.json()) == (
        200,
        ALL_WELL | {"status": "degraded", part: "down"},
    )


def test_the_oldest_poll_counts(db, watch):
    polled(40, name="quick")
    polled(200, name="slow")
    polled(100_000, name="retired", is_active=False)
    ready = watch.get("/health/ready").json()
    assert (ready["status"], ready["poll"]) == ("ok", "ok")
    assert 200 <= ready["poll_age_seconds"] < 260

    polled(16 * 60, name="stuck")
    polled(20 * 60, name="unhurried", poll_seconds=3600)
    ready = watch.get("/health/ready").json()
    assert (ready["status"], ready["poll"]) == ("degraded", "late")
    assert 960 <= ready["poll_age_seconds"] < 1020


def test_a_connection_that_was_never_polled_has_its_time(db, watch):
    connection = make_connection()
    assert watch.get("/health/ready").json()["poll"] == "ok"

    type(connection).objects.update(created_at=clock.now() - timedelta(hours=1))
    assert watch.get("/health/ready").json()["poll"] == "late"


def test_costs_two_queries(db, watch, django_assert_num_queries):
    with django_assert_num_queries(2):
        watch.get("/health/ready")
