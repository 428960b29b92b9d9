"""The model market, the people in it, and what makes them differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from ingestion.simulator import Setup, Simulator
from ingestion.simulator.listings import products
from ingestion.simulator.market import FIRST_YEAR, ModelMarket
from ingestion.simulator.sessions import is_holiday, open_minutes
from tests.ingestion.simulator_reader import NS, at

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "bars"
BY_SYMBOL = {one.symbol: one for one in products(25)}
START = date(2026, 1, 5)
DAYS = 26


@pytest.fixture(scope="module")
def demo_months():
    """Four weeks of the demo's people, long over."""
    return Simulator(Setup(start=START, days=DAYS), clock=lambda: at(date(2027, 1, 1)))


@pytest.fixture(scope="module")
def truth(demo_months):
    return demo_months.truth()


@pytest.fixture(scope="module")
def executions(demo_months, truth):
    """Trader -> booked executions."""
    of = {
        (account.environment, account.account_id): trader
        for trader in demo_months.population.traders
        for account in trader.accounts
    }
    found = defaultdict(list)
    for (environment, account, _), row in truth.effective.items():
        found[of[environment, account].index].append(row.told)
    return found


def test_any_day_can_be_asked_first():
    day = date(2026, 3, 4)
    contract = BY_SYMBOL["ES"].front(day)
    one, other = ModelMarket(7), ModelMarket(7)
    one.day(BY_SYMBOL["CL"].front(day), day + timedelta(days=40))

    np.testing.assert_array_equal(one.day(contract, day).ticks, other.day(contract, day).ticks)
    assert not np.array_equal(ModelMarket(8).day(contract, day).ticks, one.day(contract, day).ticks)


def test_days_join_without_a_jump():
    market = ModelMarket(7)
    for symbol in ("ES", "ZN", "6J", "NG"):
        contract = BY_SYMBOL[symbol].front(date(2026, 3, 4))
        before = market.day(contract, date(2026, 3, 3))
        after = market.day(contract, date(2026, 3, 4))
        assert abs(int(after.ticks[0]) - int(before.ticks[-1])) <= 2 + before.swing


def test_the_model_knows_where_it_begins():
    with pytest.raises(ValueError, match="no day before"):
        ModelMarket(7).price(BY_SYMBOL["ES"], date(FIRST_YEAR - 1, 12, 31))


@pytest.mark.parametrize("symbol", sorted(BY_SYMBOL))
def test_prices_stay_plausible_for_years(symbol):
    product = BY_SYMBOL[symbol]
    market = ModelMarket(7)
    seen = [market.price(product, date(year, 6, 15)) for year in range(2013, 2030)]

    assert min(seen) > product.level * 0.25
    assert max(seen) < product.level * 4


@pytest.mark.parametrize(
    ("symbol", "moment", "is_open"),
    [
        ("ES", "2026-03-02 22:30", False),  # Monday in winter: closed from 22:00 to 23:00
        ("ES", "2026-03-02 23:00", True),
        ("ES", "2026-07-06 21:30", False),
        ("ES", "2026-07-05 22:01", True),  # Sunday evening
        ("ES", "2026-07-04 15:00", False),  # Saturday
        ("ZC", "2026-07-06 18:30", False),
        ("FDAX", "2026-07-06 06:00", True),
        ("NK", "2026-07-06 12:00", False),
        ("MBT", "2026-07-04 15:00", True),  # crypto never sleeps
        ("ES", "2026-12-25 15:00", False),
        ("ES", "2026-04-03 15:00", False),  # Good Friday
    ],
)
def test_sessions_follow_the_list_of_products(symbol, moment, is_open):
    at_moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    minutes = open_minutes(BY_SYMBOL[symbol], at_moment.date())

    assert minutes[at_moment.hour * 60 + at_moment.minute] == is_open


def test_holidays_are_found():
    assert is_holiday(date(2025, 4, 18))
    assert is_holiday(date(2027, 3, 26))
    assert not is_holiday(date(2026, 4, 6))


