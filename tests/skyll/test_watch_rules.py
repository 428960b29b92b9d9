"""Each rule: its condition made true, then false again; and what a turn costs."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import PeriodicTask

from accounts.models import Letter
from common import clock
from common.clock import to_ns
from ingestion.models import Feed, Instrument, MissingRate, QuarantinedRow, RawFill
from ingestion.poll import schedule as feeds
from ingestion.providers.base import BudgetSpent, Unauthorized
from ingestion.providers.bucket import LocalBucket
from journal.actions import rolled
from journal.models import CountedTrade
from ledger.models import (
    CandlesDue,
    Fill,
    GroupDay,
    Position,
    ReconciledDay,
    ReconcileDue,
    Trade,
)
from skyll import broker, schedule
from skyll.watch import keeping, rules
from skyll.watch.facts import Facts
from tests.factories import make_account, make_contract, make_group, make_trade, make_trader
from tests.ingestion.fake_provider import NOW, feed_of, make_connection
from traders.models import PlatformAccount

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)
Undo = Callable[[], Any]


def wrong(at: datetime = NOW) -> dict[tuple[str, str], str]:
    """Return what the rules say, as (kind, subject) -> sentence; none may break."""
    found, broken = keeping.look(Facts(at))
    assert not broken
    return found


def polled(**given) -> Feed:
    """Make a connection whose feeds were read well just now, its history in."""
    made = make_connection(name="Desk TT", **given)
    made.feeds.update(
        last_ok_at=NOW, due_at=NOW, history_done_at=NOW, rescan_due_at=NOW + DAY, attempts=0
    )
    type(made).objects.filter(pk=made.pk).update(created_at=NOW)
    return feed_of(made)


def set_on(row: Any, **now: Any) -> Undo:
    """Change columns of a row; return what takes that back."""
    table = type(row).objects.filter(pk=row.pk)
    before = table.values(*now).get()
    table.update(**now)
    return lambda: table.update(**before)


def refused() -> Undo:
    feed = polled()
    feeds.failed(feed, Unauthorized("key 1234 is refused"), NOW)
    return lambda: feeds.succeeded(feed, NOW)


def spent() -> Undo:
    feed = polled()
    bucket = LocalBucket(1, 0, clock=NOW.timestamp)
    with pytest.raises(BudgetSpent) as error:
        bucket.take()
    feeds.failed(feed, error.value, NOW)
    return lambda: feeds.succeeded(feed, NOW)


def late() -> Undo:
    return set_on(polled(), last_ok_at=NOW - timedelta(minutes=16))


def late_accounts() -> Undo:
    feed = feed_of(polled().connection, "accounts")
    return set_on(feed, last_ok_at=NOW - timedelta(minutes=61))


def never_read() -> Undo:
    feed = polled()
    set_on(feed, last_ok_at=None)
    return set_on(feed.connection, created_at=NOW - timedelta(minutes=20))


def ahead() -> Undo:
    row = RawFill.objects.create(
        id="7f1c5f5e-0000-4000-8000-000000000001", connection=polled().connection, exec_id="x",
        received_at=NOW + timedelta(seconds=90), raw={},
    )  # fmt: skip
    return row.delete


def slow_history() -> Undo:
    feed = polled()
    set_on(feed, history_done_at=None)
    return set_on(feed.connection, created_at=NOW - 2 * DAY)


def unscanned() -> Undo:
    return set_on(polled(), rescan_due_at=NOW - timedelta(hours=7))


def scan_stuck() -> Undo:
    began = to_ns(NOW - timedelta(hours=7))
    return set_on(polled(), rescan_ns=0, rescan_until_ns=began)


def quarantined(rows: int = 1) -> Undo:
    of = polled().connection
    made = QuarantinedRow.objects.bulk_create(
        QuarantinedRow(
            connection=of, stream="fills", reason="pnl 1,234.56 of Ana", raw={"pnl": "$1,234.56"},
            digest=str(n), first_seen_at=NOW, last_seen_at=NOW,
        )
        for n in range(rows)
    )  # fmt: skip
    return lambda: QuarantinedRow.objects.filter(pk__in=[one.pk for one in made]).update(
        resolved_at=NOW
    )


def flooded() -> Undo:
    return quarantined(rules.MANY_NEW)


def traded() -> Trade:
    """Make a trade whose days nothing is due for: those marks bear today's date."""
    trade = make_trade(make_trader(make_group("Desk One"), "Ana Ruiz"))
    CandlesDue.objects.all().delete()
    ReconcileDue.objects.all().delete()
    return trade


