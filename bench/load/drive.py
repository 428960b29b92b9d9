"""Ask at a steady pace, whether or not answers have come: what waits, waits on the clock."""

from __future__ import annotations

import gzip
import http.client
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b

from bench.load.house import House
from bench.load.mix import Ask, Mix

THREADS = 48
TIMEOUT = 30.0
REMEMBERS = 0.6  # share of repeated readings that bring the tag of the last answer


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer: seconds from when it was due, and what it was."""

    ask: Ask
    at: float
    seconds: float
    status: int
    is_cold: bool
    wrong: str = ""


@dataclass
class Drive:
    """What was asked and answered; knows which answers must be as before."""

    house: House
    port: int
    samples: list[Sample] = field(default_factory=list)
    _seen: dict[tuple[int, str], tuple[int, str, bytes]] = field(default_factory=dict)
    _writes: Counter[int] = field(default_factory=Counter)  # begun or done, of a member
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm_up(self, asks: list[Ask]) -> None:
        client = Client(self.port)
        for ask in asks:
            self._answer(client, ask, time.monotonic())
        client.close()

    def run(self, mix: Mix, *, rate: float, seconds: float, tell: Callable[[float], None]) -> None:
        """Ask `rate` times a second for so long; `tell` is called every second with the time."""
        due: queue.Queue[tuple[Ask, float] | None] = queue.Queue()
        threads = [threading.Thread(target=self._work, args=(due,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        told = 0.0
        for n in range(int(rate * seconds)):
            moment = begun + n / rate
            while (wait := moment - time.monotonic()) > 0:
                time.sleep(wait)
            due.put((mix.next(), moment))
            if moment - begun - told >= 1:
                told = moment - begun
                tell(told)
        for _ in threads:
            due.put(None)
        for thread in threads:
            thread.join()

    def _work(self, due: queue.Queue[tuple[Ask, float] | None]) -> None:
        client = Client(self.port)
        while (job := due.get()) is not None:
            self._answer(client, *job)
        client.close()

    def _answer(self, client: Client, ask: Ask, moment: float) -> None:
        key = (ask.member, ask.path)
        with self._lock:
            if ask.is_write:
                self._writes[ask.member] += 1
            version = self._version(ask)
            known = None if ask.is_write else self._seen.get(key)
        is_cold = known is None or known[0] != version
        # The same requests bring a tag each time: chance would be another thread's.
        asks_again = not is_cold and known is not None and hash(key) % 100 < REMEMBERS * 100
        token = self.house.members[ask.member].token
        etag = known[1] if known and asks_again else ""
        status, tag, content = client.ask(ask, token, etag)
        seconds = time.monotonic() - moment
        print_ = blake2b(content, digest_size=16).digest()
        wrong = "" if status in (200, 201, 304) else f"{status}: {content[:160]!r}"
        with self._lock:
            if ask.is_write:
                self._writes[ask.member] += 1
            elif status == 200 and self._version(ask) == version:
                if known and not is_cold and known[2] != print_:
                    wrong = "another answer than before"
                self._seen[key] = (version, tag, print_)
            self.samples.append(Sample(ask, moment, seconds, status, is_cold, wrong))

    def _version(self, ask: Ask) -> int:
        """Return how many writes its answer may have seen; under the lock."""
        if ask.room == "group":
            return self._writes.total()
        return self._writes[ask.member] if ask.room == "tags" else 0


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def ask(self, ask: Ask, token: str, etag: str = "") -> tuple[int, str, bytes]:
        """Return status, tag, body; status 0 where there was no answer."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
        if etag:
            headers["If-None-Match"] = etag
        if ask.body is not None:
            headers["Content-Type"] = "application/json"
        for attempt in range(2):
            fresh = self._open is None
            if self._open is None:
                self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
            try:
                self._open.request(ask.method, ask.path, ask.body, headers)
                answer = self._open.getresponse()
                content = answer.read()
                if answer.getheader("Content-Encoding") == "gzip":  # padded by chance
                    content = gzip.decompress(content)
                return answer.status, answer.getheader("ETag", ""), content
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if fresh or attempt:  # an idle connection may have been closed meanwhile
                    return 0, "", repr(error).encode()
        raise AssertionError

    def close(self) -> None:
        if self._open is not None:
            with suppress(OSError):
                self._open.close()
            self._open = None
