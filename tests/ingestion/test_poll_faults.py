"""The real adapter against a server at which everything goes wrong: each fill once, none skipped.

The server's clock is the test's: it is polled as the days go by, and by night looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from common.clock import to_ns
from ingestion.actions import connect
from ingestion.models import Connection, Feed, QuarantinedRow
from ingestion.poll import due
from ingestion.providers import registry
from ingestion.simulator import Setup, Simulator
from ingestion.simulator.population import ENVIRONMENTS
from ledger.models import Fill, Position, Trade
from ledger.rebuild import rebuild
from tests.factories import AT, make_group

START = date(2026, 3, 2)
HISTORY_ENDS = datetime(2026, 3, 9, 6, tzinfo=UTC)
ALL_IS_TOLD = datetime(2026, 3, 16, 6, tzinfo=UTC)
SETUP = Setup(
    start=START, days=10, traders=9, accounts=11, products=8, seed=11, faults="full",
    page_size=500, slow_seconds=0.01, retry_after=0,
)  # fmt: skip


class Clock:
    """The present, for the server and for the polls alike."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> int:
        return to_ns(self.now)


def poll_all(clock: Clock, *, times: int = 40) -> None:
    """Poll until nothing is left to read; what fails is tried again, as the schedule would."""
    for _ in range(times):
        report = due(clock.now, ignore_due=True)
        behind = Feed.objects.exclude(rescan_ns=None).exists()
        if not report.failed and not report.has_history_left and not behind:
            return
    errors = list(Feed.objects.exclude(last_error="").values_list("stream", "last_error"))
    raise AssertionError(f"still something left after {times} polls: {errors}")


@pytest.fixture
def simulator(monkeypatch):
    """A server of the first two weeks of March, and no waits between tries."""
    monkeypatch.setattr("ingestion.providers.session.random.uniform", lambda low, high: 0.01)
    yield Simulator(SETUP, clock=Clock(HISTORY_ENDS))
    for adapter in registry._open.values():
        adapter._session._client.close()
    registry._open.clear()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_full_faults_each_fill_exactly_once_and_none_skipped(simulator):
    clock = simulator._clock
    with simulator.serve() as address:
        for company in simulator.companies:
            group = make_group(company.name)
            for environment in ENVIRONMENTS:
                connect(
                    name=f"{company.name} {environment}", platform="simulated",
                    environment=environment, base_url=address.base_url, key=company.key,
                    secret=company.secret, group=group, history_from=START, at=clock.now,
                    requests_per_second=1_000, requests_per_day=1_000_000,
                )  # fmt: skip
        poll_all(clock)
        assert not Feed.objects.filter(stream="fills", history_done_at=None).exists()
        while clock.now < ALL_IS_TOLD:
            clock.now += timedelta(hours=3)
            poll_all(clock)

    truth = simulator.truth()
    assert len(truth.told) > 1_000
    assert _stored() == set(truth.told)
    _same_facts(truth)
    assert _positions() == truth.positions
    _nothing_skipped()
    assert set(simulator.plan.happened) >= {"busy", "error", "timeout", "lost_page", "cut"}
    assert QuarantinedRow.objects.filter(stream="fills").count() >= len(truth.unusable)
    assert not QuarantinedRow.objects.filter(reason__startswith="contradicts").exists()
    assert not Connection.objects.exclude(alarm="").exists()

    before = list(Trade.objects.order_by("id").values())
    rebuild(at=AT)
    assert list(Trade.objects.order_by("id").values()) == before


def _stored() -> set[tuple[str, str, str]]:
    rows = Fill.objects.values_list("account__environment", "account__account", "exec_id")
    return set(rows)


def _same_facts(truth) -> None:
    effective = truth.effective
    for row in Fill.objects.filter(state="usable").select_related("account", "contract"):
        key = (row.account.environment, row.account.account, row.exec_id)
        told = effective[key].told
        assert row.contract.name == told.instrument
        assert row.side * row.quantity == told.signed
        assert row.price == told.ticks * Decimal(told.product.tick)
        assert row.executed_ns == told.ns
    booked = {key for key, report in effective.items() if report.told.is_booked}
    usable = Fill.objects.filter(state="usable").values_list(
        "account__environment", "account__account", "exec_id"
    )
    assert set(usable) == booked


def _positions() -> dict[tuple[str, str, str], int]:
    rows = Position.objects.exclude(quantity=0).values_list(
        "account__environment", "account__account", "contract__name", "quantity"
    )
    return {row[:3]: row[3] for row in rows}


def _nothing_skipped() -> None:
    """Each usable fill lies in a trade or in the open position of its account and contract."""
    trades = defaultdict(list)
    for trade in Trade.objects.all():
        first = (trade.opened_ns, trade.opened_received_ns, trade.opened_exec_id)
        last = (trade.closed_ns, trade.closed_received_ns, trade.closed_exec_id)
        trades[trade.account_id, trade.contract_id].append((first, last))
    opened = {
        (account, contract): ns
        for account, contract, ns in Position.objects.exclude(quantity=0).values_list(
            "account", "contract", "opened_ns"
        )
    }
    for row in Fill.objects.filter(state="usable"):
        key = (row.account_id, row.contract_id)
        place = (row.executed_ns, row.received_ns, row.exec_id)
        inside = any(first <= place <= last for first, last in trades[key])
        assert inside or row.executed_ns >= opened.get(key, 2**63), f"skipped: {row}"