def waiting(state: str = "unknown") -> Undo:
    trade = traded()
    Fill.objects.filter(account_id=trade.account_id).update(
        state="waiting", stored_at=NOW - timedelta(minutes=61)
    )
    fill = Fill.objects.filter(account_id=trade.account_id)[0]
    Instrument.objects.create(
        platform=trade.account.platform, environment="ext_prod_live",
        external_id=fill.instrument_id, contract_id=fill.contract_id, state=state,
    )  # fmt: skip
    return lambda: Fill.objects.update(state="usable")


def valueless() -> Undo:
    return waiting("unpriced")


def rateless() -> Undo:
    row = MissingRate.objects.create(
        currency="EUR", day=NOW.date() - DAY, tries=7, next_try_at=NOW + timedelta(hours=10)
    )
    return row.delete


def unreconciled(state: str) -> Undo:
    trade = traded()
    row = ReconciledDay.objects.create(
        account=trade.account, day=trade.closed_on, contract=trade.contract,
        product=trade.product, state=state, fill_count=2, bought=1, sold=1, position=0,
        checked_at=NOW,
    )  # fmt: skip
    return lambda: set_on(row, state="flat")


def hold(
    group: str = "Desk One", month: str = "Mar26", quantity: int = 2, spread=False
) -> Position:
    """Let an account hold a contract over the ends of three days, as reconciled."""
    account = make_account(make_trader(make_group(group)))
    contract = make_contract()
    opened_ns = to_ns(NOW - 3 * DAY)
    ReconciledDay.objects.create(
        account=account, day=NOW.date() - 3 * DAY, contract=contract, product=contract.product,
        state="open", fill_count=1, bought=2, sold=0, position=2, checked_at=NOW,
        open_since_ns=opened_ns, opened_exec_id="x", is_spread=spread,
    )  # fmt: skip
    return Position.objects.create(
        account=account, contract=contract, quantity=2, fill_count=1, last_ns=0,
        opened_ns=opened_ns,
    )  # fmt: skip


def held() -> Undo:
    account = hold().account
    return lambda: Position.objects.filter(account=account).update(quantity=0, opened_ns=None)


def undone_candles() -> Undo:
    row = CandlesDue.objects.create(since=NOW.date(), marked_at=NOW - timedelta(minutes=16))
    return row.delete


def unmakeable_candles() -> Undo:
    row = CandlesDue.objects.create(since=NOW.date(), marked_at=NOW + timedelta(minutes=5))
    return row.delete


def undone_states() -> Undo:
    account = make_account(make_trader(make_group()))
    row = ReconcileDue.objects.create(
        account=account, since=NOW.date(), marked_at=NOW - timedelta(minutes=16)
    )
    return row.delete


def mended() -> Undo:
    """Let a group's sums be others than its trades, and a night pass."""
    traded()
    rolled.keep()
    GroupDay.objects.update(trade_count=5)
    rolled.check_nightly(at=NOW)
    return lambda: rolled.check_nightly(at=NOW + DAY)


def mended_tags() -> Undo:
    trade = traded()
    rolled.keep()
    CountedTrade.objects.create(
        account=trade.account, trade=trade, day=trade.closed_on, tags=[6], pnl_usd=1
    )
    rolled.check_nightly(at=NOW)
    return lambda: rolled.check_nightly(at=NOW + DAY)


def silent() -> Undo:
    schedule.write()
    beat = PeriodicTask.objects.filter(name="tick")
    beat.update(last_run_at=NOW - timedelta(minutes=11))
    return lambda: beat.update(last_run_at=NOW)


def unsent() -> Undo:
    row = Letter.objects.create(
        kind="reset", email="ana@desk.test", created_at=NOW - timedelta(minutes=61), due_at=NOW
    )
    return lambda: Letter.objects.filter(pk=row.pk).update(done_at=NOW)


