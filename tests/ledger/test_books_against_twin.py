"""Any fills, in any order and batches, end in the books that the slow bookkeeper keeps."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import DayResult, Fill, Position, Trade
from ledger.rebuild import rebuild
from tests.ledger.conftest import AT, NS, ns
from tests.ledger.twin import cents_apart, rounds, standing, utc_day

pytestmark = pytest.mark.django_db

START = ns("2026-03-02 21:00:00")
one_fill = st.tuples(
    st.booleans(),  # which contract
    st.sampled_from((1, -1)),
    st.integers(1, 4),  # contracts
    st.integers(-20, 20),  # quarter points
    st.integers(0, 12),  # half hours: many equal stamps, and midnight in the middle
    st.integers(0, 2),  # receive order inside the stamp
    st.sampled_from((None, "0", "1.05", "0.33")),  # fees
    st.sampled_from(("new",) * 6 + ("correct", "cancel")),
    st.integers(0, 30),  # which execution a correction or bust names
)


def reported(books, drawn):
    """Turn the draws into reported rows; references name other rows, also ones that never come."""
    rows = []
    for number, (es, side, quantity, quarters, hour, later, fees, action, names) in enumerate(
        drawn
    ):
        executed = START + hour * 1800 * NS
        rows.append(
            books.fill(
                side, quantity, Decimal(quarters) / 4, executed_ns=executed,
                received_ns=executed + later, exec_id=f"e{number:02}",
                contract=books.es if es else books.cl,
                fees=None if fees is None else Decimal(fees), action=action,
                ref_exec_id=None if action == "new" or names == number else f"e{names:02}",
            )
        )  # fmt: skip
    return [row for row in rows if row.action == "new" or row.ref_exec_id]


def acyclic(rows):
    refs = {row.exec_id: row.ref_exec_id for row in rows}
    for name in refs:
        seen = set()
        while refs.get(name):
            if name in seen:
                return False
            seen.add(name)
            name = refs[name]
    return True


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(one_fill, min_size=1, max_size=24), st.randoms(use_true_random=False))
def test_the_books_are_what_the_slow_bookkeeper_keeps(books, drawn, chance):
    rows = reported(books, drawn)
    if not rows or not acyclic(rows):
        return
    with transaction.atomic():
        delivery = rows * 2
        chance.shuffle(delivery)
        while delivery:
            cut = chance.randint(1, len(delivery))
            books.record(*delivery[:cut])
            delivery = delivery[cut:]
        assert Fill.objects.count() == len(rows)
        check(books, rows)
        before = snapshot()
        rebuild(at=AT)
        assert snapshot() == before
        transaction.set_rollback(True)


def check(books, rows):
    kept = standing(rows)
    booked_days = defaultdict(Fraction)
    closed_days = defaultdict(Fraction)
    cash = Fraction(0)
    for contract in (books.es, books.cl):
        own = [(row, root) for row, root in kept if row.contract_id == contract.id]
        found = rounds(own, contract.point_value)
        trades = list(Trade.objects.filter(contract=contract).order_by("closed_ns", "id"))
        closed = [cycle for cycle in found if cycle.closed]
        assert sorted(
            (t.closed_exec_id, t.side, t.quantity, t.max_position, t.closed_on) for t in trades
        ) == sorted((c.closed, c.side, c.quantity, c.max_position, c.closed_on) for c in closed)
        by_close = {cycle.closed: cycle for cycle in closed}
        for trade in trades:
            cycle = by_close[trade.closed_exec_id]
            assert Fraction(trade.gross_usd) == cycle.gross
            assert not cents_apart(trade.fees_usd, cycle.fees)
            assert trade.pnl_usd == trade.gross_usd - trade.fees_usd
            assert trade.outcome == (trade.pnl_usd > 0) - (trade.pnl_usd < 0)
        still = [cycle for cycle in found if not cycle.closed]
        position = Position.objects.filter(contract=contract).first()
        assert (position.quantity if position else 0) == sum(
            cycle.side * len(cycle.lots) for cycle in still
        )
        # Conservation: what was realised, and what is open at cost, is all the cash that moved.
        value = Fraction(contract.point_value)
        cash += sum(-r.side * r.quantity * Fraction(r.price) * value - Fraction(r.fees or 0)
                    for r, _ in own)  # fmt: skip
        cash += sum(cycle.side * lot * value for cycle in still for lot in cycle.lots)
        for cycle in found:
            for day, amount in cycle.by_day.items():
                booked_days[day] += amount
            if cycle.closed:
                closed_days[cycle.closed_on] += cycle.gross - cycle.fees
    days = defaultdict(Decimal), defaultdict(Decimal)
    for line in DayResult.objects.all():
        days[0][line.day] += line.realized_usd
        days[1][line.day] += line.pnl_usd
    assert set(days[0]) == {utc_day(row.executed_ns) for row, _ in kept}
    for day, amount in days[0].items():
        assert not cents_apart(amount, booked_days[day])
        assert not cents_apart(days[1][day], closed_days[day])
    # Fees were split, never lost: over all days the sum is exact.
    assert Fraction(sum(days[0].values())) == cash


def snapshot():
    return [
        sorted(map(repr, model.objects.order_by().values_list()))
        for model in (Fill, Trade, Position, DayResult)
    ]
