"""Whatever becomes of the fills: nothing that was written is lost, and it goes where it has to.

Tagging and noting interleaved with late, corrected and busted fills, flips, rows that wait for
their instrument, in any order, against a twin that works everything out from nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from accounts.access import Accounts, OwnJournal
from journal import actions
from journal.models import Comment, Entry, EntryTrade, Image
from journal.queries.detached import standing
from ledger.actions import resolve_instrument
from ledger.models import Position, Trade
from ledger.rebuild import rebuild
from tests.factories import AT
from tests.journal.succession_twin import Writer, cycles, root_of
from tests.ledger.conftest import NS, Books, books, ns

pytestmark = pytest.mark.django_db
__all__ = ["books"]

START = ns("2026-03-02 21:00:00")
TAGS = list(range(6, 12))
FILL = st.tuples(
    st.sampled_from(("es", "es", "es", "cl", None)),  # None: the instrument is not known yet
    st.sampled_from((1, -1)),
    st.integers(1, 2),  # contracts
    st.integers(0, 30),  # half hours: many equal stamps
    st.integers(0, 2),  # receive order inside the stamp
    st.sampled_from(("new",) * 5 + ("correct", "correct", "cancel")),
    st.integers(0, 45),  # which execution a correction or bust names; it may come later, or never
)
PICK = st.integers(0, 10**6)


class Desk(RuleBasedStateMachine):
    """One account, its journal, and the twin's idea of both."""

    def __init__(self, books: Books) -> None:
        super().__init__()
        self.books, self.trader = books, books.account.trader
        self.journal = OwnJournal(Accounts.of([(books.account.pk, 0)]), self.trader.pk)
        self.writer = Writer(self.journal, AT)
        self.rows, self.contracts = {}, {}
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.entry = Entry.objects.create(
            trader=self.trader, date=AT, title="x", created_at=AT, updated_at=AT
        )

    def teardown(self) -> None:
        rebuild(at=AT)
        self.as_the_twin_says()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # -- the provider ----------------------------------------------------------------------------
    @initialize()
    def some_round_trips(self) -> None:
        self.bring([("es", side, 1, 2 * n, 0, "new", 0) for n, side in enumerate((1, -1) * 4)])

    @rule(drawn=st.lists(FILL, min_size=1, max_size=4))
    def bring(self, drawn) -> None:
        batch = []
        for place, side, quantity, hour, later, action, names in drawn:
            exec_id = f"e{len(self.rows):02}"
            ref: str | None = f"e{names:02}"
            if action == "new":
                ref = None
            elif self.is_circle(exec_id, ref):
                continue
            stamp = START + hour * 1800 * NS
            contract = {"es": self.books.es, "cl": self.books.cl, None: None}[place]
            row = self.books.fill(
                side, quantity, executed_ns=stamp, received_ns=stamp + later, exec_id=exec_id,
                contract=contract, action=action, ref_exec_id=ref,
            )  # fmt: skip
            self.rows[exec_id] = row
            self.contracts[exec_id] = contract
            batch.append(row)
        self.books.record(*batch)
        self.follow()

    @precondition(lambda self: self.writer.written_about())
    @rule(
        which=PICK, picks=st.lists(PICK, min_size=1, max_size=3), hour=st.integers(0, 30),
        action=st.sampled_from(("correct", "cancel", "cancel")), beside=st.lists(FILL, max_size=2),
    )  # fmt: skip
    def strike(self, which, picks, hour, action, beside) -> None:
        """Bust or correct fills of what is written about, with others in the same batch."""
        about = self.writer.written_about()
        cycle = about[which % len(about)]
        fills = sorted(cycle.fills)
        hit = {fills[pick % len(fills)] for pick in picks}
        drawn = [
            ("es", self.rows[one].side, self.rows[one].quantity, hour, 2, action, int(one[1:]))
            for one in sorted(hit)
        ]
        self.bring([*drawn, *beside])

    @rule(pick=PICK)
    def bring_again(self, pick) -> None:
        self.books.record(list(self.rows.values())[pick % len(self.rows)])
        self.follow()

    @precondition(lambda self: any(self.is_waiting(one) for one in self.rows))
    @rule()
    def learn_the_instrument(self) -> None:
        account = self.books.account
        resolve_instrument(
            platform_id=account.platform_id, environment=account.environment,
            instrument_id="i-unknown", contract_id=self.books.es.pk, is_option=False, at=AT,
        )  # fmt: skip
        for exec_id in self.rows:
            self.contracts[exec_id] = self.contracts[exec_id] or self.books.es
        self.follow()

    # -- the trader ------------------------------------------------------------------------------
    @precondition(lambda self: self.writer.closed())
    @rule(pick=PICK, tags=st.lists(st.sampled_from(TAGS), max_size=3), anew=st.booleans())
    def tag(self, pick, tags, anew) -> None:
        self.writer.tag(self.one(pick), tags, anew=anew)

    @precondition(lambda self: self.writer.closed())
    @rule(pick=PICK, is_empty=st.sampled_from((False, False, False, True)))
    def note(self, pick, is_empty) -> None:
        self.writer.note(self.one(pick), "" if is_empty else uuid4().hex)

    @precondition(lambda self: self.writer.closed())
    @rule(pick=PICK, what=st.sampled_from(("images", "comments", "entries")))
    def show(self, pick, what) -> None:
        number = self.one(pick)
        about = {"account": self.books.account, "trade_id": number}
        made: Any
        if what == "images":
            made = Image.objects.create(
                **about, trader=self.trader, path=uuid4().hex, content_type="image/png", width=1,
                height=1, size=1, created_at=AT,
            ).pk  # fmt: skip
        elif what == "comments":
            made = Comment.objects.create(
                **about, trader=self.trader, author_name="x", by_coach=False, text="x",
                created_at=AT,
            ).pk  # fmt: skip
        else:
            EntryTrade.objects.get_or_create(**about, entry=self.entry)
            made = self.entry.pk
        getattr(self.writer.about(number), what).add(made)

    @precondition(lambda self: self.writer.detached() and self.writer.closed())
    @rule(pick=PICK, which=PICK)
    def attach(self, pick, which) -> None:
        lost = sorted(self.writer.detached())[which % len(self.writer.detached())]
        number = self.one(pick)
        actions.attach(journal=self.journal, detached_id=lost, trade_id=number)
        self.writer.about(number).join(self.writer.writings.pop(lost))

    # -- the twin --------------------------------------------------------------------------------
    def follow(self) -> None:
        now = cycles(self.rows, self.contracts, self.books.account)
        self.writer.follow(now, lambda exec_id: root_of(exec_id, self.rows))

    def one(self, pick):
        closed = self.writer.closed()
        return closed[pick % len(closed)]

    def is_waiting(self, exec_id) -> bool:
        return self.contracts[exec_id] is None

    def is_circle(self, exec_id, ref) -> bool:
        while ref is not None and ref != exec_id:
            ref = self.rows[ref].ref_exec_id if ref in self.rows else None
        return ref == exec_id

    @invariant()
    def as_the_twin_says(self) -> None:
        assert set(Trade.objects.values_list("id", flat=True)) == set(self.writer.closed())
        still = Position.objects.exclude(trade_id=None).values_list("trade_id", flat=True)
        assert {*still, *self.writer.closed()} == {cycle.id for cycle in self.writer.cycles}
        self.writer.agrees()
        shown = standing(self.journal.accounts).values_list("trade_id", flat=True)
        assert set(shown) == self.writer.detached()


def test_nothing_that_was_written_is_lost(books):
    run(
        lambda: Desk(books),
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
