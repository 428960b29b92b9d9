"""Row web: two processes of the web server against one, at one PostgreSQL and one valkey.

Client, stores and servers share the machine, so on few cores two processes cannot answer twice as
much. What can be seen there: whether they would. Each process is let run in an eighth of the time,
in turns, so that each has an eighth of a core to itself and the rest is left to client and stores;
and what a request takes of the processor, everywhere but in the client, says whether two get into
each other's way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench import books, group
from bench.asking import Answered, ask, in_shares, processor
from bench.frame import Line, Stand, Target, at_least, at_most, row
from bench.load.server import Web, family, serve

SHARE, LINKS, SECONDS = 8, 16, 3.0  # each process runs one slice in eight
PATH = "/api/v1/comparative/performance-by-time"
LONG = 110  # lengths of periods
_asked = count()


@dataclass(frozen=True, slots=True)
class Taken:
    """Answers, and the seconds of the processor that servers and stores took for them."""

    answers: Answered
    cpu: float

    @property
    def each(self) -> float:
        return self.cpu / self.answers.count


@row("web", "two processes of the web server against one")
def processes(stand: Stand) -> Iterator[Line]:
    os.environ["REQUESTS_PER_DAY"] = "100000000"
    books.open_books()
    stand.say("making a group's trades")
    token = group.log_in(group.trade_for_a_year(20_000).account_ids[0])
    with ExitStack() as stack:
        where = Path(stack.enter_context(TemporaryDirectory()))
        webs = [
            stack.enter_context(serve(where / many, {"WEB_PROCESSES": many, "WEB_THREADS": "4"}))
            for many in ("1", "2")
        ]
        for kind in ("kept", "cold"):
            for web in webs:
                ask(web.port, _requests(kind, token), links=LINKS, seconds=SECONDS)
            yield from _lines(stand, kind, token, webs)


def _lines(stand: Stand, kind: str, token: str, webs: list[Web]) -> Iterator[Line]:
    shared: tuple[list[Taken], list[Taken]] = ([], [])
    free: tuple[list[Taken], list[Taken]] = ([], [])
    for run in range(1, stand.runs + 1):
        stand.say(f"run {run} of {stand.runs}: {kind} answers of one process and of two")
        for is_shared, found in ((True, shared), (False, free)):
            for web, taken in zip(webs, found, strict=True):
                taken.append(_taken(web, _requests(kind, token), is_shared=is_shared))
    cores = os.cpu_count() or 1
    told: list[tuple[str, tuple[list[Taken], list[Taken]], Target | None]] = [
        (
            f"an eighth of a core each: {kind} answers/s of two processes / one",
            shared,
            at_least(1.7),
        ),
        (f"{cores} cores for all: {kind} answers/s of two processes / one", free, None),
    ]
    for what, (one, two), target in told:
        few, many = (median(each.answers.rate for each in found) for found in (one, two))
        yield Line(what, f"{many:,.0f}/s", f"{few:,.0f}/s", many / few, target, 1 / many)
    few, many = (median(each.each for each in found) for found in shared)
    yield Line(
        f"the processor for a {kind} answer, stores too: two processes / one",
        f"{many * 1e6:,.0f} us", f"{few * 1e6:,.0f} us", many / few, at_most(1.2), many,
    )  # fmt: skip
    client = median(each.answers.cpu / each.answers.seconds for each in free[1])
    stand.note(f"the client took {client:.0%} of a core at {kind} answers")


def _taken(web: Web, requests: Iterator[bytes], *, is_shared: bool) -> Taken:
    pids = web.pids()
    before = processor([*pids, *_postgres()]), _valkey()
    within = in_shares(pids[1:], of=SHARE) if is_shared else None
    answers = ask(web.port, requests, links=LINKS, seconds=SECONDS, within=within)
    after = processor([*pids, *_postgres()]), _valkey()
    return Taken(answers, sum(after) - sum(before))


def _requests(kind: str, token: str) -> Iterator[bytes]:
    """Return what to ask: the same again and again, or what nobody has asked for yet."""
    if kind == "kept":
        return cycle([_request(0, 13, token)])
    return (_request(n // LONG % 240, 14 + n * 37 % LONG, token) for n in _asked)


def _request(first: int, days: int, token: str) -> bytes:
    start = group.FIRST + timedelta(first)
    return (
        f"GET {PATH}?start_date={start}&end_date={start + timedelta(days)} HTTP/1.1\r\n"
        f"Host: localhost\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()


def _postgres() -> list[int]:
    """Return the server's process and all below it, on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    return family(int(parent))


def _valkey() -> float:
    from common import store

    told: Any = store.ask(lambda redis: redis.info("cpu"))
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])
