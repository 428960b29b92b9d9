"""A tiny loopback server that answers from a script: the adapter meets real sockets."""

import contextlib
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251 - the adapter's own client, to loopback only

from ingestion.providers.bucket import LocalBucket
from ingestion.providers.session import Session


@dataclass
class Answer:
    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False  # announce more bytes than are sent
    delay: float = 0.0

    def bytes(self):
        return self.raw if self.raw is not None else json.dumps(self.body or {}).encode()


@dataclass
class Seen:
    method: str
    path: str
    query: dict
    headers: dict
    form: dict


class FakeTT:
    """`on(path, answer, ...)` queues answers; the last one stays. A callable gets the query."""

    def __init__(self):
        self.seen = []
        self._script = defaultdict(list)
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                fake._answer(self)

            do_POST = do_GET  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.tokens = 0
        self.on("/ttid/env/token", self._token)
        self.on("/ttledger/env/orderdata", Answer(status=404))

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def on(self, path, *answers):
        self._script[path] = list(answers)

    def calls(self, path):
        return [call for call in self.seen if call.path == path]

    def _token(self, _):
        self.tokens += 1
        return Answer(
            {
                "status": "Ok",
                "access_token": f"token-{self.tokens}",
                "token_type": "bearer",
                "seconds_until_expiry": 3600,
            }
        )

    def _answer(self, handler):
        url = urlsplit(handler.path)
        size = int(handler.headers.get("content-length") or 0)
        form = parse_qs(handler.rfile.read(size).decode())
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        self.seen.append(Seen(handler.command, url.path, query, dict(handler.headers), form))
        script = self._script.get(url.path) or [Answer(status=404)]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = answer(query)
        if answer.delay:
            threading.Event().wait(answer.delay)
        body = answer.bytes()
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body) + (100 if answer.cut else 0)))
        handler.end_headers()
        with contextlib.suppress(OSError):  # the adapter may have given up waiting
            handler.wfile.write(body)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, now=1_760_000_000.0):
        self.now = now
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@contextlib.contextmanager
def open_session(url, clock, *, timeout=2.0, **other):
    """A session of our one key to `url`; `other` replaces any of its settings."""
    with httpx.Client(timeout=timeout) as client:
        settings = {
            "base_url": url,
            "environment": "env",
            "key": "KEY-1",
            "secret": "SECRET-2",
            "app": "sky ll",
            "company": "A/B",
            "bucket": LocalBucket(1000, 10_000, clock),
            "client": client,
            "clock": clock,
            "sleep": clock.sleep,
        }
        yield Session(**{**settings, **other})


def tt_row(number, stamp, **other):
    return {
        "uniqueExecId": f"exec-{number}",
        "recordId": f"record-{number}",
        "execId": f"{number}",
        "timeStamp": str(stamp),
        "transactTime": str(stamp - 1_000),
        "accountId": 77,
        "instrumentId": "4611",
        "marketId": "CME",
        "side": "1",
        "lastQty": 1,
        "lastPx": 5000.25,
        "ordStatus": "3",
        "orderId": "o-1",
        "multiLegReportingType": "1",
        "execType": "14",
        **other,
    }
