"""Candles out of the books: a trader's day cold, and all day candles of many traders anew.

The reference reads the same fills and bars with two plain SELECTs and walks them minute by minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from bench import books
from bench.frame import Line, Size, Stand, at_least, row
from bench.rows.candles import by_minute
from bench.trader_days import FIRST, MINUTES, PRODUCTS, TRADES, trader_days
from calc.candles import Rates
from calc.money import ONE

# Traders and days of the rebuild: a year of 200 traders at 10x, hundredths of it below.
SIZES = {Size.SMALL: (5, 6), Size.ONE: (25, 20), Size.TEN: (200, 250)}
SAMPLE = 60  # account-days of the reference
NS_PER_MINUTE = 60_000_000_000


@row("candles", "candles out of the books against a loop over every minute")
def candles(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from django.db import connection

    from ledger.candles import intraday, rebuild_all
    from ledger.fold.facts import day_of

    traders, days = SIZES[stand.size]
    stand.say(f"filling books of {traders} traders and {days} days")
    floor = _filled(traders, days)
    account, day = floor.accounts[0], FIRST + days // 2
    told = intraday(account_ids=(account,), day=day_of(day))
    _, _, total, ((_, _, close),) = floor.by_hand(account, day)
    if [candle[4] for candle in total] != list(told.total.close) or close != told.total.close[-1]:
        raise AssertionError("the books' candles and the loop disagree")
    fast, slow = stand.side_by_side(
        ours=lambda: intraday(account_ids=(account,), day=day_of(day)),
        reference=lambda: floor.by_hand(account, day),
        ours_each=3,
    )
    yield Line(
        f"a day of {TRADES} trades over {PRODUCTS} products, cold: loop / ours",
        f"{fast * 1e3:.1f} ms", f"{slow * 1e3:.1f} ms", slow / fast, None, fast,
    )  # fmt: skip

    count = traders * days
    chance = np.random.default_rng(1)
    sample = [
        (floor.accounts[int(chance.integers(traders))], FIRST + int(chance.integers(days)))
        for _ in range(min(SAMPLE, count))
    ]
    stand.say(f"rebuilding {count:,} account-days, {len(sample)} of them minute by minute")
    ends = {key: floor.by_hand(*key)[3] for key in sample}
    fast, slow = stand.side_by_side(
        ours=rebuild_all, reference=lambda: [floor.by_hand(*key) for key in sample]
    )
    fast, slow = fast / count, slow / len(sample)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, day - date '1970-01-01', high_usd, low_usd, close_usd "
            "FROM ledger_daycandle WHERE product_id = 0"
        )
        kept = {(row[0], row[1]): [row[2:]] for row in cursor.fetchall()}
    if len(kept) != count or any(kept[key] != end for key, end in ends.items()):
        raise AssertionError("the kept candles and the loop disagree")
    yield Line(
        f"rebuild of {traders} traders x {days} days, an account-day: loop / ours",
        f"{fast * 1e3:.2f} ms", f"{slow * 1e3:.1f} ms", slow / fast, at_least(20), fast,
    )  # fmt: skip


@dataclass(frozen=True)
class _Floor:
    """Accounts whose books are filled, and what the contracts' points are worth."""

    accounts: list[int]
    contracts: list[int]
    rates: list[tuple[int, ...]]

    def by_hand(self, account: int, day: int) -> tuple[list[Any], ...]:
        """Read a day's fills and bars as rows and walk them minute by minute."""
        from django.db import connection

        first = day * MINUTES
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT contract_id, executed_ns, side * quantity, price, fees FROM ledger_fill "
                "WHERE account_id = %s AND executed_ns >= %s AND executed_ns < %s "
                "ORDER BY contract_id, executed_ns, received_ns, exec_id",
                [account, first * NS_PER_MINUTE, (first + MINUTES) * NS_PER_MINUTE],
            )
            fills = cursor.fetchall()
            cursor.execute(
                "SELECT contract_id, (extract(epoch FROM start_at) / 60)::bigint, high, low, close "
                "FROM futures_bar WHERE contract_id = ANY(%s) AND start_at >= to_timestamp(%s) "
                "AND start_at < to_timestamp(%s)",
                [self.contracts, first * 60, (first + MINUTES) * 60],
            )
            bars = cursor.fetchall()
        number = {contract: n for n, contract in enumerate(self.contracts)}
        of_book: list[dict[int, Any]] = [{} for _ in number]
        for contract, minute, *prices in bars:
            of_book[number[contract]][minute] = prices
        facts: list[tuple[int, ...]] = []
        of_run: list[list[Any]] = []
        position = 0
        for contract, ns, signed, price, fee in fills:
            if position == 0:
                facts.append((number[contract], number[contract], day, 0, 0))
                of_run.append([])
            of_run[-1].append((ns // NS_PER_MINUTE, signed, price, fee))
            position += signed
        return by_minute(facts, [self.rates[line] for line, *_ in facts], of_run, of_book)


def _filled(traders: int, days: int) -> _Floor:
    """Store fills and bars of so many traders and days, and fold them."""
    from django.db import connection

    from futures.bars import BarColumns, store_bars
    from futures.models import Contract, Product
    from ledger.models import CandlesDue
    from ledger.rebuild import rebuild
    from traders.models import Group, Platform, PlatformAccount, Trader

    floor = Group.objects.create(name="bench of candles")
    platform = Platform.objects.get_or_create(code="bench", defaults={"name": "bench"})[0]
    accounts = [
        PlatformAccount.objects.create(
            trader=Trader.objects.create(group=floor, name=f"candles {n}"),
            platform=platform, environment="candles", account=str(n),
        ).pk
        for n in range(traders)
    ]  # fmt: skip
    products = list(Product.objects.filter(currency="USD").order_by("id")[:PRODUCTS])
    contracts = [
        Contract.objects.create(
            product=product, name=f"Candle {n}", expiry_month=date(2026, 3, 1), currency="USD",
            tick_size=product.tick_size, point_value=product.point_value,
        )
        for n, product in enumerate(products)
    ]  # fmt: skip
    ids = [contract.pk for contract in contracts]
    bars = trader_days(days, 0)[2]
    store_bars(
        BarColumns(
            np.array(ids)[bars.book], bars.minute, bars.close, bars.high, bars.low, bars.close,
            np.ones(len(bars), np.int64),
        )
    )  # fmt: skip
    for n, account in enumerate(accounts):
        _store_fills(account, ids, days, n + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rebuild(at=books.AT, account_ids=accounts)
    CandlesDue.objects.all().delete()
    terms = [(contract.point_value or ONE, ONE)
             for contract in contracts]  # fmt: skip
    rates = Rates.of(terms, np.arange(PRODUCTS))
    columns = (rates.points_above, rates.points_below, rates.fees_above, rates.fees_below)
    return _Floor(accounts, ids, list(zip(*(c.tolist() for c in columns), strict=True)))


def _store_fills(account: int, contracts: list[int], days: int, seed: int) -> None:
    from django.db import connection

    runs, fills, _, _ = trader_days(days, seed)
    books_of = runs.book[fills.run].tolist()
    rows = zip(
        books_of, fills.minute.tolist(), fills.signed.tolist(), fills.price.tolist(),
        fills.fees.tolist(), strict=True,
    )  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(books.FILL_COPY) as copy:
        for n, (book, minute, signed, price, fee) in enumerate(rows):
            stamp = minute * NS_PER_MINUTE + n
            exec_id = f"c{seed:04}-{n:09}"
            copy.write_row((
                account, exec_id, 0, exec_id, "new", "outright", False, "bench", contracts[book],
                1 if signed > 0 else -1, abs(signed), price, stamp, stamp, fee, "usable", "",
                books.AT,
            ))  # fmt: skip
