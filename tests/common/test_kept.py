"""Answers kept as bytes are those that would be computed, and go to whom they were computed for."""

import gzip

import pytest
from rest_framework import serializers

from common import store
from common.api import kept
from tests.factories import make_trade

SPAN = "start_date=2026-03-01&end_date=2026-03-31"
GROUP = f"/api/v1/comparative/performance-by-time?{SPAN}"
OWN = f"/api/v1/personal/summary?{SPAN}"
ZIP = {"HTTP_ACCEPT_ENCODING": "gzip"}
OF_ONE_REQUEST = {"X-Request-ID", "X-RateLimit-Remaining"}


@pytest.fixture
def ana(desk, as_user):
    for user in (desk.ana, desk.bo):
        for day in range(2, 7):
            make_trade(user, pnl=f"{10 * user.pk + day}.25", day=day)
    return as_user(desk.ana)


def told(answer):
    return (
        answer.status_code,
        answer.content,
        {name: value for name, value in answer.headers.items() if name not in OF_ONE_REQUEST},
    )


@pytest.mark.parametrize("path", [GROUP, OWN])
@pytest.mark.parametrize("how", [{}, ZIP])
def test_the_kept_answer_is_the_computed_one(ana, path, how, gone_for_a_while):
    with gone_for_a_while():
        computed = told(ana.get(path, **how))
    first, second = told(ana.get(path, **how)), told(ana.get(path, **how))

    assert computed == first == second
    status, content, headers = first
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Encoding"} <= set(headers["Vary"].split(", "))
    assert headers["Content-Length"] == str(len(content))
    assert ("Content-Encoding" in headers) == bool(how)


def test_every_client_gets_the_same_answer_as_it_takes_it(ana):
    zipped, plain = ana.get(GROUP, **ZIP), ana.get(GROUP)

    assert gzip.decompress(zipped.content) == plain.content
    assert plain.json()["meta"]["obfuscated"] is False
    assert zipped["ETag"] == f"W/{plain['ETag']}"


@pytest.mark.parametrize("how", [{}, ZIP])
def test_who_has_it_is_told_so_from_the_tag_alone(ana, how, monkeypatch):
    tag = ana.get(GROUP, **how)["ETag"]
    asked: list[str] = []
    monkeypatch.setattr(kept.Body, "answer", lambda *_: asked.append("body"))

    known = ana.get(GROUP, HTTP_IF_NONE_MATCH=f'"other", {tag}', **how)
    assert (known.status_code, known.content, asked) == (304, b"", [])
    assert known["ETag"] == tag
    assert known["Cache-Control"] == "private, no-cache"
    assert "Authorization" in known["Vary"]
    assert "X-RateLimit-Remaining" in known


def test_who_has_another_one_gets_this_one(ana, desk):
    tag = ana.get(OWN)["ETag"]
    make_trade(desk.ana, pnl="1.00", day=9)

    new = ana.get(OWN, HTTP_IF_NONE_MATCH=tag)
    assert (new.status_code, new["ETag"] == tag) == (200, False)
    assert ana.get(OWN, HTTP_IF_NONE_MATCH=tag).content == new.content


def test_nobody_gets_another_s(ana, desk, as_user):
    mine = ana.get(OWN)
    for other in (desk.bo, desk.cora, desk.otto, desk.sven):
        client = as_user(other)
        assert client.get(OWN).content != mine.content
        assert client.get(OWN, HTTP_IF_NONE_MATCH=mine["ETag"]).status_code == 200
        shared = client.get(GROUP, HTTP_IF_NONE_MATCH=ana.get(GROUP)["ETag"])
        assert (
            shared.status_code == {"bo": 304, "cora": 304, "otto": 403, "sven": 200}[other.username]
        )


def test_a_hit_asks_the_store_once_and_the_database_for_access_alone(
    ana, django_assert_num_queries, monkeypatch
):
    ana.get(GROUP)
    calls: list[object] = []
    plain = store.ask

    def counted(deed):
        calls.append(deed)
        return plain(deed)

    monkeypatch.setattr(store, "ask", counted)
    with django_assert_num_queries(1):
        ana.get(GROUP)
    assert len(calls) == 1


def test_no_objects_are_kept_beside_the_bytes(ana):
    ana.get(GROUP)
    keys = store.ask(lambda redis: redis.keys(store.key("query", "*performance_by_time:*")))
    assert len(keys) == 1
    assert store.ask(lambda redis: redis.get(keys[0]))[:1] in (b"z", b"p")


def test_another_serializer_or_release_has_other_keys(monkeypatch):
    class Out(serializers.Serializer):
        pnl = serializers.FloatField()

    class Other(serializers.Serializer):
        pnl = serializers.FloatField(allow_null=True)

    Other.__qualname__, before = Out.__qualname__, kept.shape_of(Out)
    assert kept.shape_of(Other) != before
    kept.shape_of.cache_clear()
    assert kept.shape_of(Out) == before
    assert kept.release() == kept.release.__wrapped__()
    monkeypatch.setattr(kept, "release", lambda: "next")
    kept.shape_of.cache_clear()
    assert kept.shape_of(Out) != before
    kept.shape_of.cache_clear()


def test_a_refusal_is_counted_and_told_before_what_is_kept(ana, settings):
    ana.get(GROUP)
    settings.REQUESTS_PER_DAY = 1
    refused = ana.get(GROUP)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert ana.get("/api/v1/comparative/performance-by-time").status_code == 429
