"""The day's requests: counted once each, for whom they are, and told on every answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client, override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from common import store, throttle
from tests import fast_store

USER = "/api/v1/auth/user"
NOWHERE = "/api/v1/nothing"
OFFICE, HOME = "198.51.100.7", "203.0.113.9"
NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A store that nobody gives up, however crowded the machine is."""
    with fast_store.patient() as client:
        monkeypatch.setattr(store, "_client", lambda _: client)
        yield


@pytest.fixture(autouse=True)
def limits(settings):
    settings.REQUESTS_PER_DAY = 3
    settings.ADDRESS_REQUESTS_PER_DAY = 4
    settings.PROXIES = 0


def left(answer) -> int:
    return int(answer["X-RateLimit-Remaining"])


def statuses(client, times: int, path: str = USER, **told) -> list[int]:
    return [client.get(path, **told).status_code for _ in range(times)]


# -- what a client is told ----------------------------------------------------------------------
@time_machine.travel(NOON, tick=False)
def test_an_answer_tells_the_limit_what_is_left_and_when_it_starts_anew(desk, as_user):
    client = as_user(desk.ana)

    assert [left(client.get(USER)) for _ in range(3)] == [2, 1, 0]
    refused = client.get(USER)
    assert refused.status_code == 429
    assert refused["Retry-After"] == str(12 * 3600)
    assert refused["X-RateLimit-Limit"] == "3"
    assert refused["X-RateLimit-Remaining"] == "0"
    assert refused["X-RateLimit-Reset"] == str(int(NOON.timestamp()) + 12 * 3600)
    assert refused.json() == {
        "error": "The day's requests are used up: they start anew at 00:00 UTC",
        "code": "too_many_requests",
    }


GROUP = "/api/v1/comparative/performance-by-time?start_date=2026-03-02&end_date=2026-03-06"
KINDS = [
    ("get", USER, 200), ("head", USER, 200), ("options", USER, 200), ("delete", USER, 405),
    ("get", "/api/v1/personal/trades?page=x", 400), ("get", GROUP, 403), ("get", NOWHERE, 404),
    ("get", "/api/v1/personal/trades/7c9e6679-7425-40de-944b-e07fc1f90ae7", 404),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), KINDS)
def test_every_answer_has_the_headers_and_is_counted_once(desk, as_user, method, path, status):
    client = as_user(desk.otto)
    first, second = (getattr(client, method)(path) for _ in range(2))

    assert first.status_code == second.status_code == status
    assert left(first) - left(second) == 1
    assert {"X-RateLimit-Limit", "X-RateLimit-Reset"} <= set(first.headers)
    assert "Retry-After" not in first


@pytest.mark.parametrize("token", [{}, {"HTTP_AUTHORIZATION": "Bearer x"}])
def test_whoever_has_no_good_token_is_counted_by_address(db, api, token):
    assert [left(api.get(USER, **token)) for _ in range(4)] == [3, 2, 1, 0]

    refused = api.get(USER, **token)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused["Retry-After"]) > 0
    assert refused["X-RateLimit-Limit"] == "4"
    for path in (NOWHERE, "/api/v1/auth/login"):
        assert api.get(path).status_code == 429
    assert api.get(USER, REMOTE_ADDR=HOME).status_code == 401


@override_settings(ALLOWED_HOSTS=["api.example.org"])
def test_an_answer_before_any_view_has_the_headers_too(db):
    refused = Client().get(USER)

    assert (refused.status_code, left(refused)) == (400, 3)


def test_an_unchanged_answer_has_the_headers_too(desk, as_user):
    client = as_user(desk.ana)
    tag = client.get("/api/v1/products")["ETag"]

    unchanged = client.get("/api/v1/products", HTTP_IF_NONE_MATCH=tag)
    assert (unchanged.status_code, left(unchanged)) == (304, 1)


