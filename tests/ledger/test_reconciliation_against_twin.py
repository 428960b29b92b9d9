"""Fills in any order and batches, and any tampering: the slow auditor finds the same states."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from ledger.models import (
    Fill,
    Position,
    ReconciledDay,
    ReportedPosition,
    SecondFill,
    State,
    Trade,
)
from ledger.reconciliation import ReadTo, check, keep
from tests.ledger.conftest import NS, ns
from tests.ledger.reconciliation_twin import audit

pytestmark = pytest.mark.django_db

START = ns("2026-03-02 21:00:00")
FIRST = date(2026, 3, 2)
AT = datetime(2026, 3, 8, 12, tzinfo=UTC)
one_fill = st.tuples(
    st.booleans(),  # which contract
    st.sampled_from((1, -1)),
    st.integers(1, 3),  # contracts
    st.integers(-20, 20),  # quarter points
    st.integers(0, 15),  # times six hours: equal stamps, and days without a fill
    st.sampled_from((0, 0, 0, 1, 30 * 60, 26 * 3600)),  # seconds until it is reported
    st.sampled_from(("new",) * 7 + ("correct", "cancel")),
    st.integers(0, 16),  # which execution a correction or bust names
)
tampering = st.lists(
    st.tuples(
        st.sampled_from(
            ("trade", "gross", "position", "fill", "waiting", "told", "told", "second", "copied")
        ),
        st.integers(0, 20),
        st.integers(-2, 2),
    ),
    max_size=4,
)


def reported(books, drawn):
    for number, (es, side, quantity, quarters, step, later, action, names) in enumerate(drawn):
        if action != "new" and names >= number:  # of an earlier row: no circles
            action = "new"
        executed = START + step * 6 * 3600 * NS
        yield books.fill(
            side, quantity, Decimal(quarters) / 4, executed_ns=executed,
            received_ns=executed + later * NS, exec_id=f"e{number:02}",
            contract=books.es if es else books.cl, action=action,
            ref_exec_id=None if action == "new" else f"e{names:02}",
        )  # fmt: skip


def table():
    return {
        (row.account_id, row.contract_id, row.day): (
            row.state, row.position, row.bought, row.sold, row.fill_count,
        )
        for row in ReconciledDay.objects.all()
    }  # fmt: skip


def whole():
    names = [f.attname for f in ReconciledDay._meta.concrete_fields if f.name != "checked_at"]
    return sorted(ReconciledDay.objects.values_list(*names), key=str)


def tamper(books, what, number, amount):
    """Change one thing behind the ledger's back."""
    pick = lambda rows: rows[number % len(rows)] if rows else None  # noqa: E731
    trade = pick(list(Trade.objects.order_by("closed_ns", "id")))
    fill = pick(list(Fill.objects.filter(state="usable").order_by("executed_ns", "exec_id")))
    if what == "trade" and trade:
        Trade.objects.filter(id=trade.id).delete()
    elif what == "gross" and trade:
        Trade.objects.filter(id=trade.id).update(gross_native=F("gross_native") + amount)
    elif what == "position":
        for position in Position.objects.all():
            Position.objects.filter(
                account=position.account_id, contract=position.contract_id
            ).update(quantity=position.quantity + amount)
    elif what in ("fill", "waiting") and fill:
        state = State.EXCLUDED if what == "fill" else State.WAITING
        Fill.objects.filter(exec_id=fill.exec_id).update(state=state)
    elif what == "told":
        taken = datetime.fromtimestamp(START // NS + number * 5 * 3600 + 40 * amount, UTC)
        key = {"account": books.account, "day": taken.date(), "contract": books.es}
        if not ReportedPosition.objects.filter(**key).exists():
            ReportedPosition.objects.create(**key, quantity=amount, taken_at=taken)
    elif what == "second":
        SecondFill.objects.get_or_create(
            account=books.account, identity=f"s{number}",
            defaults={
                "contract": books.es, "day": FIRST + timedelta(days=number % 5), "quantity": 2,
                "side": 1 if amount > 0 else -1, "source": "file", "stored_at": AT,
            },
        )  # fmt: skip
    elif what == "copied" and trade:
        Trade.objects.filter(id=trade.id).update(is_copied=True)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
@given(
    st.lists(one_fill, min_size=1, max_size=16),
    tampering,
    st.one_of(st.none(), st.integers(-3, 140)),
    st.randoms(use_true_random=False),
)
def test_the_slow_auditor_finds_the_same(books, drawn, tampered, read_hours, chance):
    rows = list(reported(books, drawn))
    read_ns = None if read_hours is None else START + read_hours * 3600 * NS
    asked = lambda accounts: (  # noqa: E731
        {} if read_ns is None else {account: ReadTo(read_ns) for account in accounts}
    )
    with transaction.atomic():
        chance.shuffle(rows)
        now = AT - timedelta(days=4)
        while rows:
            cut = chance.randint(1, len(rows))
            books.record(*rows[:cut])
            rows = rows[cut:]
            if chance.random() < 0.5:
                keep(at=now, asked=asked)
                now += timedelta(days=1, hours=1) if now < AT - timedelta(days=2) else timedelta()
        keep(at=AT, asked=asked)
        kept = whole()
        assert table() == audit(AT, read_ns)
        assert not ReconciledDay.objects.filter(state="skipped").exists()
        check(at=AT, asked=asked)
        assert whole() == kept

        for one in tampered:
            tamper(books, *one)
        check(at=AT, asked=asked)
        assert table() == audit(AT, read_ns)
        for state in set(ReconciledDay.objects.values_list("state", flat=True)):
            event(state)
        kept = whole()
        check(at=AT, since=FIRST + timedelta(days=3), asked=asked)
        assert whole() == kept
        transaction.set_rollback(True)
