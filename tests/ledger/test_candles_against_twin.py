"""Whatever comes, in whatever order, the candles that are kept are those of the slow twin."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from futures.bars import NewBar
from ledger.actions import follow_accounts, record_bars, record_fills, record_rates, release_held
from ledger.candles import keep, rebuild_all
from ledger.models import CandlesDue, DayCandle, Trade
from tests.factories import make_account
from tests.ledger.candle_books import check
from tests.ledger.conftest import AT, NS, make_contract, ns
from tests.ledger.test_books_against_twin import acyclic
from tests.ledger.test_candles_kept import everything
from traders.actions import move_account

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 20, tzinfo=UTC)
STEP = timedelta(hours=2)  # midnight after two of them
contracts = st.integers(0, 3)
steps = st.integers(0, 24)
one_fill = st.tuples(
    st.just("fill"),
    st.integers(0, 2),  # which account: two of one trader, one of another
    contracts,
    st.sampled_from((1, -1)),
    st.integers(1, 3),  # contracts
    st.integers(-20, 20),  # quarter points
    steps,
    st.integers(0, 90),  # seconds within: often the same minute
    st.sampled_from((None, "0", "1.05", "0.33")),  # fees
    st.sampled_from(("new",) * 8 + ("correct", "cancel")),
    st.integers(0, 40),  # which execution a correction or bust names
)
one_bar = st.tuples(
    st.just("bar"), contracts, steps, st.integers(0, 2), st.lists(st.integers(-24, 24), min_size=4,
                                                                  max_size=4)
)  # fmt: skip
one_rate = st.tuples(st.just("rate"), st.integers(0, 3), st.sampled_from(("1.1", "0.9", "1.25")))
one_move = st.tuples(st.just("move"), st.booleans())
one_keep = st.tuples(st.just("keep"))
events = st.lists(
    st.one_of(one_fill, one_fill, one_fill, one_bar, one_bar, one_rate, one_move, one_keep),
    min_size=4,
    max_size=40,
)


@pytest.fixture
def desk(books):
    """Two accounts of a trader and one of another; two months of ES, CL, and FESX in euros."""
    books.accounts = [books.account, make_account(books.account.trader), books.other]
    books.contracts = [
        books.es,
        make_contract("ES", "ES Jun26", date(2026, 6, 1)),
        books.cl,
        make_contract("FESX", "FESX Mar26", date(2026, 3, 1)),
    ]
    return books


def happen(desk, number, event):
    kind, *told = event
    if kind == "fill":
        account, contract, side, quantity, quarters, step, second, fees, action, names = told
        executed = ns(f"{START + step * STEP:%Y-%m-%d %H:%M:%S}") + second * NS
        fill = desk.fill(
            side, quantity, Decimal(100) + Decimal(quarters) / 4, executed_ns=executed,
            account_id=desk.accounts[account].pk, exec_id=f"e{number:02}",
            contract=desk.contracts[contract], fees=None if fees is None else Decimal(fees),
            action=action, ref_exec_id=None if action == "new" else f"e{names:02}",
        )  # fmt: skip
        if names != number and acyclic([*desk.reported, fill]):
            desk.reported.append(fill)
            record_fills([fill], at=AT)
    elif kind == "bar":
        contract, step, minute, quarters = told
        prices = [Decimal(100) + Decimal(one) / 4 for one in quarters]
        at = START + step * STEP + timedelta(minutes=minute)
        bar = NewBar(desk.contracts[contract].pk, at, prices[0], max(prices), min(prices),
                     prices[3], 1)  # fmt: skip
        record_bars([bar])
    elif kind == "rate":
        day, rate = told
        record_rates([("EUR", START.date() + timedelta(days=day), Decimal(rate))], source="test")
        release_held(currency="EUR", days=[START.date() + timedelta(days=day)], at=AT)
    elif kind == "move":
        trader = desk.other.trader if told[0] else desk.account.trader
        desk.accounts[1].refresh_from_db()
        follow_accounts(move_account(account=desk.accounts[1], trader=trader, by="", at=AT), at=AT)
    else:
        keep(at=AT)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(events)
def test_what_is_kept_is_what_the_twin_says(desk, drawn):
    desk.reported = []
    with transaction.atomic():
        for number, event in enumerate(drawn):
            happen(desk, number, event)
        keep(at=AT)
        assert not CandlesDue.objects.exists()
        check()
        before = everything()
        assert rebuild_all().changed == 0
        assert everything() == before
        transaction.set_rollback(True)


def by_chance(chance, number):
    """Draw what happens next: mostly minutes of bars, and fills near each other."""
    kind = chance.choices(("fill", "bar", "rate", "move", "keep"), (12, 12, 1, 0.3, 1))[0]
    if kind == "fill":
        return (
            kind, chance.randrange(3), chance.randrange(4), chance.choice((1, -1)),
            chance.randint(1, 3), chance.randint(-20, 20), chance.randint(0, 24),
            chance.randint(0, 90), chance.choice((None, "1.05", "0.33")),
            chance.choice(("new",) * 12 + ("correct", "cancel")), chance.randint(0, number + 1),
        )  # fmt: skip
    if kind == "bar":
        quarters = [chance.randint(-24, 24) for _ in range(4)]
        return kind, chance.randrange(4), chance.randint(0, 24), chance.randint(0, 2), quarters
    if kind == "rate":
        return kind, chance.randint(0, 3), chance.choice(("1.1", "0.9", "1.25"))
    return (kind, chance.random() < 0.5) if kind == "move" else (kind,)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_history_too(desk, seed):
    chance = random.Random(seed)
    desk.reported = []
    for number in range(260):
        happen(desk, number, by_chance(chance, number))
    keep(at=AT)
    check()
    assert DayCandle.objects.filter(product_id=0).exclude(merged=[]).exists()
    assert Trade.objects.filter(mae_usd__lt=0, mfe_usd__gt=0).count() > 5
    assert any(trade.opened_at.date() < trade.closed_on for trade in Trade.objects.all())
    before = everything()
    DayCandle.objects.all().delete()
    Trade.objects.update(mae_usd=1, mfe_usd=1)
    rebuild_all()
    assert everything() == before
