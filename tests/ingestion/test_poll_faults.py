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
from ingestion.simulator.faults import NAMES
from ingestion.simulator.population import ENVIRONMENTS
from ledger.models import Fill, Position, Trade
from ledger.rebuild import rebuild
from tests.factories import AT, make_group

START = date(2026, 3, 2)
HISTORY_ENDS = datetime(2026, 3, 9, 6, tzinfo=UTC)
AWAY = datetime(2026, 3, 10, 12, tzinfo=UTC)  # the server: its afternoon is still to be told
ALL_IS_TOLD = datetime(2026, 3, 13, 6, tzinfo=UTC)
# What is rare in the full plan, more often; pages are short, so that equal stamps lie across their
# ends; half a day is too wide for one answer.
OFTEN = (
    "full,busy=0.05,error=0.05,timeout=0.06,slow=0.04,cut=0.05,revoked=0.06,double_page=0.3,"
    "lost_page=0.06,late=0.04,backdated=0.03,skew=0.03,corrected=0.03,busted=0.02,bust_first=0.02,"
    "nan=0.03,nul=0.03,ties=0.06,doubled=0.1,unknown=1,newcomer=20,wide=10"
)
LEAST = 20
SETUP = Setup(
    start=START, days=10, traders=6, accounts=8, products=6, seed=2, faults=OFTEN,
    page_size=20, slow_seconds=0.01, retry_after=0.1,
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
    with simulator.serve() as first:
        connect_all(simulator, first.base_url, at=clock.now)
        poll_all(clock)
        assert not Feed.objects.filter(stream="fills", history_done_at=None).exists()
        _poll_until(AWAY, clock)
    clock.now += timedelta(hours=6)
    assert due(clock.now, ignore_due=True).failed
    with simulator.serve(first.port) as second:
        _caught_up_after_two_polls(simulator)
        _poll_until(ALL_IS_TOLD, clock)
    assert first.counts["impatient"] == second.counts["impatient"] == 0

    truth = simulator.truth()
    assert len(truth.told) > 800
    assert _stored() == set(truth.told)
    _same_facts(truth)
    assert _positions() == truth.positions
    _nothing_skipped()
    _everything_happened(simulator.plan.happened)
    assert _quarantined() == set(truth.unusable)
    assert not QuarantinedRow.objects.filter(reason__startswith="contradicts").exists()
    assert not Connection.objects.exclude(alarm="").exists()

    before = list(Trade.objects.order_by("id").values())
    rebuild(at=AT)
    assert list(Trade.objects.order_by("id").values()) == before


def connect_all(simulator, base_url: str, *, at: datetime) -> None:
    """Connect each company to the environments in which it has accounts."""
    used = {(one.company, one.environment) for one in simulator.population.accounts}
    for company in simulator.companies:
        group = make_group(company.name)
        for environment in ENVIRONMENTS:
            if (company.index, environment) in used:
                connect(
                    name=f"{company.name} {environment}", platform="simulated",
                    environment=environment, base_url=base_url, key=company.key,
                    secret=company.secret, group=group, history_from=START, at=at,
                    requests_per_second=1_000, requests_per_day=1_000_000,
                )  # fmt: skip


def _poll_until(then: datetime, clock: Clock) -> None:
    while clock.now < then:
        clock.now += timedelta(hours=6)
        poll_all(clock)


def _caught_up_after_two_polls(simulator) -> None:
    """Only what entered the past, under old stamps, may wait for the night's second look."""
    told = simulator.truth().told
    expected = {key for key, row in told.items() if row.fault != "backdated"}
    missed = len(expected - _stored())
    for _ in range(2):
        due(simulator._clock.now, ignore_due=True)
    assert missed > LEAST
    assert not expected - _stored()


def _everything_happened(happened) -> None:
    """Each fault of the plan was met, not only planned; so were new accounts in mid-flight."""
    names = (*NAMES, "tie_across_pages", "newcomer_traded")
    seldom = {name: happened[name] for name in names if happened[name] < LEAST}
    assert not seldom, dict(happened)


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


def _quarantined() -> set[tuple[str, str, str]]:
    rows = QuarantinedRow.objects.filter(stream="fills").select_related("connection")
    return {
        (row.connection.environment, str(row.raw["accountId"]), row.raw["uniqueExecId"])
        for row in rows
    }


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
