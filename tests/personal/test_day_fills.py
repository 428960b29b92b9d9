"""A day's figures added up by hand from the fills that are told behind them."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

import pytest

from futures.models import FxRate
from ledger.actions import record_fills
from ledger.models import DayResult, FeeSchedule, Fill, State, Trade
from personal import queries
from personal.day_example import DAY_FILLS
from tests.factories import AT, make_account, make_contract, make_trade, new_fill
from tests.personal.conftest import accounts_of
from tests.seeded import FIRST, LAST, seed_books
from tests.snapshots import shape
from traders.models import PlatformAccount

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "days/2026-03-10/fills"
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def micros(amount: Fraction) -> Fraction:
    """Round once to the millionth, half to even."""
    return Fraction(round(amount * 10**6), 10**6)


def by_hand(run) -> dict[date, Fraction | None]:
    """What a run realised by day, from its fills and the rates told: lots in a queue."""
    lots: deque[list[Fraction | int]] = deque()
    gains: dict[date, Fraction] = defaultdict(Fraction)
    fees: dict[date, Fraction] = defaultdict(Fraction)
    for fill in run.fills:
        on, price, left = fill.executed_at.date(), Fraction(fill.price), fill.quantity
        fees[on] += Fraction(fill.fees)
        if fill.side == run.side:
            lots.append([left, price])
            continue
        while left:
            some = min(left, lots[0][0])
            gains[on] += some * (price - lots[0][1]) * run.side * Fraction(run.point_value)
            lots[0][0] -= some
            left -= some
            if not lots[0][0]:
                lots.popleft()
    assert sum(lot[0] for lot in lots) == abs(run.position)
    rates = {one.date: one.rate for one in run.days}
    found: dict[date, Fraction | None] = {}
    for on in fees:
        rate = rates[on]
        if rate is None:
            found[on] = None if gains[on] or fees[on] else Fraction(0)
        else:
            found[on] = micros(gains[on] * Fraction(rate)) - micros(fees[on] * Fraction(rate))
    return found


def adds_up(told, day: date) -> None:
    """Each figure of the day is what its fills make."""
    pnl: dict[int, Fraction] = defaultdict(Fraction)
    counts: dict[int, int] = defaultdict(int)
    held: dict[int, int] = defaultdict(int)
    realized: dict[int, list[Fraction | None]] = defaultdict(list)
    for run in (*told.trades, *told.open):
        days = by_hand(run)
        assert days == {one.date: one.realized for one in run.days}
        whole = None if None in days.values() else sum(days.values(), Fraction(0))
        assert run.pnl == whole
        assert bool(run.held) == (whole is None)
        if day in days:
            realized[run.product_id].append(days[day])
        if run in told.trades:
            assert run.position == 0
            assert run.fills[-1].executed_at.date() == day
            held[run.product_id] += whole is None
            counts[run.product_id] += whole is not None
            pnl[run.product_id] += whole or 0
        else:
            assert any(fill.executed_at.date() == day for fill in run.fills)
    for line in told.products:
        key = line.product_id
        assert (line.pnl, line.trade_count, line.held_count) == (pnl[key], counts[key], held[key])
        known = None if None in realized[key] else sum(realized[key], Fraction(0))
        assert line.realized == known
    assert {line.product_id for line in told.products} == set(realized)
    assert told.pnl == sum(pnl.values())
    assert told.trade_count == sum(counts.values())


@pytest.mark.parametrize("seed", range(2))
def test_every_day_adds_up_to_the_micro(desk, seed):
    """Seeded books: flips, nights, partial exits, EUR with and without rates, own fees or none."""
    FeeSchedule.objects.create(
        group=desk.group, product=make_contract("ES").product, from_day=date(2026, 3, 9),
        per_side=Decimal("1.234567"),
    )  # fmt: skip
    seed_books(desk, seed, fills=30)
    mine = PlatformAccount.objects.filter(trader=desk.ana.trader, is_sim=False)
    accounts = accounts_of(*mine)
    seen = 0
    for day in DAYS:
        told = queries.day_fills(accounts=accounts, day=day).rows
        adds_up(told, day)
        stored = DayResult.objects.filter(account__in=mine, day=day)
        assert told.pnl == sum(row.pnl_usd for row in stored)
        assert told.trade_count == sum(row.trade_count for row in stored)
        seen += len(told.trades)
    assert seen == Trade.objects.filter(account__in=mine).count() > 20
    assert any(fill.quantity < fill.filled for fill in _fills(accounts))


def _fills(accounts):
    for day in DAYS:
        told = queries.day_fills(accounts=accounts, day=day).rows
        yield from (fill for run in (*told.trades, *told.open) for fill in run.fills)


def test_the_answer_is_what_performance_by_time_says(desk, ask):
    seed_books(desk)
    whole = ask(desk.ana, "performance-by-time", start_date=str(FIRST), end_date=str(LAST))
    for line in whole["data"]:
        told = ask(desk.ana, f"days/{line['date']}/fills")["data"]
        assert round(told["pnl"], 2) == line["pnl"]
        assert told["trade_count"] == line["trade_count"]
        closed = [one for one in told["products"] if one["trade_count"]]
        pairs = [(one["product"], round(one["pnl"], 2), one["trade_count"]) for one in closed]
        assert pairs == [(p["product"], p["pnl"], p["trade_count"]) for p in line["products"]]


def report(account, contract, *rows, **given):
    """Report (exec id, signed size, price, hours after noon)."""
    fills = [
        replace(
            new_fill(
                account, contract, name, 1 if size > 0 else -1, abs(size), Decimal(price),
                NOON + timedelta(hours=hours), fees=Decimal("0.5"),
            ),
            **given,
        )
        for name, size, price, hours in rows
    ]  # fmt: skip
    record_fills(fills, at=AT)


def told_of(user, day=DAY, **given):
    accounts = PlatformAccount.objects.filter(trader=user.trader, is_sim=False)
    return queries.day_fills(accounts=accounts_of(*accounts), day=day, **given).rows


def test_a_flip_over_midnight_is_told_on_both_days(desk):
    account, es = desk.ana.trader.accounts.get(), make_contract()
    report(account, es, ("a", 2, "100", -20), ("b", -3, "101", 0), ("c", 1, "100", 20))

    day = told_of(desk.ana)
    adds_up(day, DAY)
    (trade,), (held,) = day.trades, day.open
    assert [(fill.exec_id, fill.quantity, fill.filled) for fill in trade.fills] == [
        ("a", 2, 2), ("b", 2, 3),
    ]  # fmt: skip
    assert [one.date.day for one in trade.days] == [9, 10]
    assert (held.position, [fill.quantity for fill in held.fills]) == (-1, [1])

    after = told_of(desk.ana, date(2026, 3, 11))
    adds_up(after, date(2026, 3, 11))
    assert [run.id for run in after.trades] == [held.id]
    assert after.open == ()


def test_rows_that_do_not_count_stand_apart_with_their_reason(desk, ask):
    account, es = desk.ana.trader.accounts.get(), make_contract()
    report(
        account, es, ("a", 1, "100", 0), ("b", 1, "99", 1), ("x", 3, "90", 1), ("d", -2, "101", 2)
    )
    report(account, es, ("b2", 1, "98", 1), action="correct", ref_exec_id="b")
    report(account, es, ("x2", 3, "90", 3), action="cancel", ref_exec_id="x")
    report(account, es, ("e", 5, "100", 1), synthetic=True)
    report(account, es, ("w", 5, "100", 1), contract_id=None, instrument_id="4711")
    report(account, es, ("other day", 5, "100", 40), synthetic=True)

    report(account, make_contract("ES", "Jun26"), ("o", 1, "100", 4))

    adds_up(told_of(desk.ana), DAY)
    found = ask(desk.ana, URL)
    assert shape(found) == shape(DAY_FILLS), "the example is out of date"
    data = found["data"]
    assert [(one["exec_id"], one["state"], one["corrects"]) for one in data["unused"]] == [
        ("b", "corrected", None), ("e", "excluded", None), ("w", "waiting", None),
        ("x", "busted", None), ("x2", "excluded", "x"),
    ]  # fmt: skip
    assert all(one["reason"] for one in data["unused"])
    assert data["unused"][2]["contract"] is None
    (trade,) = data["trades"]
    told = [(fill["exec_id"], fill["corrects"]) for fill in trade["fills"]]
    assert told == [("a", None), ("b2", "b"), ("d", None)]
    unused = {one["exec_id"] for one in data["unused"]}
    on_day = Fill.objects.exclude(state=State.USABLE).exclude(exec_id="other day")
    assert unused == set(on_day.values_list("exec_id", flat=True))


def test_a_missing_rate_is_said_and_leaves_nothing_wrong(desk, ask):
    account, bund = desk.ana.trader.accounts.get(), make_contract("FGBL")
    FxRate.objects.create(currency="EUR", day=date(2026, 3, 9), usd_per_unit=Decimal("1.5"))
    report(account, bund, ("a", 1, "100", -20), ("b", -1, "101", 0))

    adds_up(told_of(desk.ana), DAY)
    found = ask(desk.ana, URL)
    (trade,) = found["data"]["trades"]
    assert (trade["pnl"], trade["held"]) == (None, "no EUR rate for 2026-03-10")
    assert [one["realized"] for one in trade["days"]] == [-0.75, None]
    assert found["data"]["realized"] is None
    assert "realized is null: no EUR rate for 2026-03-10" in found["meta"]["notes"]
    assert found["data"]["held_count"] == 1


def test_a_copied_trade_says_that_its_fills_are_not_here(desk, ask):
    trade = make_trade(desk.ana, day=10)
    Trade.objects.filter(id=trade.id).update(is_copied=True)
    Fill.objects.filter(account=trade.account_id).delete()

    found = ask(desk.ana, URL)
    (one,) = found["data"]["trades"]
    assert (one["is_copied"], one["fills"], one["pnl"]) == (True, [], 100.0)
    assert one["days"] == [{"date": "2026-03-10", "rate": None, "realized": 100.0}]
    assert any("copied from production" in note for note in found["meta"]["notes"])


def test_products_narrow_it_down(desk, ask):
    make_trade(desk.ana, day=10, symbol="ES")
    make_trade(desk.ana, day=10, symbol="CL", pnl="20")
    cl = make_contract("CL").product_id
    data = ask(desk.ana, URL, product=cl)["data"]
    assert [one["product"] for one in data["products"]] == ["CL"]
    assert [one["product"] for one in data["trades"]] == ["CL"]
    assert data["pnl"] == 20.0


def test_more_fills_than_are_told_are_refused_with_a_way_out(desk, as_user, monkeypatch):
    account = desk.ana.trader.accounts.get()
    report(account, make_contract(), *((f"f{n}", 1, "100", n) for n in range(4)))
    module = import_module("personal.queries.day_fills")  # the package names its function so
    monkeypatch.setattr(module, "MOST_FILLS", 3)
    answer = as_user(desk.ana).get(f"/api/v1/personal/{URL}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["product"]
    assert "4 fills" in answer.json()["error"]


@pytest.mark.parametrize("word", ["today", "2026-02-30", "2026-3-1", "1969-12-31", "%00"])
def test_a_bad_day_is_refused_by_name(desk, as_user, word):
    answer = as_user(desk.ana).get(f"/api/v1/personal/days/{word}/fills")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["date"])


def test_costs_the_same_however_much_happened(desk, as_user, django_assert_num_queries):
    account, client = make_account(desk.ana.trader), as_user(desk.ana)
    es = make_contract()
    report(account, es, ("a", 1, "100", 0), ("b", -1, "101", 1))
    with django_assert_num_queries(13):  # the scope beside the 12
        client.get(f"/api/v1/personal/{URL}")
    for number in range(5):
        for symbol in ("ES", "CL", "GC"):
            rows = [(f"{symbol}{number}{n}", side, "100", n) for n, side in enumerate((2, -3, 1))]
            report(account, make_contract(symbol), *rows)
            report(
                account, make_contract(symbol), (f"e{symbol}{number}", 1, "1", 1), synthetic=True
            )
    with django_assert_num_queries(13):
        client.get(f"/api/v1/personal/{URL}")