def test_a_preflight_is_not_counted_and_a_front_end_may_read_the_headers(desk, as_user, settings):
    client = as_user(desk.ana)
    asks = {"HTTP_ORIGIN": settings.CORS_ALLOWED_ORIGINS[0]}
    for _ in range(9):
        ahead = APIClient().options(USER, HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET", **asks)
        assert ahead.status_code == 200

    assert left(APIClient().get(USER, **asks)) == 3
    answers = [client.get(USER, **asks) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    for answer in answers:
        exposed = set(answer["Access-Control-Expose-Headers"].split(", "))
        told = {name for name in answer.headers if name.startswith(("X-RateLimit", "Retry"))}
        assert len(told) >= 3
        assert told <= exposed


def test_the_schema_is_counted_too(db):
    assert [left(Client().get(path)) for path in ("/schema", "/swagger", NOWHERE)] == [3, 2, 1]


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/admin/login/", "/static/nothing"])
def test_what_is_not_the_api_is_not_counted(db, path):
    answer = Client().get(path)

    assert "X-RateLimit-Limit" not in answer
    assert left(Client().get(NOWHERE)) == 3


def test_the_schema_names_the_headers(db):
    schema = Client().get("/schema.json").json()
    answers = schema["paths"][USER]["get"]["responses"]

    for status, answer in answers.items():
        assert ("Retry-After" in answer["headers"]) == (status in ("429", "503"))
        for name, told in answer["headers"].items():
            assert told == {"$ref": f"#/components/headers/{name}"}
            assert schema["components"]["headers"][name]["description"]
        assert "X-RateLimit-Remaining" in answer["headers"]


# -- who is counted -----------------------------------------------------------------------------
def test_two_users_of_one_address_are_counted_apart(desk, as_user):
    ana, bo = as_user(desk.ana), as_user(desk.bo)

    assert statuses(ana, 4) == [200, 200, 200, 429]
    assert statuses(bo, 3) == [200, 200, 200]
    assert left(APIClient().get(USER)) == 3


def test_a_user_is_one_user_from_every_address(desk, as_user):
    ana = as_user(desk.ana)

    found = [ana.get(USER, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(4)]
    assert found == [200, 200, 200, 429]


def test_the_day_is_over_at_midnight_utc(desk, as_user):
    ana = as_user(desk.ana)
    with time_machine.travel("2031-05-06T23:59:59.9+00:00", tick=False):
        assert statuses(ana, 4) == [200, 200, 200, 429]
        assert ana.get(USER)["Retry-After"] == "1"
    with time_machine.travel("2031-05-07T00:00:00+00:00", tick=False):
        assert statuses(ana, 4) == [200, 200, 200, 429]
        assert ana.get(USER)["Retry-After"] == "86400"


FORWARDED = [
    # proxies, X-Forwarded-For, who it is
    (0, f"{HOME}", OFFICE),
    (0, None, OFFICE),
    (1, f"{HOME}", HOME),
    (1, f"1.2.3.4, {HOME}", HOME),
    (1, f" 1.2.3.4,5.6.7.8 , {HOME} ", HOME),
    (2, f"1.2.3.4, {HOME}, 10.0.0.1", HOME),
    (2, f"{HOME}", OFFICE),
    (1, None, OFFICE),
    (1, "", OFFICE),
    (1, ",,,", OFFICE),
    (1, f"{HOME},", OFFICE),
    (1, "unknown", OFFICE),
    (1, "1.2.3.4.5", OFFICE),
    (1, "é\x00", OFFICE),
    (1, "9" * 100_000, OFFICE),
    (1, "," * 100_000, OFFICE),
    (1, "[", OFFICE),
    (1, "[]", OFFICE),
    (1, "::::::::", OFFICE),
    (1, f"{HOME}:4711", HOME),
    (1, f'"{HOME}"', HOME),
    (1, "[2001:db8:1:2:3::9]:4711", "2001:db8:1:2::/64"),
    (1, '"[2001:db8:1:2:3::9]"', "2001:db8:1:2::/64"),
    (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
    (1, "2001:DB8:1:2::", "2001:db8:1:2::/64"),
    (1, "fe80::1%eth0", "fe80::/64"),
    (1, f"::ffff:{HOME}", HOME),
]


@pytest.mark.parametrize(("proxies", "told", "who"), FORWARDED)
def test_the_address_is_what_the_last_proxy_of_ours_saw(rf, settings, proxies, told, who):
    settings.PROXIES = proxies
    request = rf.get(USER, REMOTE_ADDR=OFFICE)
    if told is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = told

    assert throttle.address_of(request) == who


@pytest.mark.parametrize(
    ("caller", "who"),
    [("", ""), ("2001:db8:1:2::1", "2001:db8:1:2::/64"), ("::1", "::/64"), ("unix:", "unix:")],
)
def test_a_caller_may_have_no_address_or_a_long_one(rf, caller, who):
    assert throttle.address_of(rf.get(USER, REMOTE_ADDR=caller)) == who
    missing = rf.get(USER)
    del missing.META["REMOTE_ADDR"]
    assert throttle.address_of(missing) == ""


def test_a_client_that_says_where_it_is_from_is_not_believed(db, api):
    found = [api.get(USER, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").status_code for n in range(5)]

    assert found == [401, 401, 401, 401, 429]


def test_behind_a_proxy_what_the_client_adds_in_front_changes_nothing(db, api, settings):
    settings.PROXIES = 1
    told = (f"192.0.2.{n}, {HOME}" for n in range(5))
    found = [api.get(USER, HTTP_X_FORWARDED_FOR=one).status_code for one in told]

    assert found == [401, 401, 401, 401, 429]
    assert api.get(USER, HTTP_X_FORWARDED_FOR=OFFICE).status_code == 401


# -- how it is counted --------------------------------------------------------------------------
def test_counting_asks_the_database_nothing(desk, as_user, django_assert_num_queries):
    ana = as_user(desk.ana)

    with django_assert_num_queries(0):
        assert statuses(ana, 4) == [200, 200, 200, 429]
        assert statuses(Client(), 5, NOWHERE) == [404, 404, 404, 404, 429]


class Plain(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request):
        return Response({})


def status_of(number: int) -> int:
    """Return what the user `number` gets."""
    request = APIRequestFactory().get("/api/v1/plain")
    force_authenticate(request, SimpleNamespace(pk=number, is_authenticated=True))
    return Plain.as_view()(request).status_code


def rounds() -> list[int]:
    """Return how many requests of 16 threads, three each, got through, in each of 50 rounds."""
    callers = 16

    def ask(user: int, start: Barrier) -> int:
        start.wait()
        return sum(status_of(user) == 200 for _ in range(3))

    with ThreadPoolExecutor(callers) as pool:
        found = []
        for user in range(50):
            start = Barrier(callers)
            asked = [pool.submit(ask, user, start) for _ in range(callers)]
            found.append(sum(one.result() for one in asked))
        return found


def test_of_many_requests_at_once_exactly_the_limit_gets_through(settings):
    settings.REQUESTS_PER_DAY = 20

    assert rounds() == [20] * 50
    assert store.breaker.call(lambda: "up") == "up"


def test_while_the_store_is_gone_a_process_holds_the_limit_by_itself(gone, settings):
    settings.REQUESTS_PER_DAY = 20

    assert rounds() == [20] * 50


def test_a_hung_store_is_asked_once_and_the_limit_holds(hung, desk, as_user):
    answers = [as_user(desk.ana).get(USER) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [left(answer) for answer in answers] == [2, 1, 0, 0, 0]
    assert statuses(APIClient(), 5, NOWHERE) == [404, 404, 404, 404, 429]
    assert hung.asked == 1


def test_a_store_that_goes_and_comes_back_loses_no_request(monkeypatch, settings):
    settings.REQUESTS_PER_DAY = 9
    at = NOON

    def used(times: int) -> list[int]:
        return [throttle.count("user:1", 9, at).used for _ in range(times)]

    assert used(3) == [1, 2, 3]
    with monkeypatch.context() as broken:
        broken.setattr(store, "_client", lambda _: fast_store.client_of("/nowhere/s.sock"))
        assert used(3) == [4, 5, 6]
    store.breaker.reset()
    assert used(2) == [7, 8]
    key = store.key("requests", "2031-05-06", "user:1")
    assert store.ask(lambda redis: redis.get(key)) == b"8"
    assert 86_400 < store.ask(lambda redis: redis.ttl(key)) <= throttle.KEPT_SECONDS


def test_a_crowd_of_addresses_is_not_remembered_for_ever():
    own = throttle.Own(most=3)
    for name in "abacad":
        own.add(name, 1)

    assert [own.missed(name) for name in "abcd"] == [3, 0, 1, 1]