def test_contracts_roll_before_they_expire():
    es, cl = BY_SYMBOL["ES"], BY_SYMBOL["CL"]

    assert es.front(date(2026, 3, 11)).name == "ES Mar26"
    assert es.front(date(2026, 3, 12)).name == "ES Jun26"
    assert es.second(date(2026, 3, 11)).name == "ES Jun26"
    assert len({cl.front(date(2026, 1, 1) + timedelta(days=day)).name for day in range(365)}) == 13
    for product in BY_SYMBOL.values():
        for number in range(0, 365, 7):
            day = date(2026, 1, 1) + timedelta(days=number)
            assert product.front(day).expires_on > day


def test_the_demo_has_the_people_it_should(demo_months):
    people = demo_months.population

    assert len(people.traders) == 60
    assert len(demo_months.products) == 25
    assert sum(one.environment == "ext_prod_live" for one in people.accounts) == 72
    assert sum(one.environment == "ext_prod_sim" for one in people.accounts) == 6
    assert [sum(one.company == n for one in people.traders) for n in range(3)] == [30, 18, 12]
    assert {one.currency for one in demo_months.products.values()} == {"USD", "EUR", "GBP", "JPY"}
    assert len({one.style for one in people.traders}) == 6
    assert sum(one.is_archived for one in people.traders) == 3
    assert len({one.name for one in people.traders}) == 60
    assert len({account.account_id for account in people.accounts}) == len(people.accounts)


def test_a_year_of_the_demo_has_the_volume_it_should(truth):
    assert 130_000 < len(truth.told) * 365 / (DAYS + 2) < 230_000


def test_styles_differ(demo_months, executions):
    holds = defaultdict(list)
    for trader in demo_months.population.traders:
        by_contract = defaultdict(list)
        for one in executions[trader.index]:
            by_contract[one.instrument].append(one)
        for rows in by_contract.values():
            rows.sort(key=lambda one: one.ns)
            position, opened = 0, 0
            for one in rows:
                opened = one.ns if position == 0 else opened
                position += one.signed
                if position == 0:
                    holds[trader.style].append((one.ns - opened) / NS)
    typical = {style: median(values) for style, values in holds.items()}

    assert typical["scalper"] < 600 < typical["day trader"] < 7200
    assert typical["swing"] > 12 * 3600
    assert typical["spread"] > 3600


def test_weekdays_sessions_and_products_differ(demo_months, executions):
    weekdays: Counter[int] = Counter()
    hours, symbols = defaultdict(list), {}
    for trader in demo_months.population.traders:
        for one in executions[trader.index]:
            moment = datetime.fromtimestamp(one.ns / NS, UTC)
            weekdays[moment.weekday()] += 1
            hours[trader.office].append(moment.hour + moment.minute / 60)
        symbols[trader.index] = frozenset(one.product.symbol for one in executions[trader.index])

    assert weekdays[4] < 0.9 * weekdays[2]  # Friday is quieter
    assert weekdays[5] == 0
    assert median(hours["Singapore"]) < median(hours["London"]) < median(hours["New York"])
    assert len(set(symbols.values())) > 20


def test_skill_pays(demo_months, executions):
    """Gross USD per contract traded, the skilful half against the other."""
    made = defaultdict(list)
    for trader in demo_months.population.traders:
        done = [one for one in executions[trader.index] if one.product.currency == "USD"]
        if trader.style in ("swing", "spread") or not done:
            continue
        cash = -sum(one.signed * one.ticks * float(one.product.tick_value) for one in done)
        made[trader.skill > 0.5].append(cash / sum(abs(one.signed) for one in done))

    assert sum(made[True]) / len(made[True]) > sum(made[False]) / len(made[False])


def test_every_week_ends_flat_within_the_next_two(demo_months, truth):
    last = max(row.stamp for row in truth.told.values())

    assert truth.positions == {}
    assert last < at(START) + (DAYS + 16) * 86_400 * NS
    assert demo_months.books.positions(0, "ext_prod_live", now=last) == {}
    middle = at(START) + 9 * 86_400 * NS + 5 * 3600 * NS
    assert demo_months.books.positions(0, "ext_prod_live", now=middle) != {}
