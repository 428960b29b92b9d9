"""The schema is drawn once in a process, and is what drf-spectacular draws each time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular import views
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIRequestFactory

from skyll import schema

OPENAPI, JSON = views.SpectacularAPIView, views.SpectacularJSONAPIView


@pytest.fixture
def drawings(monkeypatch):
    """Return how often it was drawn from now on, in this empty process."""
    monkeypatch.setattr(schema, "_drawn", {})
    draw, count = SchemaGenerator.get_schema, []

    def counted(*args, **given):
        count.append(1)
        return draw(*args, **given)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    return count


@pytest.mark.parametrize(
    ("path", "view", "accept"),
    [
        ("/schema", OPENAPI, "application/yaml"),
        ("/schema/", OPENAPI, "application/json; indent=1"),
        ("/schema.json", JSON, "text/html,*/*;q=0.8"),
    ],
)
def test_it_is_drawn_once_and_is_the_drawn_one(drawings, path, view, accept):
    first, second = (Client().get(path, headers={"Accept": accept}) for _ in range(2))
    assert len(drawings) == 1
    told = view.as_view()(APIRequestFactory().get(path, headers={"Accept": accept})).render()
    assert first.content == second.content == told.content
    for name in ("Content-Type", "Content-Disposition", "Allow"):
        assert first[name] == second[name] == told[name]
    assert first.headers.keys() - {"X-Request-ID"} >= told.headers.keys()
    assert dict(told.items())["Vary"] in first["Vary"]


def test_who_has_it_is_told_so(drawings):
    whole = Client().get("/schema.json")
    assert (whole.status_code, len(drawings)) == (200, 1)
    known = Client().get("/schema.json", headers={"If-None-Match": whole["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    other = Client().get("/schema.yaml", headers={"If-None-Match": whole["ETag"]})
    assert (other.status_code, len(drawings)) == (200, 2)


def test_a_version_that_a_client_makes_up_is_not_kept(drawings):
    told = Client().get("/schema.json?version=17")
    assert told.json()["info"]["version"] == f"{settings.SPECTACULAR_SETTINGS['VERSION']} (17)"
    assert 'filename="Skyll API (17).json"' in told["Content-Disposition"]
    assert schema._drawn == {}


def test_whoever_asks_first_at_once_it_is_drawn_once(drawings):
    with ThreadPoolExecutor(4) as pool:
        told = {*pool.map(lambda _: Client().get("/schema.json").content, range(4))}
    assert (len(told), len(drawings)) == (1, 1)
