"""Everything under /api/ that goes wrong has one shape."""

import gzip

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


LOGIN = "/api/v1/auth/login"
BROKEN = [
    b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"1" * 10_000, b'{"email": NaN}',
    b'"\\ud800"', b"[]", b"null", b'{"email": {}, "password": []}', b'{"email": 1, "password": 2}',
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: body[:12].decode("latin-1"))
def test_a_body_that_makes_no_sense_is_a_400(db, body):
    client = APIClient(raise_request_exception=False)
    answer = client.post(LOGIN, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"a"', b"5"])
def test_a_body_that_is_no_object_is_told_so(db, body):
    answer = APIClient().post(LOGIN, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json() == {"error": "The body must be a JSON object: {...}"}


def test_a_body_that_is_too_large_is_a_413(db):
    body = b'{"email": "' + b"a" * 3_000_000 + b'"}'
    answer = APIClient().post(LOGIN, body, content_type="application/json")

    assert answer.status_code == 413
    assert set(answer.json()) == {"error"}


@override_settings(ALLOWED_HOSTS=["api.example.org"])
def test_a_foreign_host_is_refused_in_json(db):
    answer = Client().get(PRODUCTS)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


HEADERS = [
    "Bearer", "Bearer x", "Bearer a b c", "Bearer é", "Bearer Bearer", "bearer", "Token x",
    "Basic eA==",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_a_bad_authorization_is_a_401(db, header):
    answer = APIClient().get(PRODUCTS, HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]


@pytest.mark.parametrize("header", [None, "Token x", "eyJhbGciOiJIUzI1NiJ9"])
def test_who_sends_no_token_is_told_how(db, header):
    given = {} if header is None else {"HTTP_AUTHORIZATION": header}
    answer = APIClient().get(PRODUCTS, **given)

    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")
    assert "Bearer <access token>" in answer.json()["error"]


def test_every_answer_names_its_request(db):
    first, second = (APIClient().get(PRODUCTS)["X-Request-ID"] for _ in range(2))

    assert first != second


def test_an_unchanged_answer_is_a_304(calm):
    tag = calm.get(PRODUCTS)["ETag"]

    answer = calm.get(PRODUCTS, HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_long_answer_is_packed_and_an_unchanged_one_stays_a_304(calm):
    packed = calm.get(PRODUCTS, HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == calm.get(PRODUCTS).content
    assert {"Authorization", "Accept-Encoding"} <= set(packed["Vary"].split(", "))

    again = {"HTTP_ACCEPT_ENCODING": "gzip", "HTTP_IF_NONE_MATCH": packed["ETag"]}
    assert calm.get(PRODUCTS, **again).status_code == 304


def test_a_front_end_may_send_a_token_and_a_tag_and_read_what_it_needs(calm, settings):
    origin = settings.CORS_ALLOWED_ORIGINS[0]
    wanted = "authorization,content-type,if-none-match"
    asks = {"HTTP_ORIGIN": origin, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": wanted}
    allowed = APIClient().options(PRODUCTS, HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET", **asks)
    assert allowed["Access-Control-Allow-Origin"] == origin
    assert set(wanted.split(",")) <= set(allowed["Access-Control-Allow-Headers"].split(", "))

    told = calm.get(PRODUCTS, HTTP_ORIGIN=origin)["Access-Control-Expose-Headers"]
    assert {"ETag", "Retry-After", "X-Request-ID"} <= set(told.split(", "))
    foreign = calm.get(PRODUCTS, HTTP_ORIGIN="https://elsewhere.test")
    assert "Access-Control-Allow-Origin" not in foreign
