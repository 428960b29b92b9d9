"""Everything that can happen to books, in any order; at the end they must be those of a clean desk.

Deeds die at a random statement and are done again later, or never. A trader writes in between.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from accounts.access import Accounts, OwnJournal
from journal.actions import rolled
from ledger.actions import record_fills
from ledger.models import CandlesDue
from ledger.rebuild import rebuild
from tests.chaos.books import OPENING, Books, Crash, dying
from tests.chaos.story import DAY, Drawn
from tests.factories import AT
from tests.journal.succession_twin import Writer
from tests.ledger.conftest import NS

TAGS = list(range(6, 12))
STEPS = 130  # of half an hour: nearly three days
DRAWN = st.builds(
    Drawn,
    st.sampled_from((0, 0, 0, 0, 0, 1, 2)),
    st.sampled_from(
        ("es", "es", "es", "es", "es", "es", "jun", "eur", "eur", "eur", "dark", "new")
    ),
    st.sampled_from((1, -1)),
    st.integers(1, 3),
    st.integers(-20, 20),
    st.integers(0, STEPS),
    st.sampled_from((0, 0, 1, 2, 3600 * NS, 3 * DAY)),
    st.sampled_from((None, None, "0", "1.05", "0.33")),
)
PICK = st.integers(0, 10**6)
# The number of a statement at which the deed dies; mostly none does.
DIES = st.sampled_from((None,) * 20 + (0, 2, 5, 8, 12, 16, 20, 24, 28, 32, 40, 60))
_DEEDS_BETWEEN_LOOKS = 5


class Chaos(RuleBasedStateMachine):
    """A desk in one transaction that is undone at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.books = Books.made()
        self.story = self.books.story
        rolled.keep()
        self.empty = transaction.savepoint()
        accounts = Accounts.of([(account.pk, 0) for account in self.story.accounts[:2]])
        self.writer = Writer(OwnJournal(accounts, self.story.accounts[0].trader_id), AT)
        self.deeds = self.crashes = 0

    def teardown(self) -> None:
        try:
            self.end()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def end(self) -> None:
        """Deliver what is left, and compare with what a clean desk would have."""
        chance = random.Random(len(self.story.coming))
        while self.story.coming:
            self.bring(chance.randint(5, 40), chance.getrandbits(16), None)
        self.books.keep()
        self.books.reconcile()
        assert not CandlesDue.objects.exists()
        self.look()
        before = self.books.everything()
        rebuild(at=self.books.now)
        assert_same(self.books.everything(), before)
        self.writer.agrees()
        self.books.explains_itself()
        transaction.savepoint_rollback(self.empty)
        self.books.clean_replay()
        assert_same(before, self.books.everything())

    def do(self, deed: Callable[[], Any], dies: int | None = None) -> Any:
        """Do something to the tables; None if the process died over it."""
        self.books.now += timedelta(minutes=37)
        try:
            if dies is None:
                done = deed()
            else:
                with dying(dies):
                    done = deed()
        except Crash:
            self.crashes += 1
            self.books.restart()
            done = None
        self.writer.follow(self.story.cycles(), self.story.root)
        self.deeds += 1
        if self.deeds % _DEEDS_BETWEEN_LOOKS == 0:
            self.look()
            self.books.remember()
        return done

    def look(self) -> None:
        self.books.holds()
        self.writer.agrees()
        assert rolled.check() == rolled.Mended((), ())
        if self.deeds % 2:
            rolled.compact()

    # -- the exchange ----------------------------------------------------------------------------
    @initialize()
    def trades_that_are_written_about(self) -> None:
        for n, side in enumerate((1, -1) * 3):
            self.story.execute(Drawn(0, "es", side, 1, n, 20 * n, 0, None))
        for n, side in enumerate((1, -1)):
            self.story.execute(Drawn(0, "eur", side, 1, 9 * n, 30 * n, 0, None))
        self.bring(8, 1, None)
        for tag, trade in enumerate(self.writer.closed(), TAGS[0]):
            self.writer.tag(trade, [tag], anew=True)
            self.writer.note(trade, uuid4().hex)

    @rule(drawn=DRAWN, as_ghost=st.booleans())
    def executes(self, drawn, as_ghost) -> None:
        self.story.execute(drawn, as_ghost=as_ghost)

    @rule(drawn=DRAWN, steps=st.integers(0, 6), more=st.sampled_from((0, 0, 0, 1)))
    def goes_in_and_out(self, drawn, steps, more) -> None:
        """Trade to flat, or over it."""
        self.story.execute(drawn)
        out = drawn._replace(side=-drawn.side, quantity=drawn.quantity + more)
        self.story.execute(out._replace(step=drawn.step + steps, quarters=drawn.quarters + 3))

    @rule(drawn=DRAWN, others=st.lists(DRAWN, min_size=1, max_size=3))
    def executes_at_one_stamp(self, drawn, others) -> None:
        for one in (drawn, *others):
            self.story.execute(one._replace(step=drawn.step, place=drawn.place))

    @rule(drawn=DRAWN, is_told_whole=st.booleans())
    def trades_a_spread(self, drawn, is_told_whole) -> None:
        self.story.spread(drawn, is_told_whole=is_told_whole)

    @rule(drawn=DRAWN, synthetic=st.booleans())
    def tells_what_never_counts(self, drawn, synthetic) -> None:
        self.story.execute(drawn, synthetic=synthetic, is_option=not synthetic)

    @rule(pick=PICK, drawn=DRAWN)
    def corrects(self, pick, drawn) -> None:
        self.story.correct(pick, drawn)

    @rule(pick=PICK, drawn=DRAWN)
    def busts(self, pick, drawn) -> None:
        self.story.bust(pick, drawn)

    @rule(drawn=DRAWN, action=st.sampled_from(("correct", "cancel")))
    def names_what_is_to_come(self, drawn, action) -> None:
        self.story.name_a_ghost(drawn, action)

    # -- the line --------------------------------------------------------------------------------
    @precondition(lambda self: self.story.coming)
    @rule(most=st.integers(1, 8), order=st.integers(0, 2**16), dies=DIES)
    def bring(self, most, order, dies) -> None:
        """Bring a page of what is coming: any rows, in any order, beside some known ones."""
        chance = random.Random(order)
        chance.shuffle(self.story.coming)
        page, rest = self.story.coming[:most], self.story.coming[most:]
        again = chance.sample(list(self.story.told.values()), min(2, len(self.story.told)))
        rows = [*page, *(again if order % 3 == 0 else []), *(page[:1] if order % 5 == 0 else [])]
        recorded = self.do(lambda: self.books.deliver(rows), dies)
        if recorded is not None:
            self.story.coming = rest
            assert (recorded.new, recorded.conflicts) == (len(page), ())

    @precondition(lambda self: self.story.coming)
    @rule(most=st.integers(1, 5), order=st.integers(0, 2**16))
    def brings_a_little(self, most, order) -> None:
        self.bring(most, order, None)

    @precondition(lambda self: self.story.told)
    @rule(pick=PICK, more=st.integers(1, 3))
    def contradicts_itself(self, pick, more) -> None:
        """Tell a known row with other facts: it comes back, and the books stay as they are."""
        known = list(self.story.told.values())
        false = self.story.as_known(known[pick % len(known)])
        false = replace(false, quantity=false.quantity + more)
        recorded = self.do(lambda: record_fills([false], at=self.books.now))
        assert (recorded.new, recorded.conflicts) == (0, (false,))

    @precondition(lambda self: not self.story.known)
    @rule(dies=DIES)
    def finds_the_instrument(self, dies) -> None:
        self.do(self.books.find_instrument, dies)

    @precondition(lambda self: not self.story.priced)
    @rule(dies=DIES)
    def learns_the_point_value(self, dies) -> None:
        self.do(self.books.price_contract, dies)

    @rule(day=st.integers(0, 3), rate=st.sampled_from(("1.1", "0.9", "1.25")), dies=DIES)
    def quotes_a_rate(self, day, rate, dies) -> None:
        days = {(OPENING.date() + timedelta(days=day)): Decimal(rate)}
        self.do(lambda: self.books.quote(days), dies)

    @rule(day=st.integers(0, 2), fee=st.sampled_from(("2.18", "0.963333")), dies=DIES)
    def schedules_fees(self, day, fee, dies) -> None:
        since = OPENING.date() + timedelta(days=day)
        self.do(lambda: self.books.charge(since, Decimal(fee)), dies)

    @rule(step=st.integers(0, STEPS), quarters=st.integers(-30, 30), dies=DIES)
    def sends_bars(self, step, quarters, dies) -> None:
        self.do(lambda: self.books.trade_on(["es", "eur"], step, quarters), dies)

    @rule(dies=DIES)
    def keeps_candles(self, dies) -> None:
        self.do(self.books.keep, dies)

    @rule(dies=DIES)
    def reconciles(self, dies) -> None:
        self.do(self.books.reconcile, dies)

    @rule()
    def restarts(self) -> None:
        self.books.restart()

    # -- the trader ------------------------------------------------------------------------------
    @precondition(lambda self: self._mine())
    @rule(pick=PICK, tags=st.lists(st.sampled_from(TAGS), max_size=3), anew=st.booleans())
    def tags(self, pick, tags, anew) -> None:
        mine = self._mine()
        self.writer.tag(mine[pick % len(mine)], tags, anew=anew)

    @precondition(lambda self: self._mine())
    @rule(pick=PICK)
    def notes(self, pick) -> None:
        mine = self._mine()
        self.writer.note(mine[pick % len(mine)], uuid4().hex)

    def _mine(self) -> list:
        """Return closed trades of the accounts of the one who writes."""
        own = {account.pk for account in self.story.accounts[:2]}
        return sorted(
            one.id for one in self.writer.cycles
            if one.is_closed and next(iter(one.fills)).account_id in own
        )  # fmt: skip


def assert_same(one: dict[str, list], other: dict[str, list]) -> None:
    for table, rows in one.items():
        assert rows == other[table], table
