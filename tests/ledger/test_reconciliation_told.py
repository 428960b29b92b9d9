"""What is read of reconciled days: runs, spreads, fills; the command and the workers' doors."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from common.api import Period
from ledger import reconciliation, tasks
from ledger.models import Position, ReconciledDay, Trade
from ledger.reconciliation import check, keep
from tests.ledger.conftest import make_contract, ns
from tests.ledger.reconciled import (
    AT,
    MARCH_2,
    open_runs,
    record_round_trip,
    row,
    sql,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_trip(books):
    return record_round_trip(books)


def test_a_fill_that_turns_a_position_round_belongs_to_both_trades(books):
    books.record(
        books.buy(2, "5000", "2026-03-02 14:00:00"), books.sell(5, "5001", "2026-03-02 15:00:00"),
        books.buy(3, "5002", "2026-03-03 01:00:00"),
    )  # fmt: skip
    keep(at=AT)
    assert states() == {("ES Mar26", 2): "open", ("ES Mar26", 3): "flat"}
    assert row(2).open_since_ns == ns("2026-03-02 15:00:00")
    first, turn = reconciliation.fills_of(
        account_id=books.account.id, contract_id=books.es.id, day=MARCH_2
    )
    trades = list(Trade.objects.order_by("closed_ns").values_list("id", flat=True))
    assert (first.position, first.trade_ids) == (2, (trades[0],))
    assert (turn.position, turn.trade_ids) == (-3, tuple(trades))


def test_fills_of_a_day_tell_what_became_of_each(books):
    books.record(
        books.buy(1, at="2026-03-02 14:00:00", exec_id="a"),
        books.buy(1, at="2026-03-03 14:00:00", exec_id="b"),
        books.buy(1, at="2026-03-03 15:00:00", exec_id="c"),
        books.fill(
            1, at="2026-03-03 16:00:00", exec_id="d", action="cancel", ref_exec_id="c"
        ),
    )  # fmt: skip
    lines = reconciliation.fills_of(
        account_id=books.account.id, contract_id=books.es.id, day=date(2026, 3, 3)
    )
    assert [(one.exec_id, one.state, one.position) for one in lines] == [
        ("b", "usable", 2), ("c", "void", None), ("d", "excluded", None),
    ]  # fmt: skip
    (open_id,) = Position.objects.values_list("trade_id", flat=True)
    assert [one.trade_ids for one in lines] == [(open_id,), (), ()]
    sql("UPDATE ledger_position SET quantity = 0")
    lines = reconciliation.fills_of(
        account_id=books.account.id, contract_id=books.es.id, day=date(2026, 3, 3)
    )
    assert lines[0].trade_ids == ()


def test_a_calendar_spread_is_known_from_both_sides(books):
    far = make_contract("ES", "ES Jun26", date(2026, 6, 1))
    books.record(books.buy(2, at="2026-03-02 14:00:00"))
    keep(at=AT)
    assert not row(2).is_spread
    books.record(books.sell(2, at="2026-03-02 14:00:20", contract=far))
    keep(at=AT)
    assert set(ReconciledDay.objects.values_list("is_spread", flat=True)) == {True}
    assert check(at=AT).changed == 0
    assert {run.is_spread for run in open_runs(books)} == {True}
    books.record(books.buy(2, at="2026-03-04 14:00:20", contract=far))
    keep(at=AT)
    assert {r.day.day: r.is_spread for r in ReconciledDay.objects.filter(contract=books.es)} == {
        2: True, 3: True, 4: False, 5: False,
    }  # fmt: skip
    assert check(at=AT).changed == 0


def test_sustained_runs_tell_their_true_age(books):
    books.record(books.buy(2, at="2026-03-02 23:59:59", exec_id="a"))
    books.record(books.sell(1, at="2026-03-04 10:00:00"))
    keep(at=AT)
    (run,) = open_runs(books)
    assert (run.quantity, run.days, run.exec_id, run.state) == (1, 3, "a", "open")
    assert run.opened_at == datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    assert open_runs(books, today=date(2026, 3, 4)) == ()
    assert len(open_runs(books, today=date(2026, 3, 4), sustained=False)) == 1


def test_totals_and_days_are_told_and_problems_stir_the_cached_notes(round_trip):
    books = round_trip
    version = lambda: type(books.account).objects.get(pk=books.account.pk).books_version  # noqa: E731
    before = version()
    keep(at=AT)
    assert version() == before
    ids = [books.account.id]
    period = Period(MARCH_2, AT.date())
    assert reconciliation.totals(account_ids=ids, period=period)["flat"] == 1
    sql("DELETE FROM ledger_trade")
    check(at=AT)
    assert version() == before + 1
    (told,) = reconciliation.days(account_ids=ids, period=period, states=("skipped",))
    assert (told.contract, told.product, told.state) == ("ES Mar26", "ES", "skipped")
    assert list(reconciliation.totals(account_ids=ids, period=period)) == [
        "skipped", "mismatch", "unverifiable", "open", "flat",
    ]  # fmt: skip


def test_the_command_tells_states_and_ends_with_1_where_books_differ(round_trip, capsys):
    with time_machine.travel(AT, tick=False):
        call_command("reconcile")
        assert "flat                 1" in capsys.readouterr().out
        sql("DELETE FROM ledger_trade")
        call_command("reconcile")  # nothing said that anything had changed
        with pytest.raises(CommandError, match="1 days are skipped or differ") as ended:
            call_command("reconcile", all=True)
        assert ended.value.returncode == 1
        told = capsys.readouterr()
        assert "2026-03-02  A1             ES Mar26     skipped: 2 usable fills" in told.out
        assert "100%  2 of 2 accounts" in told.err
        with pytest.raises(CommandError):
            call_command("reconcile", "--json", account_ids=[round_trip.account.id])
        assert json.loads(capsys.readouterr().out)["problems"][0]["state"] == "skipped"


def test_the_workers_doors(round_trip):
    tasks.keep_states()
    assert ReconciledDay.objects.get(day=MARCH_2).state == "flat"
    sql("DELETE FROM ledger_trade")
    tasks.reconcile_nightly()
    assert ReconciledDay.objects.get(day=MARCH_2).state == "skipped"
