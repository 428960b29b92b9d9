"""Pages of the front end's origins may ask and read; pages of others may not."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.authorization.addresses import METHODS, patterns

FRONT_END, OTHER = "https://app.example.com", "https://evil.example.com"
WANTED = "authorization,content-type,if-none-match"
EXPOSED = {
    "Content-Disposition",
    "ETag", "Retry-After", "X-Request-ID",
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
}  # fmt: skip
PRODUCTS = "/api/v1/products"


@pytest.fixture(autouse=True)
def front_end(settings):
    settings.CORS_ALLOWED_ORIGINS = [FRONT_END]


def every_address() -> list[str]:
    """Return all addresses of the API, both forms, and one that is not there."""
    found = {address for address, _ in patterns() if address.startswith("api/v1/")}
    some_id = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    known = {f"/{address.replace('<uuid:trade_id>', some_id)}" for address in found}
    return sorted(known | {"/api/v1/nothing", "/schema.json"})


def preflight(path: str, method: str, origin: str = FRONT_END):
    return Client(enforce_csrf_checks=True).options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS=WANTED,
    )


def told(answer, header: str) -> set[str]:
    return {word.strip() for word in answer[header].split(",")}


def test_a_preflight_is_answered_everywhere_for_each_method():
    for path in every_address():
        for method in METHODS:
            answer = preflight(path, method)

            assert (answer.status_code, answer.content) == (200, b""), path
            assert answer["Access-Control-Allow-Origin"] == FRONT_END
            assert method in told(answer, "Access-Control-Allow-Methods")
            assert set(WANTED.split(",")) <= told(answer, "Access-Control-Allow-Headers")
            assert "Access-Control-Allow-Credentials" not in answer
            assert "origin" in answer["Vary"].lower()


@pytest.mark.parametrize(
    "origin",
    [
        OTHER, "null", "*", "http://app.example.com", "https://app.example.com:8443",
        "https://app.example.com.evil.example", "https://evilapp.example.com",
        "https://sub.app.example.com", f"{FRONT_END}/", "", "https://[::1", f"{FRONT_END} {OTHER}",
    ],
)  # fmt: skip
def test_a_foreign_origin_is_told_nothing(db, origin):
    for path in (PRODUCTS, f"{PRODUCTS}/", "/api/v1/auth/login"):
        for answer in (
            preflight(path, "POST", origin),
            APIClient().get(path, HTTP_ORIGIN=origin),
        ):
            assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (PRODUCTS, "get", 401), (f"{PRODUCTS}/", "get", 401), ("/api/v1/nothing", "get", 404),
        ("/api/v1/auth/login", "post", 400), ("/api/v1/auth/login", "get", 405),
    ],
)  # fmt: skip
def test_a_refusal_is_readable_too(db, path, method, status):
    answer = getattr(APIClient(), method)(path, HTTP_ORIGIN=FRONT_END)

    assert answer.status_code == status
    assert answer["Access-Control-Allow-Origin"] == FRONT_END
    assert told(answer, "Access-Control-Expose-Headers") == EXPOSED


def test_an_answer_an_unchanged_one_and_a_fault_are_readable(desk, as_user, monkeypatch):
    client = as_user(desk.ana)
    client.raise_request_exception = False
    first = client.get(PRODUCTS, HTTP_ORIGIN=FRONT_END)
    unchanged = client.get(PRODUCTS, HTTP_ORIGIN=FRONT_END, HTTP_IF_NONE_MATCH=first["ETag"])
    monkeypatch.setattr("rest_framework.views.APIView.initialize_request", None)
    fault = client.get(PRODUCTS, HTTP_ORIGIN=FRONT_END)

    assert [one.status_code for one in (first, unchanged, fault)] == [200, 304, 500]
    for answer in (first, unchanged, fault):
        assert answer["Access-Control-Allow-Origin"] == FRONT_END
        assert told(answer, "Access-Control-Expose-Headers") == EXPOSED
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("path", ["/", "/admin/account/login/", "/health", "/swagger"])
def test_pages_and_the_admin_are_no_part_of_it(db, path):
    for answer in (Client().get(path, HTTP_ORIGIN=FRONT_END), preflight(path, "GET")):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
