"""The daily limit of requests: of each user, and of each address where no user is known.

Counted in the fast store, in one step, so that many requests at once get a number each. While the
store is away each process goes on from the last total that it knows, and tells the store what it
missed when it is back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.throttling import BaseThrottle

from common import clock, store
from common.api.errors import Refusal, body, is_api
from common.quota import Quota

if TYPE_CHECKING:
    from redis import Redis
    from rest_framework.request import Request
    from rest_framework.views import APIView

Deed = Callable[["Redis"], Any]
DOWN = object()  # what was asked beside, where the store did not answer
KEPT_SECONDS = 2 * 86_400  # from the last request on, so that no clock's error cuts a day short
MOST_KNOWN = 10_000


class TooManyRequests(Refusal):
    status = 429
    message = "The day's requests are used up: they start anew at 00:00 UTC"
    code = "too_many_requests"


def address_of(request: HttpRequest | Request) -> str:
    """Return the client's address; of an IPv6 one its /64, which is what one client holds.

    What X-Forwarded-For says counts only as far as proxies of ours wrote it: with PROXIES=n the
    n-th entry from the right. Where there is none that makes sense, the address of the caller.
    """
    caller = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies: int = settings.PROXIES
    if 0 < proxies <= len(told) and (forwarded := _plain(told[-proxies])):
        return forwarded
    return _plain(caller) or caller


def _plain(text: str) -> str:
    """Return one spelling of an address that may have a port; "" for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def count(who: str, limit: int, at: datetime) -> Quota:
    """Count one request of the UTC day."""
    return _counted(who, limit, at)[0]


def _counted(who: str, limit: int, at: datetime, beside: Deed | None = None) -> tuple[Quota, Any]:
    day = at.astimezone(UTC).date()
    total, rest = _total(store.key("requests", day.isoformat(), who), beside)
    ends_at = datetime.combine(day + timedelta(days=1), time(), UTC)
    return Quota(limit, total, ends_at), rest


def _total(key: str, beside: Deed | None = None) -> tuple[int, Any]:
    """Return the day's total, this request among them, and what was asked beside."""
    missed = _own.missed(key)
    try:
        total, _, *rest = store.ask(lambda redis: _add(redis, key, missed + 1, beside))
    except store.Down:
        return _own.add(key, missed + 1), DOWN
    _own.learn(key, total)
    return int(total), rest[0] if rest else None


def _add(redis: Redis, key: str, requests: int, beside: Deed | None) -> Any:
    """Both or neither need not be: the day's last request says how long the key lives."""
    with redis.pipeline(transaction=False) as pipe:
        pipe.incrby(key, requests)
        pipe.expire(key, KEPT_SECONDS)
        if beside:
            beside(pipe)
        return pipe.execute()


class Own:
    """What this process knows: the last total of a key, and how many the store has missed."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def missed(self, key: str) -> int:
        """Return what the store has missed, for one caller to tell it."""
        with self._lock:
            total, missed = self._known.get(key, (0, 0))
            if missed:
                self._known[key] = total, 0
            return missed

    def add(self, key: str, missed: int) -> int:
        """Count a request without the store; return the new total."""
        with self._lock:
            total, others = self._known.get(key, (0, 0))
            self._keep(key, total + 1, others + missed)
            return total + 1

    def learn(self, key: str, total: int) -> None:
        """Know the store's total."""
        with self._lock:
            known, missed = self._known.get(key, (0, 0))
            self._keep(key, max(known, total), missed)

    def _keep(self, key: str, total: int, missed: int) -> None:
        self._known[key] = total, missed
        self._known.move_to_end(key)
        while len(self._known) > self._most:  # a crowd of addresses; the longest silent one goes
            self._known.popitem(last=False)


_own = Own()


def _of_address(request: HttpRequest | Request, at: datetime) -> Quota:
    return count(f"address:{address_of(request)}", settings.ADDRESS_REQUESTS_PER_DAY, at)


class Daily(BaseThrottle):
    """Refuses what goes beyond the day's requests of a user, or of an address without one.

    A view that `settles` counts its user's request itself, together with what else it asks of the
    store; it does so before anything is computed.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        asked, at = request._request, clock.now()
        if not request.user.is_authenticated:
            _judge(asked, _of_address(request, at), at)
        elif getattr(view, "settles", False):
            if quota := getattr(asked, "quota", None):  # counted on the short way
                _judge(asked, quota, at)
                return True
            asked.due = Due.of(request.user.pk, at)  # type: ignore[attr-defined]
        else:
            due = Due.of(request.user.pk, at)
            _judge(asked, count(due.who, settings.REQUESTS_PER_DAY, at), at)
        return True


@dataclass(frozen=True, slots=True)
class Due:
    """A request that is to be counted, and has not been yet."""

    who: str
    at: datetime

    @classmethod
    def of(cls, user: Any, at: datetime) -> Due:
        """Return that of a user by its id."""
        return cls(f"user:{user}", at)


def settle(request: HttpRequest, beside: Deed | None = None) -> Any:
    """Count a request that is still due, and ask the store something beside; TooManyRequests.

    store.Down where `beside` was not answered; the request is counted all the same.
    """
    due: Due | None = getattr(request, "due", None)
    if due is None:
        return store.ask(beside) if beside else None
    request.due = None  # type: ignore[attr-defined]
    quota, found = _counted(due.who, settings.REQUESTS_PER_DAY, due.at, beside)
    _judge(request, quota, due.at)
    if found is DOWN and beside:
        raise store.Down
    return found


def _judge(request: HttpRequest, quota: Quota, at: datetime) -> None:
    request.quota = quota  # type: ignore[attr-defined]  # for the meter
    if quota.is_spent:
        raise TooManyRequests(headers=quota.refusal(at))


class Meter:
    """Tells on every answer of the API, and on what else was counted, how much of the day is left.

    What was refused before the throttle was asked (no view at this address, no good token) counts
    for its address here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        quota: Quota | None = getattr(request, "quota", None)
        if quota is None:
            due: Due | None = getattr(request, "due", None)
            if due is None and not is_api(request):
                return answer
            at = clock.now()
            if due:  # refused before its view asked the store
                quota = count(due.who, settings.REQUESTS_PER_DAY, due.at)
            else:
                quota = _of_address(request, at)
            if quota.is_spent:
                told = body(TooManyRequests.message, code=TooManyRequests.code)
                answer = JsonResponse(told, status=429, headers=quota.refusal(at))
        for name, value in quota.headers.items():
            answer.setdefault(name, value)  # a stricter limit that refused has told its own
        return answer
