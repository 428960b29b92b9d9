"""Candles of PnL through the API against the slow way, to the cent and field by field."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from futures.bars import NewBar
from futures.models import Contract, FxRate
from ledger import candles
from ledger.actions import record_bars, record_fills
from tests.factories import AT, make_contract, make_trader, new_fill
from tests.oracles import figures
from tests.oracles.book import Cycle, half_even, instant, keep, usd
from tests.oracles.candles import Bars, Series, beside, days, of_day, realized, the_day
from tests.oracles.desk_of_chance import execution
from tests.oracles.test_whole_api import readings, same

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
PERIODS = ((MARCH[0], date(2026, 3, 28)), (date(2026, 3, 9), date(2026, 3, 11)))


@dataclass(frozen=True)
class Drawn:
    """Some accounts' cycles, the bars, and what a currency is worth on a day."""

    cycles: list[Cycle]
    bars: Bars
    rate: Any

    def intraday(self, day: date) -> dict[str, Any]:
        """What `intraday-pnl` should say of a day."""
        drawn = the_day(self.cycles, self.bars, self.rate, day)
        return {
            "Individual": [
                {
                    "product": {"symbol": product},
                    "trades": [
                        {"trade_info": self._info(one.cycle), "candles": minutes(one.shown)}
                        for one in drawn.pieces[product]
                    ],
                }
                for product in sorted(drawn.pieces)
            ],
            "Aggregated": {"candles": minutes(drawn.total)},
        }

    def daily(self, start: date, end: date) -> dict[str, Any]:
        """What `intraday-daily-pnl` should say of a period."""
        products: dict[str, list[Any]] = {}
        total = []
        for day in days(start, end):
            drawn = the_day(self.cycles, self.bars, self.rate, day)
            filled = {c.market.product for c in self.cycles if day in c.fees}
            for product in filled | drawn.barred:
                series = drawn.products[product] if product in drawn.barred else {}
                row = self._day(day, series, {product} & drawn.barred)
                products.setdefault(product, []).append(
                    row | {"close_pnl_from_fills": self._realized(day, {product})}
                )
            if filled | drawn.barred:
                series = beside([drawn.products[product] for product in sorted(drawn.barred)])
                total.append(
                    self._day(day, series, drawn.barred)
                    | {"close_pnl_from_fills": self._realized(day, set(drawn.pieces))}
                )
        return {
            "Individual": [
                {"product": {"symbol": product}, "candles": products[product]}
                for product in sorted(products)
            ],
            "Aggregated": {"candles": total},
        }

    def _day(self, day: date, series: Series, products: set[str]) -> dict[str, Any]:
        """A candle and the trades that it is made of."""
        high, low, close = of_day(series)
        mine = [cycle for cycle in self.cycles if cycle.market.product in products]
        return {
            "date": day.isoformat(),
            "open_pnl": 0.0,
            "high_pnl": figures.cents(high),
            "low_pnl": figures.cents(low),
            "close_pnl": figures.cents(close),
            "total_trades": sum(not c.held and c.last.day == day for c in mine),
        }

    def _realized(self, day: date, products: set[str]) -> float | None:
        mine = [cycle for cycle in self.cycles if cycle.market.product in products]
        return figures.cents(realized(mine, self.rate, day))

    def _info(self, cycle: Cycle) -> dict[str, Any]:
        closed, money = not cycle.held, cycle.market.currency
        gross, fees = (usd(part, money, self.rate) for part in (cycle.gross, cycle.fees))
        return {
            "contract": cycle.market.contract,
            "side": "long" if cycle.side > 0 else "short",
            "quantity": cycle.opened,
            "opened_at": instant(cycle.first.ns),
            "closed_at": instant(cycle.last.ns) if closed else None,
            "entry_price": price(cycle.paid, cycle.opened),
            "exit_price": price(cycle.got, cycle.closed) if closed else None,
            "pnl": figures.cents(gross - fees) if closed else None,
            "total_fills": len(cycle.parts),
        }


