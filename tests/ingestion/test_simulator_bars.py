"""Fills and bars of one market, brought in by polling: every fill lies inside its minute's bar."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection as database

from common.clock import to_ns
from futures.models import Bar
from ingestion.actions import connect
from ingestion.models import BarDay, Connection, Feed
from ingestion.poll import bar_days, due
from ingestion.providers import registry
from ingestion.simulator import Setup, Simulator, demo
from ingestion.simulator.population import ENVIRONMENTS
from ledger.models import Fill
from tests.factories import make_group

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "bars"
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

OUTSIDE = """
SELECT f.exec_id, c.name, to_timestamp(f.executed_ns / 1000000000), f.price, b.low, b.high
FROM ledger_fill f JOIN futures_contract c ON c.id = f.contract_id
LEFT JOIN futures_bar b ON b.contract_id = f.contract_id
    AND b.start_at = to_timestamp(f.executed_ns / 60000000000 * 60)
WHERE f.state = 'usable' AND (b.contract_id IS NULL OR f.price NOT BETWEEN b.low AND b.high)"""


@pytest.fixture
def bring_in(monkeypatch):
    """Return a way to poll all of a simulated world at one moment, long after it happened."""
    monkeypatch.setattr("ingestion.providers.session.random.uniform", lambda low, high: 0.01)

    def poll(setup: Setup, now: datetime) -> Simulator:
        simulator = Simulator(setup, clock=lambda: to_ns(now))
        with simulator.serve() as address:
            for company in simulator.companies:
                group = make_group(company.name)
                for environment in ENVIRONMENTS:
                    connect(
                        name=f"{company.name} {environment}", platform="simulated",
                        environment=environment, base_url=address.base_url, key=company.key,
                        secret=company.secret, group=group, history_from=setup.start, at=now,
                        requests_per_second=1_000, requests_per_day=1_000_000,
                        price_feed=company.index == 0 and environment == ENVIRONMENTS[0],
                    )  # fmt: skip
            for _ in range(40):
                report = due(now, ignore_due=True)
                if not report.failed and not report.has_history_left and not left(now):
                    return simulator
        raise AssertionError(list(Feed.objects.values_list("stream", "last_error")))

    yield poll
    for adapter in registry._open.values():
        adapter._session._client.close()
    registry._open.clear()


def left(now: datetime) -> list[bar_days.Asked]:
    return bar_days.wanted(Connection.objects.get(price_feed=True), now)


def outside() -> list[tuple]:
    with database.cursor() as cursor:
        cursor.execute(OUTSIDE)
        return cursor.fetchall()


def test_every_fill_lies_inside_its_minute_even_when_all_goes_wrong(bring_in):
    """A correction that first states a wrong price is replaced by then, a bust is void."""
    setup = Setup(
        start=date(2026, 3, 2), days=5, traders=9, accounts=11, products=10, seed=11,
        faults="full", slow_seconds=0.01, retry_after=0, bar_page=700,
    )  # fmt: skip
    simulator = bring_in(setup, datetime(2026, 3, 20, tzinfo=UTC))

    states = Counter(Fill.objects.values_list("state", flat=True))
    assert states["usable"] > 500
    assert states["replaced"] > 5
    assert states["void"] > 5
    assert outside() == []
    assert {"busy", "error", "cut", "lost_page"} <= simulator.plan.happened.keys()
    assert sum(BarDay.objects.values_list("bars", flat=True)) == Bar.objects.count()


def test_every_fill_lies_inside_its_minute_on_recorded_bars(bring_in):
    files = tuple(sorted(SHARED.glob("lean_*Dec13.csv.gz")))
    if not files:
        pytest.skip("the recorded bars are not beside the project")
    start, days = demo.stretch_of(files, 7)
    setup = Setup(
        start=start, days=min(days, 6), traders=9, accounts=9, bars=files, seed=7,
    )  # fmt: skip
    bring_in(setup, datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=25))

    on_recorded = Fill.objects.filter(state="usable", contract__name__in=("ES Dec13", "GC Dec13"))
    assert on_recorded.count() > 100
    assert outside() == []
    assert stored("ES Dec13") == recorded("ES Dec13", [row.day for row in asked("ES Dec13")])


def asked(contract: str) -> list[BarDay]:
    return list(BarDay.objects.filter(contract__name=contract, bars__gt=0))


def stored(contract: str) -> dict[datetime, tuple[Decimal, ...]]:
    rows = Bar.objects.filter(contract__name=contract).values_list(
        "start_at", "open", "high", "low", "close"
    )
    return {at: tuple(prices) for at, *prices in rows}


def recorded(contract: str, days: list[date]) -> dict[datetime, tuple[Decimal, ...]]:
    found = {}
    path = SHARED / f"lean_{contract.replace(' ', '_')}.csv.gz"
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["ts_open_utc"]).astimezone(UTC)
            if at.date() in days:
                found[at] = tuple(Decimal(row[name]) for name in ("open", "high", "low", "close"))
    return found
