"""Everything under /api/ that goes wrong has one shape."""

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from rest_framework.test import APIClient

from futures import queries

PRODUCTS = "/api/v1/products"


@pytest.fixture
def calm(as_user, desk):
    """A client that shows a 500 as the world sees it."""
    client = as_user(desk.ana)
    client.raise_request_exception = False
    return client


def fails_with(monkeypatch, error: Exception) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(queries, "products_version", fail)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/nothing/", "/api/", "/api/v2/products"]
)
def test_unknown_addresses(db, path, debug):
    with override_settings(DEBUG=debug):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(path)
            assert answer.status_code == 404
            assert answer.json() == {"error": "There is nothing at this address"}


def test_a_database_that_is_down_is_a_503(calm, monkeypatch):
    fails_with(monkeypatch, OperationalError("gone"))

    answer = calm.get(PRODUCTS)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_a_500_without_a_trace(calm, monkeypatch, debug):
    fails_with(monkeypatch, RuntimeError("secret detail"))

    with override_settings(DEBUG=debug):
        answer = calm.get(PRODUCTS)

    assert answer.status_code == 500
    assert set(answer.json()) == {"error"}
    assert b"secret detail" not in answer.content


def test_a_bug_outside_the_view_is_json_too(db, monkeypatch):
    monkeypatch.setattr("rest_framework.views.APIView.initialize_request", None)
    client = Client(raise_request_exception=False)

    answer = client.get(PRODUCTS)

    assert answer.status_code == 500
    assert set(answer.json()) == {"error"}


def test_wrong_methods_and_media(calm):
    assert calm.post(PRODUCTS).status_code == 405
    answer = APIClient().post("/api/v1/auth/login", "a=1", content_type="text/plain")
    assert answer.status_code == 415
    assert set(answer.json()) == {"error"}


@override_settings(ALLOWED_HOSTS=["api.example.org"])
def test_a_foreign_host_is_refused_in_json(db):
    answer = Client().get(PRODUCTS)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a b c", "Bearer é", "Basic eA=="])
def test_a_bad_authorization_is_a_401(db, header):
    answer = APIClient().get(PRODUCTS, HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]


def test_every_answer_names_its_request(db):
    first, second = (APIClient().get(PRODUCTS)["X-Request-ID"] for _ in range(2))

    assert first != second


def test_an_unchanged_answer_is_a_304(calm):
    tag = calm.get(PRODUCTS)["ETag"]

    answer = calm.get(PRODUCTS, HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (304, b"")