def price(points: Fraction, contracts: int) -> float:
    return float(half_even(points / contracts, 9))


def minutes(series: Series) -> list[dict[str, Any]]:
    names = ("open", "high", "low", "close")
    return [
        {
            "datetime": f"{minute:%Y-%m-%dT%H:%M:%SZ}",
            **dict(zip(names, (figures.cents(x) for x in series[minute]), strict=True)),
        }
        for minute in sorted(series)
    ]


@pytest.fixture
def read(as_user, desk):
    """Return a way to ask for a trader of the desk, as its coach."""

    def get(address, **params):
        answer = as_user(desk.cora).get(f"/api/v1/personal/{address}", params)
        assert answer.status_code == 200, answer.json()
        return answer.json()["data"]

    return get


def last_close_is_the_result(data: dict[str, Any]) -> int:
    """Check it of every trade that lies within the day; return how many do."""
    found = 0
    for product in data["Individual"]:
        for one in product["trades"]:
            info, rows = one["trade_info"], one["candles"]
            if info["closed_at"] and info["closed_at"][:10] == info["opened_at"][:10]:
                found += 1
                made = Decimal(str(rows[-1]["close"])) - Decimal(str(rows[0]["open"]))
                # Both ends are rounded by themselves where the trade starts at a carried level.
                slack = Decimal("0.01") if rows[0]["open"] else 0
                assert abs(made - Decimal(str(info["pnl"]))) <= slack, info
    return found


def chart_bars(chance: random.Random, contract: Contract, around: list[datetime]) -> list[NewBar]:
    """Bars in and around these instants, with gaps; prices wander off the fills' on purpose."""
    tick = contract.tick_size
    found = {}
    for at in around:
        for step in range(-2, 4):
            minute = at.replace(second=0, microsecond=0) + timedelta(minutes=step)
            if chance.random() < 0.6:
                close = Decimal(100) + tick * chance.randint(-60, 60)
                high, low = (tick * chance.randint(0, 5) for _ in range(2))
                found[minute] = NewBar(
                    contract.pk, minute, close, close + high, close - low, close, 1
                )
    return list(found.values())


def told(rows: list[NewBar], contracts: list[Contract]) -> Bars:
    """The same as the oracle reads them."""
    names = {contract.pk: contract.name for contract in contracts}
    found: dict[str, dict[datetime, Any]] = {contract.name: {} for contract in contracts}
    for bar in rows:
        prices = (Fraction(bar.high), Fraction(bar.low), Fraction(bar.close))
        found[names[bar.contract_id]][bar.start_at] = prices
    return found


def test_a_desk_of_chance_day_by_day(desk, oracle, read):
    chance = random.Random(5)
    contracts = list(Contract.objects.order_by("id"))
    rows = []
    for contract in contracts:
        fills = [f for f in oracle.story.executions if f.market.contract == contract.name]
        if contract.name != "NK Jun26":  # has no bars at all
            rows += chart_bars(chance, contract, [instant(fill.ns) for fill in fills])
    record_bars(rows)
    candles.keep(at=AT)
    bars = told(rows, contracts)
    within = 0
    for trader, who, accounts in readings(desk):
        names = {account.account for account in accounts}
        cycles = [t.cycle for name in names for t in oracle.trades[name]]
        cycles += [cycle for name in names for cycle in oracle.open[name]]
        drawn = Drawn(cycles, bars, oracle.story.rate)
        for day in days(date(2026, 3, 2), date(2026, 3, 23))[:: 1 if who["sim"] == "false" else 5]:
            got = read("intraday-pnl", date=str(day), **who)
            same(drawn.intraday(day), got, f"{trader.name} {who['sim']} {day} ")
            within += last_close_is_the_result(got)
        for start, end in PERIODS:
            got = read("intraday-daily-pnl", start_date=str(start), end_date=str(end), **who)
            same(drawn.daily(start, end), got, f"{trader.name} {who['sim']} {start} ")
    assert within > 20


