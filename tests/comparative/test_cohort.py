"""min_cohort: what it hides, and that nothing hidden comes back by subtracting."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from comparative.cohort import EVERYBODY, HIDDEN, Cohort, Figure, total
from ledger.models import DayResult
from tests.factories import make_trade, make_trader, make_user

sums = st.builds(Figure, st.decimals(-99, 99, places=2), st.integers(1, 9))
figures = st.lists(st.one_of(st.just(HIDDEN), sums), max_size=8)


@given(st.integers(0, 5), st.integers(0, 6))
def test_hides_few_others_and_nobodys_and_ones_own(least, others):
    assert Cohort(least, ()).hides(others) == (others in range(1, least))
    assert not EVERYBODY.hides(others)
    found = Cohort(least, ()).atom(Decimal(7), 2, others)
    assert found == (HIDDEN if others in range(1, least) else Figure(Decimal(7), 2))


@given(figures)
def test_a_total_is_the_sum_of_what_is_told(rows):
    whole, told = total(rows), [row for row in rows if row is not HIDDEN]
    assert whole.left_out == len(rows) - len(told)
    assert whole.suppressed == (bool(rows) and not told)
    if whole.suppressed:
        assert (whole.pnl, whole.trade_count) == (None, None)
    else:
        assert whole.pnl == sum(row.pnl for row in told)
        assert whole.trade_count == sum(row.trade_count for row in told)


@given(figures, figures)
def test_totals_of_totals_are_totals(rows, more):
    halves = [total(half) for half in (rows, more) if half]
    assert total(halves) == total(rows + more)


def test_says_what_is_null_and_what_is_short():
    cohort, plain = Cohort(3, ()), Figure(Decimal(1), 1)
    few = "fewer than 3 other traders traded"
    null, short = f"pnl is null where suppressed: {few}", f"Sums leave out the days on which {few}"
    assert cohort.notes([plain]) == cohort.notes([]) == ()
    assert cohort.notes([plain, HIDDEN]) == (null,)
    assert cohort.notes([total([plain, HIDDEN])]) == (short,)
    assert cohort.notes([HIDDEN, total([plain, HIDDEN])]) == (null, short)


def test_others_are_traders_and_not_accounts(desk):
    """Two accounts of one peer are one other trader; the own accounts are none."""
    own = desk.ana.trader.accounts.get().pk
    bo = make_trader(desk.group, accounts=2)
    for account in bo.accounts.all():
        make_trade(account)
    make_trade(desk.ana)
    cells = DayResult.objects.values_list("day").annotate(Sum("trade_count"))
    assert cells.annotate(others=Cohort(3, (own,)).others()).get()[-1] == 1
    assert cells.annotate(others=Cohort(3, ()).others()).get()[-1] == 2
    assert cells.annotate(others=EVERYBODY.others()).get()[-1] == 0


# -- the attacker -------------------------------------------------------------------------------
FIRST, DAYS, SYMBOLS = date(2026, 3, 2), 5, ("ES", "CL", "GC")
RANGES = [(a, b) for a in range(DAYS) for b in range(a, DAYS)]


@pytest.fixture
def market(desk):
    """Let ana and four peers trade; no two results nor sums of results are equal."""
    chance = random.Random(11)
    peers = [desk.bo.trader, *(make_trader(desk.group) for _ in range(3))]
    results = {}
    for day in range(DAYS):
        for symbol in SYMBOLS:
            crowd = chance.sample(peers, chance.choice([0, 1, 1, 2, 3, 4]))
            for trader in [*crowd, *chance.sample([desk.ana.trader], chance.choice([0, 1]))]:
                pnl = Decimal(chance.randrange(10**8)).scaleb(-2)
                make_trade(trader, pnl=str(pnl), day=FIRST.day + day, symbol=symbol)
                results[day, symbol, trader.pk] = pnl
    return results


def told(read, user):
    """Return every sum that a viewer reads: by range and product, None for all products."""
    found = {}
    for first, last in RANGES:
        params = {
            "start_date": str(FIRST + timedelta(days=first)),
            "end_date": str(FIRST + timedelta(days=last)),
        }
        rows = read(user, "comparative/performance-by-product", **params)["data"]
        for row in rows:
            if row["pnl"] is not None:
                found[first, last, row["product"]] = Decimal(str(row["pnl"]))
        found[first, last, None] = sum(
            (pnl for key, pnl in found.items() if key[:2] == (first, last)), Decimal(0)
        )
        days = read(user, "comparative/performance-by-time", **params)["data"]
        for day in days:
            at = (date.fromisoformat(day["date"]) - FIRST).days
            for row in day["products"]:
                if row["pnl"] is not None:
                    found[at, at, row["product"]] = Decimal(str(row["pnl"]))
    return found


def recovered(found, results, own):
    """Return the secrets that come out by subtracting: the own, other ranges, parts of a total."""
    mine = {
        (first, last, symbol): sum(
            pnl
            for (day, product, trader), pnl in results.items()
            if trader == own and first <= day <= last and symbol in (None, product)
        )
        for first, last in RANGES
        for symbol in (None, *SYMBOLS)
    }
    reach = [*found.values(), *(pnl - mine[key] for key, pnl in found.items())]
    reach += [a - b for a, b in combinations(reach, 2)]
    reach += [a - b for a, b in combinations({*mine.values()}, 2)]
    known = {abs(value) for value in reach}
    return {key for key, secret in _secrets(results, own).items() if secret in known}


def _secrets(results, own):
    """Return what fewer than 3 others made on a day in a product, one by one and two by two."""
    cells = {}
    for (day, symbol, trader), pnl in results.items():
        if trader != own:
            cells.setdefault((day, symbol), {})[trader] = pnl
    return {
        (*cell, *some): sum(others[trader] for trader in some)
        for cell, others in cells.items()
        for size in (1, 2)
        for some in combinations(sorted(others), size)
    }


def test_subtracting_gives_nobody_away(desk, read, market, cohort_of):
    own = desk.ana.trader_id
    secrets = _secrets(market, own)
    assert len(secrets) >= 30
    assert len(recovered(told(read, desk.ana), market, own)) > 8  # off, it does: the attack works

    cohort_of(3)
    assert recovered(told(read, desk.ana), market, own) == set()
    una = make_user(group=desk.group)  # nothing of her own to subtract
    assert recovered(told(read, una), market, None) == set()


def test_what_is_hidden_changes_no_byte_anywhere(desk, as_user, april, market, cohort_of):
    """Whoever trades where fewer than 3 others do may make anything: no sum or rate tells."""
    cohort_of(3)
    own, crowds = desk.ana.trader_id, {}
    for day, symbol, trader in market:
        if trader != own:
            crowds.setdefault((day, symbol), set()).add(trader)
    before = _bodies(as_user(desk.ana))
    changed = 0
    for (day, symbol), crowd in crowds.items():
        if len(crowd) < 3:
            changed += 1
            for pnl in ("-7777.77", "0"):
                trader = type(desk.bo.trader).objects.get(pk=min(crowd))
                make_trade(trader, pnl=pnl, day=FIRST.day + day, symbol=symbol)
    assert changed > 3
    assert _bodies(as_user(desk.ana)) == before


def _bodies(client):
    return [
        client.get(
            f"/api/v1/comparative/{name}",
            {
                "start_date": str(FIRST + timedelta(days=first)),
                "end_date": str(FIRST + timedelta(days=last)),
            },
        ).content
        for first, last in RANGES
        for name in ("performance-by-time", "performance-by-product", "win-loss-ratio")
    ]


def test_days_add_up_to_any_period(desk, read, market, cohort_of):
    """The sum over a period is the sum of its days, so two periods differ by whole days."""
    cohort_of(3)
    found = told(read, desk.ana)
    for (first, last, symbol), pnl in found.items():
        days = [found.get((day, day, symbol), 0) for day in range(first, last + 1)]
        assert pnl == sum(days)
    for a, b in pairwise(range(DAYS)):
        assert found[a, b, None] - found[a, a, None] == found[b, b, None]
