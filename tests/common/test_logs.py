"""Ids in the lines: of the request, and carried on to the tasks that it sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from celery import current_app, shared_task
from django.test import Client

from common import logs
from common.answered import _plain
from skyll import around_tasks
from tests.factories import make_user

log = structlog.get_logger("tests.logs")


@pytest.fixture
def lines() -> Iterator[Any]:
    """Return what is logged while the test runs, as production writes it."""
    structlog.contextvars.clear_contextvars()
    told = StringIO()
    handler = logging.StreamHandler(told)
    renderer = structlog.processors.JSONRenderer()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in told.getvalue().splitlines()]
    root.removeHandler(handler)
    structlog.contextvars.clear_contextvars()


@shared_task
def chatter(fail: bool = False) -> None:
    log.info("chatted")
    logging.getLogger("foreign").warning("heard")
    if fail:
        raise ValueError("no")


def test_a_task_s_lines_carry_its_ids(lines):
    chatter.apply(task_id="t1")
    for line in lines():
        assert (line["task_id"], line["task"]) == ("t1", "tests.common.test_logs.chatter")
        assert "root_task_id" not in line
    assert {line["event"] for line in lines()} >= {"chatted", "heard"}
    assert structlog.contextvars.get_contextvars() == {}
    assert not around_tasks._running


def test_the_line_of_a_task_that_fails_does_too(lines):
    chatter.apply(task_id="t2", kwargs={"fail": True})
    failed = [line for line in lines() if "ValueError" in str(line)]
    assert failed
    assert {line["task_id"] for line in failed} == {"t2"}


def test_what_was_bound_before_stays(lines):
    structlog.contextvars.bind_contextvars(request_id="r0")
    chatter.apply(task_id="t3")
    log.info("after")
    assert lines()[-1]["request_id"] == "r0"
    assert "task_id" not in lines()[-1]


def test_a_message_takes_the_request_s_id_along(monkeypatch):
    sent: dict[str, Any] = {}
    structlog.contextvars.bind_contextvars(request_id="r9")
    try:
        with current_app.connection_for_write() as link:
            monkeypatch.setattr(
                "kombu.Producer.publish", lambda self, body, **given: sent.update(given)
            )
            current_app.send_task("tests.nobody", connection=link, retry=False)
    finally:
        structlog.contextvars.clear_contextvars()
    assert sent["headers"]["request_id"] == "r9"


def test_a_worker_hands_the_ids_on(lines):
    """As a worker calls it: custom headers are attributes of the task's request."""
    task = current_app.tasks[chatter.name]
    task.push_request(id="t4", root_id="t0", request_id="r4")
    try:
        around_tasks._begin(task_id="t4", task=task)
        log.info("within")
        around_tasks._end(task_id="t4", task=task, state="SUCCESS")
    finally:
        task.pop_request()
    line = lines()[-1]
    assert (line["task_id"], line["root_task_id"], line["request_id"]) == ("t4", "t0", "r4")


def test_a_finished_request_is_a_line(db, lines, settings):
    settings.ACCESS_LOG = True
    user = make_user("ana")
    client = Client()
    answer = client.get("/api/v1/personal/summary?trader=7&secret=s3cret")
    client.get("/health")
    client.force_login(user)
    (line,) = [one for one in lines() if one["event"] == "request"]
    assert line["request_id"] == answer[logs.HEADER]
    assert (line["method"], line["status"], line["user"]) == ("GET", 401, None)
    assert line["route"] == "api/v1/personal/summary"
    assert line["ms"] > 0
    assert "s3cret" not in json.dumps(lines())


def test_it_says_who_asked_and_asks_nobody_for_it(desk, as_user, lines, settings):
    settings.ACCESS_LOG = True
    as_user(desk.ana).get("/api/v1/personal/summary")
    (line,) = [one for one in lines() if one["event"] == "request"]
    assert line["user"] == desk.ana.pk


def test_a_fault_is_a_line_with_its_status(db, lines, settings, monkeypatch):
    settings.ACCESS_LOG = True

    monkeypatch.setattr("skyll.health._database", lambda: 1 / 0)
    answer = Client(raise_request_exception=False).get("/health/ready")
    (line,) = [one for one in lines() if one["event"] == "request"]
    assert (line["status"], answer.status_code) == (500, 500)


def test_none_where_they_are_not_wanted(client, lines, settings):
    settings.ACCESS_LOG = False
    client.get("/nowhere")
    assert not [one for one in lines() if one["event"] == "request"]


@pytest.mark.parametrize(
    ("route", "read"),
    [
        ("^health/?$", "health"),
        ("api/v1/personal/^trades/(?P<trade_id>[^/]+)/?$", "api/v1/personal/trades/<trade_id>"),
        ("api/v1/journal/entries/<int:pk>", "api/v1/journal/entries/<int:pk>"),
        ("", ""),
    ],
)
def test_routes_read_well(route, read):
    assert _plain(route) == read
