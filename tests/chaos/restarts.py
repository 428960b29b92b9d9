"""Servers and processes killed, paused and restarted under polls and requests.

    python -m tests.chaos.restarts [--times N] [--json FILE]

A whole house: PostgreSQL, valkey, the web server, a worker, beat, and a provider at which
everything goes wrong. Each deed is done N times in turn. Meanwhile somebody asks the API all the
time: each answer must be right, or the envelope of a 503 while the database is away. In the end
the books must hold the provider's truth, and the candles must be those of a rebuild.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from skyll.embedded import crew, places
from skyll.embedded.postgres import Postgres
from skyll.embedded.server import Manner, Server
from skyll.embedded.valkey import Valkey

ASKERS = 3
PAUSE = 0.02  # seconds between an answer and the next request
HUNG = 2.0  # seconds that a paused store hangs
AWAY = 0.7  # seconds that a dead server stays away
PATIENCE = 240.0

# Others that have written candles in a transaction that is not done.
_KEEPING = """
SELECT a.backend_xid::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.relation = 'ledger_daycandle'::regclass AND l.mode = 'RowExclusiveLock'
    AND a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()"""


@dataclass(frozen=True, slots=True)
class Answer:
    begun: float
    ended: float
    path: str
    status: int
    content: bytes


@dataclass
class Asking:
    """Threads that ask the API one request after the other, and remember what came."""

    port: int
    token: str
    account_id: int  # whose books the answers tell of
    paths: list[str]
    answers: list[Answer] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def all_the_time(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._work, args=(n,)) for n in range(ASKERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _work(self, turn: int) -> None:
        from bench.load.drive import Client
        from bench.load.mix import Ask

        client = Client(self.port)
        while not self._stop.is_set():
            turn += 1
            ask = Ask(0, "GET", self.paths[turn % len(self.paths)])
            begun = time.monotonic()
            status, _, content = client.ask(ask, self.token)
            self.answers.append(Answer(begun, time.monotonic(), ask.path, status, content))
            time.sleep(PAUSE)
        client.close()

    def since(self, moment: float) -> list[Answer]:
        return [one for one in self.answers if one.ended >= moment]


@dataclass
class House:
    """All of it, and what can be done to it."""

    database: Server
    store: Server
    processes: crew.Crew
    asking: Asking
    clock: Path
    told: Any  # the simulator's clock
    outages: list[tuple[float, float]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    worst: dict[str, float] = field(default_factory=dict)

    # -- deeds -----------------------------------------------------------------------------------
    def restart_the_database(self) -> None:
        """What `pg_ctl -m immediate restart` does: no goodbye, and a recovery."""
        begun = time.monotonic()
        kill(self.database, signal.SIGQUIT)
        self.rest(AWAY)
        self.database.start()
        self.outages.append((begun, time.monotonic()))
        forget_connections()

    def pause_the_store(self) -> None:
        pid = pid_of(self.store)
        os.kill(pid, signal.SIGSTOP)
        try:
            self.rest(HUNG)
        finally:
            os.kill(pid, signal.SIGCONT)

    def kill_the_store(self) -> None:
        kill(self.store, signal.SIGKILL)
        self.rest(AWAY)
        self.store.start()

    def flush_the_store(self) -> None:
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushall()

    def kill_beat(self) -> None:
        self._kill("beat")

    def start_a_second_beat(self) -> None:
        """Two beats send everything twice; then one of them is gone."""
        second = self._member("second_beat")
        self.processes.start("second_beat")
        self.rest(4)
        second.signal(signal.SIGKILL, group=True)
        assert second.process is not None
        second.process.wait()
        second.process, second.started = None, 0

    def kill_the_worker(self) -> None:
        self._kill("worker")

    def kill_the_worker_at_its_candles(self) -> None:
        """All candles are due; the worker dies when it has written some and is not done."""
        from ledger import due
        from skyll.celery import app
        from traders.models import Trader

        due.of_traders(list(Trader.objects.values_list("id", flat=True)))
        end = time.monotonic() + PATIENCE
        asked = 0.0
        while not (keeping := sql(_KEEPING)):
            if time.monotonic() > end:
                raise AssertionError("no worker keeps candles")
            if time.monotonic() - asked > 1:
                asked = time.monotonic()
                app.send_task("ledger.tasks.keep_candles", expires=10)
                self.tend()
            time.sleep(0.0005)
        self._kill("worker")
        ends = [end_of(xid) for (xid,) in keeping]
        self.counts["candles undone"] += "aborted" in ends

    # -- upkeep ----------------------------------------------------------------------------------
    def rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.tend()
            time.sleep(min(0.05, left))

    def tend(self) -> None:
        for member in self.processes.members:
            member.failures = 0  # of being killed, not of failing to start
        self.processes.tend()

    def later(self, hours: float) -> None:
        """Let time pass, for the provider and for the worker."""
        from tests.ingestion.crash_worker import present_of, tell

        self.told.now = max(self.told.now, present_of(self.clock)) + timedelta(hours=hours)
        tell(self.clock, self.told.now)

    def _member(self, name: str) -> crew.Member:
        return next(one for one in self.processes.members if one.name == name)

    def _kill(self, name: str) -> None:
        member = self._member(name)
        member.signal(signal.SIGKILL, group=True)
        if member.process is not None:
            member.process.wait()
        self.counts[f"{name} killed"] += 1

    # -- verdicts --------------------------------------------------------------------------------
    def judge(self, deed: str, since: float, right: dict[str, Any]) -> None:
        """Hold the answers since then against what is allowed."""
        answers = self.asking.since(since)
        self.worst[deed] = max(
            self.worst.get(deed, 0.0), *(one.ended - one.begun for one in answers)
        )
        for one in answers:
            if one.status == 200:
                same = data_of(one.content) == right[one.path]
                assert same, f"{deed}: {one.path} says otherwise"
                continue
            assert one.status == 503, f"{deed}: {one}"
            assert json.loads(one.content)["error"], one
            assert any(down <= one.ended and one.begun <= up for down, up in self.outages), (
                f"{deed}: a 503 while the database was there, {one}"
            )
            self.counts["503 meanwhile"] += 1
        self.counts["answers"] += len(answers)


DEEDS: dict[str, tuple[Callable[[House], None], float]] = {  # what, and the rest after it
    "database": (House.restart_the_database, 2),
    "paused store": (House.pause_the_store, 1),
    "killed store": (House.kill_the_store, 1),
    "flushed store": (House.flush_the_store, 0.5),
    "killed beat": (House.kill_beat, 1),
    "second beat": (House.start_a_second_beat, 0.5),
    "killed worker": (House.kill_the_worker, 1),
    "candles": (House.kill_the_worker_at_its_candles, 0.5),
}


def data_of(content: bytes) -> Any:
    """Return the data of an answer; what stands beside them may change with what is polled."""
    told = json.loads(content)
    return told.get("data", told)


def kill(server: Server, signum: signal.Signals) -> None:
    process = server._process
    assert process is not None
    process.send_signal(signum)
    process.wait()


def pid_of(server: Server) -> int:
    assert server._process is not None
    return server._process.pid


def forget_connections() -> None:
    from django.db import connection

    connection.close()


def sql(statement: str, *given: object) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


def end_of(xid: str) -> str:
    while (status := sql("SELECT pg_xact_status(%s::xid8)", xid)[0][0]) == "in progress":
        time.sleep(0.005)
    return str(status)


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Have servers that nobody starts again but us; with the promises of production."""
    home = places.local() / "apart" / f"restarts-{uuid4().hex[:8]}"
    made: list[Server] = []
    try:
        kinds: tuple[type[Server], ...] = (Postgres, Valkey)
        for kind in kinds:
            room = home / kind.variable.lower()
            room.mkdir(parents=True)
            server = kind(room, Manner(durable=True, throwaway=True))
            made.append(server)
            server.start()
            os.environ[kind.variable] = server.address()
        yield made[0], made[1]
    finally:
        for server in reversed(made):
            server.stop()
            server.discard()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def house(database: Server, store: Server, logs: Path) -> Iterator[tuple[House, Any]]:
    """Migrate, connect the provider, let somebody trade, and start the processes."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
    django.setup()
    from django.core.management import call_command

    from accounts.sessions import open_session
    from bench.load.server import serve
    from common import clock as real
    from ingestion.actions import connect
    from ingestion.providers import registry, session
    from ingestion.simulator import Simulator
    from ingestion.simulator.population import ENVIRONMENTS
    from skyll import schedule
    from tests.factories import make_group, make_trade, make_trader, make_user
    from tests.ingestion import test_crash as crash
    from tests.ingestion import test_poll_faults as faults
    from tests.ingestion.crash_worker import tell

    call_command("migrate", verbosity=0)
    schedule.write()
    session.random.uniform = lambda low, high: 0.01  # type: ignore[attr-defined]
    group = make_group("Desk")
    user = make_user("ana", group=group, trader=make_trader(group, "Ana"))
    for day in range(2, 12):
        make_trade(user, pnl=str(10 * day), day=day)
    simulator = Simulator(crash.SETUP, clock=faults.Clock(crash.HISTORY_ENDS))
    told: Any = simulator._clock
    clock = logs / "clock"
    tell(clock, told.now)
    with ExitStack() as stack:
        address = stack.enter_context(simulator.serve())
        for n, company in enumerate(simulator.companies):
            for environment in ENVIRONMENTS:
                connect(
                    name=f"{company.name} {environment}", platform="simulated",
                    environment=environment, base_url=address.base_url, key=company.key,
                    secret=company.secret, group=make_group(f"{company.name} {environment}"),
                    history_from=crash.START, at=told.now, price_feed=not n,
                    requests_per_second=1_000, requests_per_day=1_000_000,
                )  # fmt: skip
        web = stack.enter_context(serve(logs))
        python = sys.executable
        beat = f"{python} -m celery -A skyll.celery beat --loglevel WARNING"
        worker = f"{python} -m tests.ingestion.crash_worker {clock} --concurrency 2"
        processes = crew.Crew(
            {
                "worker": f"{worker} --without-gossip --without-mingle",
                "beat": f"{beat} --pidfile=",
                "second_beat": f"{beat} --pidfile=",
            },
            {**os.environ},
            logs,
        )
        stack.callback(processes.kill)
        processes.start("worker", "beat")
        token = open_session(user, at=real.now()).access_token
        period = "?start_date=2026-03-01&end_date=2026-03-31"
        paths = [
            f"/api/v1/personal/summary{period}",
            f"/api/v1/personal/performance-by-time{period}",
            f"/api/v1/personal/performance-by-product{period}",
            "/api/v1/auth/user",
        ]
        asking = Asking(web.port, token, user.trader.accounts.get().pk, paths)
        yield House(database, store, processes, asking, clock, told), simulator
        for adapter in registry._open.values():
            adapter._session._client.close()


def first_answers(asking: Asking) -> dict[str, Any]:
    from bench.load.drive import Client
    from bench.load.mix import Ask

    client, right = Client(asking.port), {}
    for path in asking.paths:
        status, _, content = client.ask(Ask(0, "GET", path), asking.token)
        assert status == 200, content
        right[path] = data_of(content)
    client.close()
    return right


def wait_for_polls(here: House, what: str) -> float:
    """Wait until feeds are read again, by beat and worker alone; return the seconds it took."""
    from ingestion.models import Feed

    begun = time.monotonic()
    before = dict(Feed.objects.filter(stream="fills").values_list("id", "watermark_ns"))
    while time.monotonic() - begun < PATIENCE:
        here.rest(0.2)
        now = dict(Feed.objects.filter(stream="fills").values_list("id", "watermark_ns"))
        if any(now[feed] != mark for feed, mark in before.items()):
            return time.monotonic() - begun
    raise AssertionError(f"{what}: nothing was polled for {PATIENCE:.0f} s")


def the_truth_is_kept(here: House, simulator: Any) -> None:
    """Read on to the end, and compare; candles as a rebuild makes them."""
    from django.db import connection

    from ledger.candles import keep, rebuild_all
    from ledger.models import CandlesDue
    from tests.ingestion import test_crash as crash

    for table in ("fill", "trade", "position", "dayresult", "daycandle"):
        with connection.cursor() as cursor:  # of the one who asked; the rest is the provider's
            cursor.execute(
                f"DELETE FROM ledger_{table} WHERE account_id = %s", [here.asking.account_id]
            )
    crash.read_on(here.told)
    crash._books_are_the_truth(simulator)
    keep(at=here.told.now)
    assert not CandlesDue.objects.exists()
    assert rebuild_all().changed == 0


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.chaos.restarts")
    words.add_argument("--times", type=int, default=1, help="that each deed is done (1)")
    words.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    asked = words.parse_args()
    begun = time.monotonic()
    logs = places.local() / "apart" / f"chaos-{uuid4().hex[:8]}"
    logs.mkdir(parents=True)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, logs, ignore_errors=True)
        database, store = stack.enter_context(servers())
        here, simulator = stack.enter_context(house(database, store, logs))
        say(f"the house stands after {time.monotonic() - begun:.0f} s")
        right = first_answers(here.asking)
        with here.asking.all_the_time():
            wait_for_polls(here, "the beginning")
            for turn in range(asked.times):
                for deed, (do, rest) in DEEDS.items():
                    since = time.monotonic()
                    here.later(2)
                    do(here)
                    here.rest(rest)
                    here.judge(deed, since, right)
                    here.counts[deed] += 1
                    say(f"{turn + 1} of {asked.times}: {deed}, {time.monotonic() - since:.1f} s")
                here.later(6)
                took = wait_for_polls(here, "after all that")
                here.worst["polled again"] = max(took, here.worst.get("polled again", 0.0))
        here.processes.kill()
        here.later(1)  # their leases are over
        the_truth_is_kept(here, simulator)
        here.counts["fills"] = len(simulator.truth().told)
    figures = {"counts": here.counts, "worst_seconds": here.worst}
    print(json.dumps(figures, indent=2))  # noqa: T201
    if asked.json:
        asked.json.write_text(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
