"""Candles made on the way: the examples of the definitions, through fills and bars in the books."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.candles import intraday, of_trades
from ledger.models import Trade
from tests.factories import make_bar

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def bars(contract, day, text):
    """Store "14:30 O H L C" lines."""
    for line in text.strip().splitlines():
        at, opened, high, low, close = line.split()
        make_bar(contract, f"{day}T{at}:00+00:00", close, opened=opened, high=high, low=low)


def usd(minutes):
    columns = (minutes.open, minutes.high, minutes.low, minutes.close)
    return [tuple(value / 1e6 for value in row) for row in zip(*columns, strict=True)]


def test_the_example_of_the_definitions_with_the_trade_after_it(books):
    bars(books.es, DAY, """
        14:30 4999.5 5001.5 4998.75 5001
        14:31 5001 5003 5000.5 5002.5
        14:32 5002.5 5003.5 5001.75 5002""")  # fmt: skip
    books.record(
        books.buy(2, "5000", "2026-03-02 14:30:20"),
        books.sell(1, "5003", "2026-03-02 14:32:10"),
        books.sell(1, "5001.25", "2026-03-02 14:33:40"),
        books.buy(1, "5001", "2026-03-02 14:40:01"),
        books.sell(1, "5000", "2026-03-02 14:40:50"),
    )
    first = [(0, 100, 0, 100), (100, 300, 50, 250), (250, 300, 250, 250), (250, 250, 212.5, 212.5)]
    second = [(212.5, 212.5, 162.5, 162.5)]

    told = intraday(account_ids=(books.account.id,), day=DAY)

    assert [usd(trade.minutes) for trade in told.trades] == [first, second]
    assert usd(told.total) == first + second
    assert told.notes == ()
    trades = list(Trade.objects.order_by("closed_ns"))
    assert [trade.trade_id for trade in told.trades] == [trade.id for trade in trades]
    alone = of_trades(trades=[(trade.account_id, trade.id) for trade in trades], gross=False)
    assert usd(alone[trades[0].id]) == first
    assert usd(alone[trades[1].id]) == [(0, 0, -50, -50)]
    assert alone[trades[0].id].close[-1] == trades[0].pnl_usd * 10**6
    points = of_trades(trades=[(trades[0].account_id, trades[0].id)], gross=True)[trades[0].id]
    assert points.close == (2 * 10**9, 5 * 10**9, 5 * 10**9, 4_250_000_000)


def test_over_midnight_the_next_day_starts_from_the_mark(books):
    bars(books.es, DAY, "22:40 5000 5003 5000 5002")
    bars(books.es, date(2026, 3, 3), "00:05 5002 5004 5001 5003")
    books.record(
        books.buy(1, "5000", "2026-03-02 22:30:00"), books.sell(1, "5001", "2026-03-03 00:10:00")
    )
    trade = Trade.objects.get()

    ids = (books.account.id,)
    assert usd(intraday(account_ids=ids, day=DAY).total) == [(0, 0, 0, 0), (0, 150, 0, 100)]
    second = intraday(account_ids=ids, day=date(2026, 3, 3))
    assert usd(second.total) == [(0, 100, -50, 50), (50, 50, -50, -50)]
    whole = usd(of_trades(trades=[(trade.account_id, trade.id)], gross=False)[trade.id])
    assert whole == [(0, 0, 0, 0), (0, 150, 0, 100), (100, 200, 50, 150), (150, 150, 50, 50)]


def test_a_flip_is_two_trades_and_the_fees_are_split_as_in_the_books(books):
    books.record(
        books.buy(2, "5000", "2026-03-02 14:30:20", fees="2"),
        books.sell(3, "5001", "2026-03-02 14:31:20", fees="1"),
        books.buy(1, "5002", "2026-03-02 14:31:40", fees="0.5"),
    )
    first, second = Trade.objects.order_by("closed_ns")

    told = of_trades(trades=[(one.account_id, one.id) for one in (first, second)], gross=False)

    assert told[first.id].close[-1] == first.pnl_usd * 10**6
    assert told[second.id].close[-1] == second.pnl_usd * 10**6
    assert intraday(account_ids=(books.account.id,), day=DAY).total.close[-1] == (
        (first.pnl_usd + second.pnl_usd) * 10**6
    )


def test_a_day_costs_as_many_queries_as_a_busy_day(books, django_assert_num_queries):
    books.record(books.buy(at="2026-03-02 14:00:00"))
    with django_assert_num_queries(9):
        intraday(account_ids=(books.account.id,), day=DAY)
    for minute in range(20):
        books.record(
            books.buy(at=f"2026-03-02 15:{minute:02}:00", contract=books.cl),
            books.sell(at=f"2026-03-02 15:{minute:02}:30", contract=books.cl),
        )
    with django_assert_num_queries(9):
        intraday(account_ids=(books.account.id,), day=DAY)


def test_a_day_without_anything_is_empty(books):
    told = intraday(account_ids=(books.account.id,), day=DAY)
    assert told.trades == ()
    assert told.total.at == ()
    assert of_trades(trades=[], gross=True) == {}