MOMENTS = [
    *(f"2026-03-03T14:{minute}" for minute in range(30, 36)),
    "2026-03-03T23:58", "2026-03-03T23:59", "2026-03-04T00:00", "2026-03-04T00:01",
    "2026-03-05T09:00", "2026-03-05T09:02",
]  # fmt: skip
LINES = (("ES", "Mar26", 0), ("ES", "Jun26", 0), ("ES", "Mar26", 1), ("CL", "Jun26", 0),
         ("FGBL", "Jun26", 1))  # fmt: skip
FILLS = st.lists(
    st.tuples(
        st.sampled_from(range(len(LINES))),
        st.sampled_from(MOMENTS),
        st.integers(0, 59),
        st.integers(-3, 3).filter(bool),
        st.integers(-40, 40),
        st.sampled_from([None, "2.25", "0.333333", "-1.1"]),
    ),
    min_size=1,
    max_size=14,
)
TICKS = st.integers(-40, 40)
BARS = st.lists(
    st.tuples(
        st.sampled_from(range(len(LINES))), st.sampled_from(MOMENTS), TICKS,
        st.integers(0, 9), st.integers(0, 9),
    ),
    max_size=30,
    unique_by=lambda bar: (LINES[bar[0]][:2], bar[1]),
)  # fmt: skip


@pytest.fixture
def rates(db):
    FxRate.objects.bulk_create(
        FxRate(currency="EUR", day=day, usd_per_unit=Decimal("1.0837") + n * Decimal("0.0113"))
        for n, day in enumerate(days(*MARCH))
    )
    return lambda currency, day: (
        Fraction(1)
        if currency == "USD"
        else Fraction("1.0837") + (day - MARCH[0]).days * Fraction("0.0113")
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FILLS, BARS)
def test_whatever_is_traded_and_whatever_is_missing(desk, read, rates, fills, bars):
    with transaction.atomic():
        trader = make_trader(desk.group, accounts=2)
        accounts = list(trader.accounts.order_by("id"))
        lines = [(accounts[n], make_contract(symbol, month)) for symbol, month, n in LINES]
        rows, executions = [], []
        for number, (line, minute, second, signed, ticks, fees) in enumerate(fills):
            account, contract = lines[line]
            at = datetime.fromisoformat(f"{minute}:{second:02}+00:00")
            fill = new_fill(
                account, contract, f"{account.pk}.{number:02}", 1 if signed > 0 else -1,
                abs(signed), Decimal(100) + contract.tick_size * ticks, at,
                fees=None if fees is None else Decimal(fees),
            )  # fmt: skip
            rows.append(fill)
            executions.append(execution(fill, account, contract, 0))
        record_fills(rows, at=AT)
        stored = [
            NewBar(
                contract.pk, datetime.fromisoformat(f"{minute}:00+00:00"), close,
                close + contract.tick_size * up, close - contract.tick_size * down, close, 1,
            )
            for line, minute, ticks, up, down in bars
            for contract in [lines[line][1]]
            for close in [Decimal(100) + contract.tick_size * ticks]
        ]  # fmt: skip
        record_bars(stored)
        books = keep(executions)
        cycles = [*books.trades, *books.open]
        drawn = Drawn(cycles, told(stored, list({c.pk: c for _, c in lines}.values())), rates)
        for day in days(date(2026, 3, 3), date(2026, 3, 5)):
            got = read("intraday-pnl", date=str(day), trader=trader.pk)
            same(drawn.intraday(day), got, str(day))
            last_close_is_the_result(got)
        candles.keep(at=AT)
        got = read("intraday-daily-pnl", start_date="2026-03-02", end_date="2026-03-07",
                   trader=trader.pk)  # fmt: skip
        same(drawn.daily(date(2026, 3, 2), date(2026, 3, 7)), got)
        transaction.set_rollback(True)
