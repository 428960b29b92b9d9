"""What is said: against the trades one by one, in words alone where others read it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import product as every_pair

import pytest
from django.db.models import Q

from journal.models import WelcomePrompt
from journal.queries import rows
from journal.week import DayPnl, ProductResult, Week, own_week, shared_week
from journal.wording import OWN, SHARED, words
from ledger.models import Trade
from tests.factories import make_trade, make_trader
from tests.journal.conftest import MONDAY
from tests.seeded import seed_books

NOTHING = Week(traded=False)
START = date.fromisoformat(MONDAY)


class Twin:
    """Last week the slow way, trade by trade, from the definitions."""

    def __init__(self, trades: list[Trade], monday: date, *, least: int | None = None):
        self.first = monday - timedelta(days=7)
        inside = [t for t in trades if self.first - timedelta(days=28) <= t.closed_on < monday]
        self.traded = any(t.closed_on >= self.first for t in inside)
        told = [t for t in inside if t.pnl_usd is not None]
        if least is not None:
            told = [t for t in told if len(self._around(t, told)) > least]
        self.last = [t for t in told if t.closed_on >= self.first]
        self.earlier = [t for t in told if t.closed_on < self.first]
        self.fewest = 1 if least is None else max(3, least) + 1

    @staticmethod
    def _around(trade, told):
        return {
            t.account.trader_id
            for t in told
            if (t.closed_on, t.product_id) == (trade.closed_on, trade.product_id)
        }

    def products(self):
        found = []
        for product in {t.product for t in self.last}:
            those = [t for t in self.last if t.product == product]
            if len({t.account.trader_id for t in those}) >= self.fewest:
                pnl = sum(t.pnl_usd for t in those)
                found.append((product.symbol, pnl, len(those)))
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def days(self):
        days = {t.closed_on for t in self.last}
        sums = [(day, sum(t.pnl_usd for t in self.last if t.closed_on == day)) for day in days]
        return sorted(sums, key=lambda one: (-one[1], one[0]))

    def counts(self):
        return tuple(
            n
            for those in (self.last, self.earlier)
            for n in (len(those), sum(t.outcome == 1 for t in those))
        )


def same(week: Week, twin: Twin) -> bool:
    assert week.traded == twin.traded
    assert [(one.symbol, one.pnl, one.trades) for one in week.products] == twin.products()
    assert [(one.day, one.pnl) for one in week.days] == twin.days()
    counts = (week.trades, week.wins, week.earlier_trades, week.earlier_wins)
    assert counts == twin.counts()
    return True


@pytest.mark.parametrize("seed", range(3))
def test_a_week_agrees_with_the_slow_way(desk, team, seed):
    books = [t for t in seed_books(desk, seed, fills=25) if not t.account.is_sim]
    for monday, least in every_pair(
        (date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23), START), (0, 1, 3)
    ):
        ids = {user.trader_id for user in (desk.ana, desk.bo, desk.otto, *team)} - {None}
        live = Q(account__is_sim=False)
        for pk in ids:
            found = own_week(rows(of=live & Q(account__trader=pk), monday=monday), monday=monday)
            assert same(found, Twin([t for t in books if t.account.trader_id == pk], monday))
        found = shared_week(
            rows(of=live & Q(account__trader__in=ids), monday=monday), monday=monday, least=least
        )
        group = [t for t in books if t.account.trader_id in ids]
        assert same(found, Twin(group, monday, least=least))


def every_wording(week, *, shared):
    return {words(week, whom=f"{n}", monday=START, shared=shared) for n in range(400)}


def a_week(**given):
    es = ProductResult(1, "ES", Decimal("1234.567891"), 7)
    cl = ProductResult(2, "CL", Decimal("-76"), 1)
    days = (
        DayPnl(START - timedelta(days=5), Decimal(1300)),
        DayPnl(START - timedelta(days=3), Decimal("-41.432109")),
    )
    usual = {"products": (es, cl), "days": days, "trades": 8, "wins": 5, "earlier_trades": 40,
             "earlier_wins": 20}  # fmt: skip
    return Week(traded=True, **usual | given)


def test_a_traders_own_words_name_the_figures():
    found = every_wording(a_week(), shared=False)
    assert len(found) == len(OWN["standout"]) + len(OWN["days"]) + len(OWN["better"])
    for said in found:
        figures = re.findall(r"[+-]?[\d,.]*\d%?", said.message)
        if said.product_symbol:
            assert (said.product_symbol, said.product_id) == ("ES", 1)
            assert figures == ["+1,234.57", "7"]
        elif "Wednesday" in said.message:
            assert "Friday" in said.message
            assert set(figures) == {"+1,300.00", "-41.43"}
        else:
            assert set(figures) == {"62%", "50%"}


def test_a_groups_words_hold_no_figure():
    weeks = [
        a_week(), a_week(wins=2), a_week(wins=4), a_week(products=()), NOTHING,
        Week(traded=True), a_week(products=a_week().products[1:]),
    ]  # fmt: skip
    said = {one.message for week in weeks for one in every_wording(week, shared=True)}
    assert len(said) == sum(len(sentences) for sentences in SHARED.values())
    assert not [message for message in said if re.search(r"\d|%|USD|{", message)]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(
    ("week", "topic"),
    [
        (NOTHING, "quiet"),
        (Week(traded=True), "plain"),  # all of it waits for a rate, or may not be told
        (a_week(days=(), trades=0), "standout"),
        (a_week(days=(), trades=0, products=a_week().products[1:]), "toughest"),
        (a_week(products=(), trades=0), "days"),
        (a_week(products=(), days=()), "better"),
        (a_week(products=(), days=(), wins=3), "worse"),
        (a_week(products=(), days=(), wins=4), "alike"),
        (a_week(products=(), days=(), earlier_trades=0), "plain"),
        (a_week(products=(), days=a_week().days[:1], trades=0), "plain"),
    ],
)
def test_each_week_has_words(week, topic, shared):
    sentences = (SHARED if shared else OWN)[topic]
    found = {one.message for one in every_wording(week, shared=shared)}
    assert len(found) == len(sentences)
    for message in found:
        pattern = [re.sub(r"\\{\w+\\}", ".+", re.escape(sentence)) for sentence in sentences]
        assert any(re.fullmatch(one, message) for one in pattern)


def test_the_same_is_chosen_each_time_and_others_elsewhere():
    week = a_week()
    assert len({words(week, whom="trader 7", monday=START, shared=False) for _ in range(5)}) == 1
    mondays = [START + timedelta(days=7 * n) for n in range(20)]
    assert len({words(week, whom="trader 7", monday=day, shared=False) for day in mondays}) > 3


@pytest.mark.parametrize(("traders", "named"), [(3, None), (4, "ES")])
def test_a_product_is_named_where_three_others_traded_it(desk, greeting, traders, named):
    for _ in range(traders):
        make_trade(make_trader(desk.group), day=24)
    assert greeting(desk.cora)["product_symbol"] == named


def test_the_groups_min_cohort_holds_back_days(desk, greeting):
    """Four trade over the week, but no day of the product has four others behind it."""
    desk.group.min_cohort = 4
    desk.group.save()
    for _ in range(4):
        trader = make_trader(desk.group)
        make_trade(trader, day=24)
        make_trade(trader, day=25, pnl="-20")
    found = greeting(desk.cora)
    assert found["product_symbol"] is None
    assert found["prompt_message"] in SHARED["plain"]

    desk.group.min_cohort = 3
    desk.group.save()
    assert greeting(desk.cora)["prompt_message"] not in SHARED["plain"]


@pytest.mark.parametrize("factor", ["1", "3", "50"])
def test_a_lone_peer_changes_no_byte(desk, as_user, factor):
    desk.group.min_cohort = 3
    desk.group.save()
    for _ in range(4):
        make_trade(make_trader(desk.group), day=24)
    make_trade(desk.otto, pnl="5", day=25, symbol="CL")
    before = as_user(desk.cora).get("/api/v1/welcome-prompt").content
    make_trade(desk.bo, pnl=f"-{factor}00", day=25, symbol="GC")
    make_trade(desk.otto, pnl=f"{factor}00", day=25, symbol="CL")
    assert as_user(desk.cora).get("/api/v1/welcome-prompt").content == before


def test_a_longer_delay_holds_back_the_last_days(desk, greeting, settings):
    settings.COMPARATIVE_DELAY_DAYS = 8
    make_trade(desk.bo, day=24)
    quiet = greeting(desk.cora)["prompt_message"]
    assert quiet in SHARED["quiet"]
    assert greeting(desk.bo)["trader_id"] == desk.bo.trader_id  # one's own is told at once
    settings.COMPARATIVE_DELAY_DAYS = 7
    assert greeting(desk.cora)["prompt_message"] in SHARED["plain"]
    assert WelcomePrompt.objects.filter(trader=None).count() == 1
