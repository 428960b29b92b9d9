"""The door: HTTP on the loopback, keys and tokens, rate limits, and answers that go wrong."""

from __future__ import annotations

import random
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import orjson

from ingestion.simulator.confession import truth
from ingestion.simulator.endpoints import Asked, Endpoints, Refused
from ingestion.simulator.population import ENVIRONMENTS, Company

if TYPE_CHECKING:
    from ingestion.simulator.simulator import Simulator

_BURST = 2.0  # seconds' worth of requests that a key may send at once


@dataclass(frozen=True, slots=True)
class Address:
    """Where a simulator answers, and what it has counted so far."""

    port: int
    counts: Counter[str]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(slots=True)
class _Pace:
    """A key's requests: a bucket for the second, a count for the day, and a time to wait."""

    level: float
    filled_at: float
    day: int = 0
    used: int = 0
    silent_until: float = 0.0


@dataclass(slots=True)
class Door:
    """Lets a request in or says why not."""

    companies: tuple[Company, ...]
    rate: tuple[float, int] | None
    token_seconds: int
    counts: Counter[str]
    tokens: dict[str, tuple[Company, str, float]] = field(default_factory=dict)
    paces: dict[str, _Pace] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def token(self, environment: str, key: str, form: dict[str, str]) -> dict[str, object]:
        """Return a new token for a key and its secret. Raises Refused."""
        if form.get("grant_type") != "user_app":
            raise Refused(400, "grant_type must be user_app")
        for company in self.companies:
            if key == company.key and form.get("app_key") == f"{company.key}:{company.secret}":
                token = uuid4().hex
                with self.lock:
                    ends = time.monotonic() + self.token_seconds
                    self.tokens[token] = (company, environment, ends)
                return {
                    "status": "success",
                    "access_token": token,
                    "token_type": "bearer",
                    "seconds_until_expiry": self.token_seconds,
                }
        raise Refused(401, "the application key is not known")

    def company(self, environment: str, key: str, bearer: str) -> Company:
        """Return whose token it is. Raises Refused with 401."""
        held = self.tokens.get(bearer.removeprefix("Bearer "))
        if held is None or held[0].key != key or held[1] != environment:
            raise Refused(401, "the token is not known")
        if held[2] < time.monotonic():
            raise Refused(401, "the token has expired")
        return held[0]

    def take(self, key: str) -> None:
        """Count a request against the plan of its key. Raises Refused with 429."""
        now = time.monotonic()
        with self.lock:
            second, day = self.rate or (0.0, 0)
            pace = self.paces.setdefault(key, _Pace(second * _BURST, now))
            if now < pace.silent_until:
                self.counts["impatient"] += 1
                wait = int(pace.silent_until - now) + 1
                raise Refused(429, "you were told to wait", retry_after=wait)
            if self.rate is None:
                return
            today = int(time.time() // 86_400)
            if pace.day != today:
                pace.day, pace.used = today, 0
            pace.level = min(second * _BURST, pace.level + (now - pace.filled_at) * second)
            pace.filled_at = now
            if pace.used >= day:
                left = 86_400 - int(time.time() % 86_400)
                raise Refused(429, "the day's requests are used up", retry_after=left)
            if pace.level < 1:
                self.counts["too_fast"] += 1
                raise Refused(429, "too many requests", retry_after=1)
            pace.level -= 1
            pace.used += 1

    def silence(self, key: str, seconds: float) -> None:
        """Turn a key away for a while: what a fault's Retry-After means."""
        with self.lock:
            pace = self.paces.setdefault(key, _Pace(0.0, time.monotonic()))
            pace.silent_until = time.monotonic() + seconds - 0.05


class Server(ThreadingHTTPServer):
    """One simulator behind one port of the loopback."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, simulator: Simulator, port: int) -> None:
        self.counts: Counter[str] = Counter()
        self.simulator = simulator
        self.endpoints = Endpoints(simulator)
        setup = simulator.setup
        self.door = Door(simulator.companies, setup.rate, setup.token_seconds, self.counts)
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self.address = Address(self.server_address[1], self.counts)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""
        self.counts["broken"] += 1

    def stop(self) -> None:
        """Stop listening and end the conversations that are kept alive."""
        self.shutdown()
        self.server_close()
        for request in list(self._open):
            self.shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    timeout = 120
    server: Server

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self._serve(dict(parse_qsl(self.rfile.read(min(size, 65_536)).decode("utf-8", "replace"))))

    def _serve(self, form: dict[str, str]) -> None:
        self.server.counts["requests"] += 1
        try:
            self._route(form)
        except Refused as refused:
            self._refuse(refused)

    def _route(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        path = tuple(part for part in parts.path.split("/") if part)
        if path[:1] == ("truth",):
            return self._send(200, truth(self.server.simulator, "/".join(path[1:])))
        if len(path) < 3 or path[1] not in ENVIRONMENTS:
            raise Refused(404, f"no such address: {parts.path[:200]}")
        service, environment, *rest = path
        key = self.headers.get("x-api-key") or ""
        door = self.server.door
        if service == "ttid":
            if rest != ["token"] or self.command != "POST":
                raise Refused(404, "tokens come from POST /ttid/<environment>/token")
            return self._send(200, orjson.dumps(door.token(environment, key, form)))
        if self.command != "GET":
            raise Refused(405, "this provider is only read")
        company = door.company(environment, key, self.headers.get("Authorization") or "")
        door.take(key)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self._answer(Asked(company, environment, service, tuple(rest), params))

    def _answer(self, asked: Asked) -> None:
        """Answer, or let the fault of this asking have its way."""
        endpoints, setup = self.server.endpoints, self.server.simulator.setup
        fault = endpoints.fault(asked)
        if fault is not None:
            fault = self._strike(fault, asked)
        if fault == "lost_page":
            return self._send(200, b'{"status":"Ok"}')
        before = endpoints.page_before(asked) if asked.path == ("fills",) else None
        body = endpoints.answer(asked)
        if asked.path == ("fills",):
            self.server.counts["rows"] += body.count(b'"uniqueExecId"')
            endpoints.page_before(asked, body)
            if fault == "double_page" and before is not None and before != body:
                self.server.simulator.plan.count(fault)
                endpoints.page_before(asked, before)
                body = before
            if fault == "shuffled":
                body = _shuffled(body, str(asked.print))
                self.server.simulator.plan.count(fault)
        if fault == "slow":
            time.sleep(setup.slow_seconds)
        return self._send(200, body, cut=fault == "cut")

    def _strike(self, fault: str, asked: Asked) -> str | None:
        """Raise what the fault answers, or return it where there is an answer to spoil."""
        simulator = self.server.simulator
        if fault not in ("double_page", "shuffled"):
            simulator.plan.count(fault)
        if fault == "busy":
            self.server.door.silence(asked.company.key, simulator.setup.retry_after)
            raise Refused(429, "too many requests", retry_after=simulator.setup.retry_after)
        if fault == "error":
            raise Refused(500, "something went wrong")
        if fault == "timeout":
            raise Refused(504, "the window took too long")
        if fault == "revoked":
            self.server.door.tokens.pop(
                (self.headers.get("Authorization") or "").removeprefix("Bearer "), None
            )
            raise Refused(401, "the token has expired")
        return fault

    def _refuse(self, refused: Refused) -> None:
        self.server.counts[str(refused.status)] += 1
        body = orjson.dumps({"status": "Error", "status_message": refused.message})
        self._send(refused.status, body, retry_after=refused.retry_after)

    def _send(
        self, status: int, body: bytes, *, retry_after: float | None = None, cut: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The command prints a line now and then; not one per request."""


def _shuffled(body: bytes, seed: str) -> bytes:
    """Return a page of fills with its rows in another order."""
    head, _, rows = body.partition(b'"fills":[')
    parts = rows.removesuffix(b"]}").split(b"},{")
    if len(parts) < 2:
        return body
    parts[0], parts[-1] = parts[0].removeprefix(b"{"), parts[-1].removesuffix(b"}")
    random.Random(seed).shuffle(parts)  # noqa: S311
    return head + b'"fills":[{' + b"},{".join(parts) + b"}]}"
