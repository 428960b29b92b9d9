"""Positions by the provider: what is asked, what is kept, and a server at which all goes wrong."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.models import Connection, Feed
from ingestion.poll import due
from ingestion.providers import registry
from ingestion.providers.base import Account, ProviderPosition, Unsupported
from ingestion.queries.read_to import read_to
from ingestion.simulator import Setup, Simulator
from ledger.models import Fill, Position, ReconciledDay, ReportedPosition
from ledger.rebuild import rebuild
from ledger.reconciliation import NewSecond, check, keep, record_second_fills
from tests.ingestion import test_poll_faults as faults
from tests.ingestion.fake_provider import MINUTE, NOW, FakeProvider, fill, make_connection, ns
from traders.models import PlatformAccount

SETUP = Setup(
    start=faults.START, days=8, traders=5, accounts=6, products=6, seed=11, faults="full",
    page_size=500, slow_seconds=0.01, retry_after=0,
)  # fmt: skip


@pytest.fixture
def tt(db):
    make_connection(history_from=NOW.date(), environment="ext_prod_live")
    return FakeProvider(fills=[fill("2026-03-10 09:00:00", quantity=2)])


def told(tt, *rows, monkeypatch):
    monkeypatch.setattr(tt, "list_positions", lambda: [ProviderPosition(*row) for row in rows])


def waiting():
    return {
        (row.account.account, row.contract.name): row.next_quantity
        for row in ReportedPosition.objects.select_related("account", "contract")
    }


def test_what_is_told_and_what_is_open_is_kept(tt, monkeypatch):
    told(tt, ("1001", "ES", 2), ("1001", "option?", 1), ("9999", "ES", 1), monkeypatch=monkeypatch)
    report = tt.poll()
    assert report.outcomes[-1].stream == "positions"
    assert (report.outcomes[-1].read, report.outcomes[-1].waiting) == (3, 2)
    assert waiting() == {("1001", "ES Mar26"): 2}
    feed = Feed.objects.get(stream="positions")
    assert timedelta(0) < feed.due_at - NOW - timedelta(minutes=15) < timedelta(minutes=1)


def test_an_open_position_that_is_not_told_is_flat_by_the_provider(tt):
    tt.poll()
    assert waiting() == {("1001", "ES Mar26"): 0}
    keep(at=NOW + timedelta(minutes=5))
    assert ReconciledDay.objects.get().state == "open"  # the fills of that moment are not read yet
    tt.fills.append(fill("2026-03-10 12:01:00", account="1002"))
    tt.later(120)
    keep(at=NOW + timedelta(minutes=12))
    assert ReconciledDay.objects.get(account__account="1001").state == "mismatch"


def test_keys_of_one_environment_tell_of_the_accounts_in_their_own_lists(tt):
    connection = make_connection(history_from=NOW.date(), name="another key")
    Feed.objects.filter(connection=connection).delete()
    tt.poll()
    assert waiting() == {}
    tt.accounts = [Account("1001", "one", is_sim=False)]
    Feed.objects.update(due_at=NOW)
    tt.poll()
    assert waiting() == {("1001", "ES Mar26"): 0}


def test_a_provider_without_positions_is_asked_once_a_day(tt, monkeypatch):
    def refuse():
        raise Unsupported("no positions")

    monkeypatch.setattr(tt, "list_positions", refuse)
    assert [one.error for one in tt.poll().failed] == ["no positions"]
    assert Feed.objects.get(stream="positions").due_at > NOW + timedelta(hours=23)


def test_how_far_accounts_are_read_is_told_by_the_feed_of_their_group(tt):
    tt.poll()
    account = PlatformAccount.objects.get()
    (mark,) = read_to([account.pk]).values()
    assert (mark.ns // MINUTE, mark.is_history_in) == (ns("2026-03-10 11:00:00") // MINUTE, True)
    slower = make_connection(history_from=NOW.date(), name="of another group")
    assert read_to([account.pk])[account.pk] == mark
    Connection.objects.filter(pk=slower.pk).update(group=account.trader.group)
    assert not read_to([account.pk])[account.pk].is_history_in
    Connection.objects.update(is_active=False)
    assert read_to([account.pk]) == {}


def states() -> Counter[str]:
    return Counter(ReconciledDay.objects.values_list("state", flat=True))


def second_feed(truth, at) -> None:
    """Keep the simulator's own truth as a drop copy."""
    accounts = {(row.environment, row.account): row.pk for row in PlatformAccount.objects.all()}
    contracts = dict(Fill.objects.exclude(contract=None).values_list("contract__name", "contract"))
    record_second_fills(
        [
            NewSecond(
                accounts[environment, account], identity, contracts[report.told.instrument],
                datetime.fromtimestamp(report.told.ns // 10**9, UTC).date(),
                1 if report.told.signed > 0 else -1, abs(report.told.signed),
            )
            for (environment, account, identity), report in truth.effective.items()
        ],
        source="truth", at=at,
    )  # fmt: skip


def withhold(clock: faults.Clock) -> tuple[Fill, Any]:
    """Delete a fill of an account and contract that rested for days; return it and its place."""
    rests = Position.objects.filter(quantity=0, last_ns__lt=clock() - 3 * 86_400 * 10**9)
    at = rests.order_by("account", "contract").values("account", "contract")[0]
    lost = Fill.objects.filter(state="usable", action="new", **at).order_by("-executed_ns")[0]
    Fill.objects.filter(account=lost.account_id, exec_id=lost.exec_id).delete()
    return lost, at


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_under_full_faults_no_day_is_skipped_or_differs_and_a_withheld_fill_is_found(monkeypatch):
    monkeypatch.setattr("ingestion.providers.session.random.uniform", lambda low, high: 0.01)
    clock = faults.Clock(datetime(2026, 3, 5, 13, tzinfo=UTC))
    simulator = Simulator(SETUP, clock=clock)
    compared = set()
    with simulator.serve() as address:
        faults.connect_all(simulator, address.base_url, at=clock.now)
        faults.poll_all(clock)
        for hours in (2, 3, 5, 8, 8, 8, 8, 24, 24, 24):
            clock.now += timedelta(hours=hours)
            faults.poll_all(clock)
            keep(at=clock.now)
            assert states()["skipped"] == 0
            compared |= set(ReportedPosition.objects.exclude(taken_at=None).values_list("pk"))

        assert len(compared) > 3
        found = states()
        assert found["skipped"] == found["mismatch"] == 0, list(
            ReconciledDay.objects.filter(state="mismatch").values_list(
                "account__account", "contract__name", "day", "reason", "position"
            )
        )
        before = list(ReconciledDay.objects.order_by("pk").values())
        assert check(at=clock.now).changed == 0
        assert list(ReconciledDay.objects.order_by("pk").values()) == before
        second_feed(simulator.truth(), clock.now)
        keep(at=clock.now)
        assert states() == found

        lost, at = withhold(clock)
        check(at=clock.now)
        assert states()["skipped"] > 0  # its trade stands yet
        rebuild(at=clock.now)
        positions = list(Feed.objects.filter(stream="positions").values_list("id", flat=True))
        for _ in range(10):
            if not due(clock.now, among=positions, ignore_due=True).failed:
                break
        keep(at=clock.now + timedelta(minutes=20), asked=lambda _: {})
        assert states()["skipped"] == 0
        row = ReconciledDay.objects.get(day=clock.now.date(), **at)
        assert (row.state, row.provider_position) == ("mismatch", 0)
        assert row.reason == "the provider told a position of 0, the books another"
        lost_on = datetime.fromtimestamp(lost.executed_ns // 10**9, UTC).date()
        assert "second feed" in ReconciledDay.objects.get(day=lost_on, **at).reason
    for adapter in registry._open.values():
        adapter._session._client.close()
    registry._open.clear()
