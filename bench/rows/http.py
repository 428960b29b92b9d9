"""Rows 10 and 12: kept answers over HTTP, against the usual stack, and when eight ask at once.

The usual stack answers with the same 20 kB: Django's own list of middleware, a DRF view with
simplejwt's JWTAuthentication and DRF's UserRateThrottle on django-redis, the answer as a dict in
django-redis, DRF's JSONRenderer. Ours is the real endpoint behind all of our middleware. Both are
called through the WSGI handler in this process, in turn, without a socket, as a browser asks: it
takes gzip, which ours is kept in; the usual stack does not zip, which would take it a millisecond.
"""

from __future__ import annotations

import gzip
import http.client
import io
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import books, group
from bench.frame import Line, Stand, Target, at_least, at_most, row

REQUESTS = 100  # in each turn
ASKERS, EACH = 8, 400
USED = 9_000  # requests that the viewer has made today
# A quarter: about 20 kB.
PATH = "/api/v1/comparative/performance-by-time"
ASKED = "start_date=2025-01-06&end_date=2025-01-21"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
Ask = Callable[[], tuple[str, dict[str, str], bytes]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes: seconds, and those of the processor in this process."""

    seconds: float
    cpu: float


@row("10", "a kept analytics answer of 20 kB over HTTP")
def kept(stand: Stand) -> Iterator[Line]:
    os.environ.setdefault("REQUESTS_PER_DAY", "100000000")
    token, user = _house(stand)
    from skyll.wsgi import application

    ours = _client(application, PATH, ASKED, token)
    status, headers, sent = ours()
    told = gzip.decompress(sent)
    if status != "200 OK" or not 15_000 < len(told) < 30_000:
        raise AssertionError(f"{status}, {len(told):,} bytes: not the answer to measure")
    usual = _client(_usual(told), "/usual", "", token)
    if usual()[2] != told or ours()[2] != sent:
        raise AssertionError("the two stacks disagree")
    size = f"{len(told) / 1000:.0f} kB"
    fast, slow = _in_turn(stand, ours, usual)
    yield from _lines(f"{size}, the usual stack / ours", fast, slow, at_least(4))
    _use_up(user)
    fast, slow = _in_turn(stand, ours, usual)
    yield from _lines(f"with {USED:,} requests that day", fast, slow, at_least(5))
    again = _client(application, PATH, ASKED, token, HTTP_IF_NONE_MATCH=headers["ETag"])
    if again()[0] != "304 Not Modified":
        raise AssertionError("an unchanged answer is not told so")
    fast, slow = _in_turn(stand, again, usual)
    yield from _lines("unchanged: a 304", fast, slow)


@row("12", "kept answers at eight clients at once", size="400 requests of each")
def at_once(stand: Stand) -> Iterator[Line]:
    os.environ.setdefault("REQUESTS_PER_DAY", "100000000")
    token, _ = _house(stand)
    from bench.load.server import serve

    each = max(50, stand.count(EACH))
    with ExitStack() as stack:
        where = Path(stack.enter_context(TemporaryDirectory()))
        theirs = {"REQUESTS_PER_DAY": "100000000"}
        web = stack.enter_context(serve(where, theirs))
        _ask_at_once(web.port, token, 30)
        halves, tails = [], []
        for run in range(1, stand.runs + 1):
            stand.say(f"run {run} of {stand.runs}: {ASKERS} clients, {each} requests each")
            times = statistics.quantiles(_ask_at_once(web.port, token, each), n=100)
            halves.append(times[49])
            tails.append(times[98])
    half, tail = statistics.median(halves), statistics.median(tails)
    yield Line(
        f"{ASKERS} clients, p99 / p50", f"{tail * 1e3:.1f} ms", f"{half * 1e3:.1f} ms",
        tail / half, at_most(4), tail,
    )  # fmt: skip


def _house(stand: Stand) -> tuple[str, int]:
    """Make a group and a log-in in it; return its token and its id."""
    books.open_books()
    stand.say("making a group's trades")
    desk = group.trade_for_a_year(20_000)
    from accounts.models import CustomUser
    from accounts.sessions import open_session
    from common import clock
    from traders.models import PlatformAccount

    trader = PlatformAccount.objects.get(pk=desk.account_ids[0]).trader
    name = f"bench{desk.account_ids[0]}"
    user = CustomUser(username=name, email=f"{name}@bench.test", group=trader.group, trader=trader)
    user.set_unusable_password()
    user.save()
    return open_session(user, at=clock.now()).access_token, user.pk


def _client(app: Any, path: str, query: str, token: str, **more: str) -> Ask:
    """Return a call that asks a WSGI application, as a server does."""
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        **more,
    }  # fmt: skip
    told: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        told.update(status=status, headers=dict(headers))

    def ask() -> tuple[str, dict[str, str], bytes]:
        answer = app({**environ, "wsgi.input": io.BytesIO()}, start)
        content = b"".join(answer)
        answer.close()
        return told["status"], told["headers"], content

    return ask


def _usual(told: bytes) -> Any:
    """Return a WSGI application of the usual stack that answers with what is told."""
    import json
    from types import ModuleType

    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings
    from django.urls import path
    from django_redis.cache import RedisCache
    from rest_framework.renderers import JSONRenderer
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.throttling import UserRateThrottle
    from rest_framework.views import APIView
    from rest_framework_simplejwt.authentication import JWTAuthentication

    cache = RedisCache(settings.CACHES["fast"]["LOCATION"], {"KEY_PREFIX": "usual"})

    class Daily(UserRateThrottle):
        rate = "100000/day"

    Daily.cache = cache

    class Usual(APIView):
        authentication_classes = (JWTAuthentication,)
        throttle_classes = (Daily,)
        renderer_classes = (JSONRenderer,)

        def get(self, request: Request) -> Response:
            return Response(cache.get("answer"))

    cache.set("answer", json.loads(told), 3600)
    urls = ModuleType("bench_usual")
    urls.urlpatterns = [path("usual", Usual.as_view())]  # type: ignore[attr-defined]
    with override_settings(MIDDLEWARE=MIDDLEWARE):
        handler = WSGIHandler()

    class Routed:
        """The handler's middleware is its own; which addresses there are is told per request."""

        def __call__(self, environ: Any, start: Any) -> Any:
            from django.urls import set_urlconf

            try:
                return handler(environ, start)
            finally:
                set_urlconf(None)

    inner = handler.resolve_request

    def resolve(request: Any) -> Any:
        request.urlconf = urls
        return inner(request)

    handler.resolve_request = resolve  # type: ignore[method-assign]
    return Routed()


def _use_up(user: int) -> None:
    """Let both stacks know of so many requests that day: a number here, a list there."""
    from django.conf import settings
    from django_redis.cache import RedisCache

    from common import clock, store, throttle

    throttle.count(f"user:{user}", 1, clock.now())
    day = clock.today().isoformat()
    store.ask(lambda redis: redis.incrby(store.key("requests", day, f"user:{user}"), USED))
    cache = RedisCache(settings.CACHES["fast"]["LOCATION"], {"KEY_PREFIX": "usual"})
    now = time.time()
    stamps = [now - n for n in range(USED)]
    cache.set(f"throttle_user_{user}", stamps, 86_400)


def _in_turn(stand: Stand, ours: Ask, usual: Ask) -> tuple[Cost, Cost]:
    """Return what one request to each takes: many are asked in turn.

    Each waits for two servers, on a crowded machine for the scheduler most of all: the quickest
    tenth tells what it takes.
    """
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for run in range(1, stand.runs + 1):
        stand.say(f"run {run} of {stand.runs}")
        for _ in range(REQUESTS):
            for ask, found in zip((ours, usual), costs, strict=True):
                begun = Cost(time.perf_counter(), time.thread_time())
                ask()
                found.append(
                    Cost(time.perf_counter() - begun.seconds, time.thread_time() - begun.cpu)
                )
    fast, slow = (
        Cost(_quick(one.seconds for one in found), _quick(one.cpu for one in found))
        for found in costs
    )
    return fast, slow


def _quick(seconds: Iterable[float]) -> float:
    return statistics.quantiles(seconds, n=10)[0]


def _lines(what: str, fast: Cost, slow: Cost, target: Target | None = None) -> Iterator[Line]:
    yield Line(
        what,
        _us(fast.seconds),
        _us(slow.seconds),
        slow.seconds / fast.seconds,
        target,
        fast.seconds,
    )
    yield Line(
        f"{what}: of the processor",
        _us(fast.cpu),
        _us(slow.cpu),
        slow.cpu / fast.cpu,
        None,
        fast.cpu,
    )


def _ask_at_once(port: int, token: str, each: int) -> list[float]:
    """Let several clients ask one request after the other; return the seconds of each."""
    seconds: list[float] = []
    failed: list[int] = []
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}

    def work() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(each):
            begun = time.perf_counter()
            link.request("GET", f"{PATH}?{ASKED}", headers=headers)
            answer = link.getresponse()
            answer.read()
            seconds.append(time.perf_counter() - begun)
            if answer.status != 200:
                failed.append(answer.status)
        link.close()

    threads = [threading.Thread(target=work) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise AssertionError(f"answers with {set(failed)}")
    return seconds


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} us"
