"""Authorised GETs against TT: token, pace, redirects, and each failure under its own name."""

from __future__ import annotations

import math
import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from ingestion.parse import foreign
from ingestion.providers import headers
from ingestion.providers.base import (
    ProviderDown,
    ProviderError,
    Unauthorized,
    WindowTooLarge,
)
from ingestion.providers.bucket import Bucket

log = structlog.get_logger(__name__)

LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_ANSWER_SECONDS = 120.0
TOKEN_MARGIN_SECONDS = 60.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({500, 502, 503})
_TOO_LARGE = frozenset({408, 504})


class NotThere(ProviderError):
    """404: the provider does not know the thing, or not the endpoint."""


class Session:
    """One key's conversation with one environment.

    patience  the longest wait, in seconds, that a worker sleeps through; a longer one is handed
              back as ProviderDown with `retry_after`, so that the worker can do something else
    clock, sleep  injected by tests; wall seconds since 1970
    """

    def __init__(
        self,
        *,
        base_url: str,
        environment: str,
        key: str,
        secret: str,
        app: str,
        company: str,
        bucket: Bucket,
        client: httpx.Client | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tries: int = 4,
        patience: float = 10.0,
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/"))
        self.environment = environment
        self._key, self._secret = key, secret
        self._name = f"{_plain(app)}-{_plain(company)}"
        self._bucket = bucket
        self._client = client or httpx.Client(timeout=httpx.Timeout(30.0, connect=5.0))
        self._clock, self._sleep = clock, sleep
        self._tries, self._patience = tries, patience
        self._token = ""
        self._token_ends = 0.0

    def __repr__(self) -> str:
        return f"Session({self._base}, {self.environment})"

    def get(
        self,
        service: str,
        *path: str,
        params: Mapping[str, str | int] | None = None,
        halves: bool = False,
    ) -> Mapping[str, Any]:
        """Return the JSON object at `/<service>/<environment>/<path...>`.

        halves  408 and 504 mean that the window is too large: WindowTooLarge at once
        raises  ProviderDown after a few tries, NotThere, Unauthorized, BudgetSpent, ProviderError
        """
        url = self._url(service, *path)
        for attempt in self._attempts():
            with attempt:
                return self._authorised(url, params or {}, halves=halves)
        raise AssertionError("unreachable: tenacity returns or raises")

    # -- one authorised answer -------------------------------------------------------------

    def _authorised(
        self, url: httpx.URL, params: Mapping[str, str | int], *, halves: bool
    ) -> Mapping[str, Any]:
        for fresh in (False, True):
            status, answered, body = self._send("GET", url, params, token=self._bearer(fresh))
            if status != 401:
                return self._object(url, status, answered, body, halves=halves)
            log.warning("provider_token_refused", path=url.path)
        raise Unauthorized(
            f"{url.path}: the key is refused, also with a new token; "
            "check the key and its permissions in TT Setup, then save the connection again"
        )

    def _bearer(self, fresh: bool) -> str:
        if fresh or self._clock() >= self._token_ends:
            self._new_token()
        return self._token

    def _new_token(self) -> None:
        self._token, self._token_ends = "", 0.0
        url = self._url("ttid", "token")
        form = {"grant_type": "user_app", "app_key": f"{self._key}:{self._secret}"}
        status, answered, body = self._send("POST", url, {}, form=form)
        if status in (400, 401, 403):
            raise Unauthorized(
                f"{url.path}: no token for this key ({status}); "
                "check key and secret of the connection and its environment"
            )
        told = self._object(url, status, answered, body, halves=False)
        try:
            token = foreign.present(told, "access_token")
            lasts = foreign.number(foreign.present(told, "seconds_until_expiry"), "its lifetime")
        except foreign.Unusable as reason:
            raise ProviderError(f"{url.path}: the token cannot be read: {reason}") from None
        self._token = str(token)
        # A short token is renewed at half its life instead of on every call.
        life = float(lasts)
        self._token_ends = self._clock() + max(life - TOKEN_MARGIN_SECONDS, life / 2)

    # -- the wire --------------------------------------------------------------------------

    def _send(
        self,
        method: str,
        url: httpx.URL,
        params: Mapping[str, str | int],
        *,
        token: str = "",
        form: Mapping[str, str] | None = None,
    ) -> tuple[int, httpx.Headers, bytes]:
        """Return status, headers and whole body, redirects followed. Raises ProviderDown."""
        full = url.copy_merge_params({**params, "requestId": f"{self._name}--{uuid.uuid4()}"})
        for _ in range(5):
            self._wait_for_turn()
            sent = {"accept": "application/json", "x-api-key": self._key}
            if token:
                sent["Authorization"] = f"Bearer {token}"
            status, answered, body = self._exchange(method, full, sent, form)
            if status not in _REDIRECTS:
                return status, answered, body
            full = headers.onward(self._base, full, answered.get("location", ""))
            if status == 303:
                method, form = "GET", None
        raise ProviderError(f"{url.path}: redirected in circles")

    def _exchange(
        self,
        method: str,
        url: httpx.URL,
        sent: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> tuple[int, httpx.Headers, bytes]:
        # `from None`: the library's errors carry the request with its key and token, and an
        # error reporter prints what an exception carries.
        started = time.monotonic()
        body = bytearray()
        try:
            with self._client.stream(
                method, url, headers=sent, data=form, follow_redirects=False
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise ProviderError(f"{url.path}: the answer is larger than 64 MB")
                    if time.monotonic() - started > LONGEST_ANSWER_SECONDS:
                        raise ProviderDown(f"{url.path}: the answer trickled for two minutes")
                return answer.status_code, answer.headers, bytes(body)
        except httpx.TimeoutException as error:
            raise ProviderDown(f"{url.path}: no answer in time ({type(error).__name__})") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise ProviderDown(f"{url.path}: the line broke ({type(error).__name__})") from None

    def _object(
        self, url: httpx.URL, status: int, answered: httpx.Headers, body: bytes, *, halves: bool
    ) -> Mapping[str, Any]:
        if status == 429:
            wait = headers.retry_after(answered.get("retry-after"), now=self._clock())
            if wait is not None:
                self._bucket.hold(wait)
            raise ProviderDown(f"{url.path}: too many requests (429)", retry_after=wait)
        if status in _TOO_LARGE and halves:
            raise WindowTooLarge(f"{url.path}: {status}, the window is too large")
        if status in _PASSING or status in _TOO_LARGE:
            raise ProviderDown(f"{url.path}: the provider answers {status}")
        try:
            told = foreign.read_json(body)
        except ValueError:
            told = None
        if status == 404:
            raise NotThere(f"{url.path}: not there (404)")
        if status != 200:
            raise ProviderError(f"{url.path}: {status} {self._message(told)}".rstrip())
        if told is None:
            raise ProviderDown(f"{url.path}: the answer is cut off ({len(body)} bytes)")
        if not isinstance(told, Mapping):
            raise ProviderError(f"{url.path}: the answer is not an object")
        if str(told.get("status", "Ok")).lower() not in ("ok", "success"):
            raise ProviderError(f"{url.path}: {self._message(told)}")
        return told

    def _message(self, told: Any) -> str:
        """TT's own sentence, cut short and with every secret of ours blotted out."""
        if not isinstance(told, Mapping):
            return ""
        text = str(told.get("status_message") or told.get("message") or told.get("status") or "")
        for secret in (self._secret, self._token, self._key):
            text = text.replace(secret, "***") if secret else text
        return str(foreign.storable(text))[:300]

    # -- waiting ---------------------------------------------------------------------------

    def _wait_for_turn(self) -> None:
        waited = 0.0
        while (wait := self._bucket.take()) > 0:
            if waited + wait > self._patience:
                raise ProviderDown(
                    f"this key may not call for another {math.ceil(wait)} s", retry_after=wait
                )
            self._sleep(wait)
            waited += wait

    def _attempts(self) -> Retrying:
        def passing(error: BaseException) -> bool:
            return isinstance(error, ProviderDown) and (error.retry_after or 0) <= self._patience

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, ProviderDown) and error.retry_after is not None:
                return error.retry_after
            ceiling = min(8.0, 0.5 * 2.0 ** (state.attempt_number - 1))
            return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter, no secret

        return Retrying(
            retry=retry_if_exception(passing),
            stop=stop_after_attempt(self._tries),
            wait=pause,
            sleep=self._sleep,
            reraise=True,
        )

    def _url(self, service: str, *path: str) -> httpx.URL:
        parts = [service.lower(), self.environment, *path]
        return httpx.URL(f"{self._base}/" + "/".join(quote(part, safe="") for part in parts))


def _plain(name: str) -> str:
    """A name as TT's requestId wants it: letters, digits and underscores."""
    return "".join(letter if letter.isalnum() else "_" for letter in name) or "_"
