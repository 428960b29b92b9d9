"""Workers killed with SIGKILL at any moment, also inside the transaction that stores fills.

A real Celery worker polls a provider at which everything goes wrong. Its whole process group is
killed again and again; what is left of its leases, messages and transactions is for the next one.
`KILLS=50 make test ARGS=tests/ingestion/test_crash.py` is the long form.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as database

from ingestion.actions import connect
from ingestion.models import Feed
from ingestion.poll.schedule import LEASE
from ingestion.providers import registry
from ingestion.simulator import Setup, Simulator
from ingestion.simulator.faults import ANSWERS
from ingestion.simulator.population import ENVIRONMENTS
from ledger.models import DayResult, Fill, Position, Trade
from ledger.rebuild import rebuild
from skyll.celery import app
from skyll.embedded import places, tether
from tests.factories import AT, make_group
from tests.ingestion import test_poll_faults as faults
from tests.ingestion.crash_worker import present_of, tell

START = date(2026, 3, 2)
HISTORY_ENDS = datetime(2026, 3, 5, 6, tzinfo=UTC)
ALL_IS_TOLD = datetime(2026, 3, 13, 6, tzinfo=UTC)
SETUP = Setup(
    start=START, days=7, traders=6, accounts=7, products=6, seed=5, faults="full",
    page_size=500, slow_seconds=0.01, retry_after=0,
)  # fmt: skip
KILLS = int(os.environ.get("KILLS", "6"))
INSIDE = KILLS * 2 // 5
SEED = 7
FIRST_LIFE = 30.0  # seconds in which a worker must have begun to work

# Transactions of others that have written to the fills and are not done.
_STORING = """
SELECT a.backend_xid::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.relation = 'ledger_fill'::regclass AND l.mode = 'RowExclusiveLock'
    AND a.datname = current_database() AND a.backend_xid IS NOT NULL
    AND a.pid <> pg_backend_pid()"""


class Worker:
    """One `celery worker` with its pool, in a process group of its own."""

    def __init__(self, clock: Path, log: Path) -> None:
        url = os.environ["DATABASE_URL"].rpartition("/")[0]
        command = [sys.executable, "-m", "tests.ingestion.crash_worker", str(clock)]
        command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                tether.command(command, signum=signal.SIGKILL),
                cwd=places.ROOT,
                env={**os.environ, "DATABASE_URL": f"{url}/{database.settings_dict['NAME']}"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        return self._log.read_text(errors="replace")[-3_000:]


def sql(statement: str, *given: object) -> list[tuple]:
    with database.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


def ticks() -> Iterator[None]:
    """Send what beat sends, now and then, and twice each time: a second beat must not matter."""
    last = 0.0
    while True:
        if time.monotonic() - last > 0.25:
            for _ in range(2):
                app.send_task("ingestion.tasks.tick", expires=10)
            last = time.monotonic()
        yield


@contextmanager
def at_work(clock: Path, log: Path) -> Iterator[Worker]:
    """Have a worker that has taken its first feed; it is killed when the block ends."""
    worker = Worker(clock, log)
    beat, end = ticks(), time.monotonic() + FIRST_LIFE
    try:
        while not Feed.objects.filter(claimed_until__gt=present_of(clock)).exists():
            next(beat)
            assert not worker.is_dead(), worker.last_words()
            assert time.monotonic() < end, worker.last_words()
            time.sleep(0.002)
        yield worker
    finally:
        worker.kill()


def killed_while_storing(worker: Worker, patience: float) -> bool:
    """Kill the worker once it has written fills; say whether that transaction was undone."""
    beat, end = ticks(), time.monotonic() + patience
    while not (storing := sql(_STORING)):
        next(beat)
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    worker.kill()
    return any(_end_of(xid) == "aborted" for (xid,) in storing)


def _end_of(xid: str) -> str:
    while (status := sql("SELECT pg_xact_status(%s::xid8)", xid)[0][0]) == "in progress":
        time.sleep(0.005)
    return str(status)


@pytest.fixture
def simulator(monkeypatch):
    """A server of the first week of March, and no waits between tries."""
    monkeypatch.setattr("ingestion.providers.session.random.uniform", lambda low, high: 0.01)
    yield Simulator(SETUP, clock=faults.Clock(HISTORY_ENDS))
    for adapter in registry._open.values():
        adapter._session._client.close()
    registry._open.clear()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_killed_at_any_moment_lose_and_double_nothing(simulator, tmp_path):
    chance = random.Random(SEED)
    clock, log = tmp_path / "clock", tmp_path / "log"
    told: faults.Clock = simulator._clock
    killed = inside = 0
    with simulator.serve() as address:
        for company in simulator.companies:
            for environment in ENVIRONMENTS:
                connect(
                    name=f"{company.name} {environment}", platform="simulated",
                    environment=environment, base_url=address.base_url, key=company.key,
                    secret=company.secret, group=make_group(f"{company.name} {environment}"),
                    history_from=START, at=told.now,
                    requests_per_second=1_000, requests_per_day=1_000_000,
                )  # fmt: skip
        while killed < KILLS or inside < INSIDE:
            assert killed < 3 * KILLS, f"only {inside} of {killed} kills met a transaction"
            tell(clock, told.now)
            with at_work(clock, log) as worker:
                if killed % 2 or inside >= INSIDE:
                    time.sleep(chance.uniform(0, 0.5))
                else:
                    inside += killed_while_storing(worker, patience=5)
            killed += 1
            _nobody_holds_on(present_of(clock))
            # The next one comes hours later: leases are over, other rows are shown.
            told.now = present_of(clock) + timedelta(hours=chance.uniform(1, 8))
        read_on(told)

    asked, happened = address.counts["requests"], simulator.plan.happened
    faulty = sum(happened[name] for name in ANSWERS) / asked
    sys.stdout.write(
        f"{killed} kills, {inside} of them inside a transaction; "
        f"{faulty:.1%} of {asked:,} answers faulty\n"
    )
    sys.stdout.write(f"{_books_are_the_truth(simulator)}\n")
    assert faulty > 0.08, dict(happened)


def read_on(told: faults.Clock) -> None:
    """Poll until all is told, and three days at least: some products are not known at first."""
    faults.poll_all(told)
    end = max(ALL_IS_TOLD, told.now + timedelta(days=3))
    while told.now < end:
        told.now += timedelta(hours=24)
        faults.poll_all(told)


def _nobody_holds_on(now: datetime) -> None:
    assert not Feed.objects.filter(claimed_until__gt=now + LEASE).exists()


def _books_are_the_truth(simulator: Simulator) -> str:
    truth = simulator.truth()
    told, stored = set(truth.told), faults._stored()
    doubled = Fill.objects.count() - len(stored)
    assert (len(told - stored), doubled, stored - told) == (0, 0, set())
    faults._same_facts(truth)
    assert faults._positions() == truth.positions
    faults._nothing_skipped()
    assert faults._quarantined() == set(truth.unusable)
    assert not Feed.objects.exclude(claimed_until=None).exists()
    assert not Feed.objects.exclude(last_error="").exists()
    before = [list(model.objects.order_by("pk").values()) for model in _BOOKS]
    rebuild(at=AT)
    assert [list(model.objects.order_by("pk").values()) for model in _BOOKS] == before
    fills, trades = len(stored), Trade.objects.count()
    return f"{fills:,} fills and {trades:,} trades: 0 lost, 0 doubled, 0 different"


_BOOKS = (Trade, Position, DayResult)