@pytest.mark.parametrize(
    ("make", "kind", "subject"),
    [
        (refused, "provider_refused", "Desk TT"),
        (spent, "budget_spent", "Desk TT"),
        (late, "poll_late", "Desk TT fills"),
        (late_accounts, "poll_late", "Desk TT accounts"),
        (never_read, "poll_late", "Desk TT fills"),
        (ahead, "clock_skew", "Desk TT"),
        (slow_history, "history_stuck", "Desk TT"),
        (unscanned, "rescan_overdue", "Desk TT"),
        (scan_stuck, "rescan_overdue", "Desk TT"),
        (quarantined, "quarantine", "Desk TT fills"),
        (flooded, "quarantine_grows", "Desk TT fills"),
        (waiting, "fills_waiting", ""),
        (valueless, "unpriced", ""),
        (rateless, "rate_missing", "EUR"),
        (lambda: unreconciled("skipped"), "skipped", "Desk One"),
        (lambda: unreconciled("mismatch"), "mismatch", "Desk One"),
        (held, "open_long", "Desk One"),
        (undone_candles, "candles_due", ""),
        (unmakeable_candles, "candles_due", ""),
        (undone_states, "states_due", ""),
        (mended, "sums_mended", "Desk One by day"),
        (mended_tags, "sums_mended", "Desk One by tag"),
        (silent, "beat_silent", ""),
        (unsent, "letters_waiting", ""),
    ],
)
def test_true_and_false_again(make, kind, subject):
    undo = make()
    told = {"quarantine_grows": {"quarantine"}, "unpriced": {"fills_waiting"}}.get(kind, set())
    found = wrong()
    assert {key[0] for key in found} == {kind, *told}
    assert (kind, subject) in found
    for sentence in found.values():  # it leaves the house: no money, no person, no foreign words
        assert not [word for word in ("$", "1,234", "1234", "Ana", "ana@") if word in sentence]

    undo()
    assert wrong() == {}


@pytest.mark.parametrize("make", [undone_candles, undone_states])
def test_while_the_history_comes_in_much_is_due(make):
    make()
    set_on(polled(), history_done_at=None)
    assert wrong() == {}


def test_a_calendar_spread_or_a_sim_is_no_open_run():
    hold(spread=True)
    account = hold("Desk Two").account
    PlatformAccount.objects.filter(pk=account.pk).update(is_sim=True)
    assert wrong() == {}


def test_queues(monkeypatch):
    monkeypatch.setattr(broker, "depths", lambda: {"default": rules.DEEP, "letters": 0})
    assert wrong().keys() == {("queue_deep", "default")}
    monkeypatch.setattr(broker, "depths", lambda: {"default": rules.DEEP - 1, "letters": 0})
    assert wrong() == {}


def test_without_redis(settings, gone):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert wrong().keys() == {("redis_down", "broker"), ("redis_down", "cache")}


def test_connections(monkeypatch):
    monkeypatch.setattr(rules, "MOST_CONNECTIONS", 0.0)
    assert wrong().keys() == {("connections_full", "")}


def test_disk(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2**29))
    assert wrong() == {("disk_full", ""): "The worker's disk has 512 MB left"}


def test_backups(settings, tmp_path):
    mark = tmp_path / "last"
    settings.BACKUP_MARK = str(mark)
    assert wrong().keys() == {("backup_old", "")}
    mark.touch()
    os.utime(mark, times=(NOW.timestamp() - 27 * 3600,) * 2)
    assert wrong().keys() == {("backup_old", "")}
    os.utime(mark, times=(NOW.timestamp() - 25 * 3600,) * 2)
    assert wrong() == {}


def test_an_empty_house_has_no_alarm():
    call_command("prepare")
    assert wrong(clock.now()) == {}


def test_costs_few_queries_however_much_there_is():
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            wrong()
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    few = cost()
    assert few <= 16
    for make in (refused, flooded, valueless, held):
        make()
        with connection.cursor() as cursor:  # so that each makes its own
            cursor.execute("UPDATE ingestion_connection SET name = name || '.'")
            cursor.execute("UPDATE groups SET name = name || '.'")
    make_connection(name="Another")
    assert cost() == few


def test_a_broken_rule_stops_no_other_and_is_told():
    def breaks(_):
        connection.cursor().execute("SELECT 1 / 0")

    late()
    mine = [rules.Rule("breaks", "-", breaks), *rules.RULES]
    found, unsaid = keeping.look(Facts(NOW), mine)
    assert unsaid == {"breaks"}
    assert found.keys() == {("rule_broken", "breaks"), ("poll_late", "Desk TT fills")}


def test_every_rule_has_its_line_in_the_runbook():
    page = (ROOT / "docs/operations/alarms.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[3].strip() for row in rows}
    assert {kind: told.get(kind) for kind in rules.RUNBOOK} == rules.RUNBOOK
