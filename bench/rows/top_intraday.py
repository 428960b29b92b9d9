"""The day's best trades of a group of 200, cold: one statement and whole columns, or a loop."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bench import books
from bench.frame import Line, Stand, at_least, row

TRADERS, TRADES, LIMIT, PRODUCTS = 200, 30, 50, 8
DAY = date(2026, 3, 2)
MINUTES = 1380
MINUTE_NS = 60_000_000_000


@row("top", "top 50 of a group of 200, cold", size="200,000 fills")
def top_intraday(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from accounts.access import Accounts
    from common.api import Period
    from comparative.queries import top_intraday as ours_of

    stand.say("filling the books")
    books.fill_books(stand.count(200_000))
    accounts = Accounts(_group(stand), "")
    period = Period(DAY, DAY)

    def ours() -> Any:  # without what keeps the answer
        return ours_of._winners.__wrapped__(
            accounts=accounts, period=period, limit=LIMIT, version=""
        )

    def reference() -> Any:
        return by_the_minute(accounts.ids)

    stand.say("checking that both say the same")
    mine = [(one.trade_id, *_columns(one.candles)) for one in ours().rows]
    if mine != reference() or len(mine) != LIMIT:
        raise AssertionError("the endpoint's query and the loop disagree")
    fast, slow = stand.side_by_side(ours=ours, reference=reference)
    candles = sum(len(one[1]) for one in mine)
    yield Line(
        f"top {LIMIT} of {TRADERS} traders, {candles:,} candles: a loop over minutes / ours",
        f"{fast * 1e3:,.0f} ms", f"{slow * 1e3:,.0f} ms", slow / fast, at_least(3), fast,
    )  # fmt: skip


def _columns(one: Any) -> tuple[tuple[int, ...], ...]:
    return one.at, one.open, one.high, one.low, one.close


def by_the_minute(account_ids: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """Answer the same as one would write it: a trade after the other, a minute after the other."""
    from calc.money import usd_micros
    from common.fields import to_scaled
    from futures.models import Bar
    from ledger.models import Fill, Trade

    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    best = (
        Trade.objects.filter(account__in=account_ids, closed_on=DAY, pnl_usd__gt=0)
        .filter(opened_ns__gte=int(start.timestamp()) * 10**9)
        .select_related("contract")
        .order_by("-pnl_usd", "closed_ns", "id")[:LIMIT]
    )
    found = []
    for trade in best:
        fills = defaultdict(list)
        for fill in Fill.objects.filter(
            account=trade.account_id, contract=trade.contract_id, state="usable",
            executed_ns__range=(trade.opened_ns, trade.closed_ns),
        ).order_by("executed_ns", "received_ns", "exec_id", "leg_index"):  # fmt: skip
            fills[fill.executed_ns // MINUTE_NS].append(fill)
        first, last = trade.opened_ns // MINUTE_NS, trade.closed_ns // MINUTE_NS
        bars = {
            int(bar.start_at.timestamp()) // 60: bar
            for bar in Bar.objects.filter(
                contract=trade.contract_id,
                start_at__range=(
                    start + timedelta(minutes=first - int(start.timestamp()) // 60),
                    start + timedelta(minutes=last - int(start.timestamp()) // 60),
                ),
            )
        }
        rows, cash, position, level = [], 0, 0, 0
        for minute in range(first, last + 1):
            bar, values = bars.get(minute), [level]
            for fill in fills.get(minute, ()):
                price = to_scaled(fill.price, 9)
                signed = fill.side * fill.quantity
                cash, position = cash - signed * price, position + signed
                values.append(cash + position * price)
            if bar is not None and position:
                told = (bar.close,) if minute in fills else (bar.high, bar.low, bar.close)
                values += [cash + position * to_scaled(price, 9) for price in told]
            if bar is None and minute not in fills:
                continue
            assert trade.contract.point_value is not None
            micros = usd_micros(values, trade.contract.point_value).tolist()
            rows.append((minute * 60, micros[0], max(micros), min(micros), micros[-1]))
            level = values[-1]
        found.append((trade.id, *zip(*rows, strict=True)))
    return found


def _group(stand: Stand) -> tuple[int, ...]:
    """Let 200 traders close 30 trades each on one day, on prices that walk by the minute."""
    from futures.bars import NewBar
    from futures.models import Contract
    from ledger.actions import record_bars, record_fills
    from traders.models import Group, Platform, PlatformAccount, Trader

    chance = random.Random(11)
    contracts = list(Contract.objects.order_by("id")[:PRODUCTS])
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    walks = {contract: _walk(chance, contract.tick_size) for contract in contracts}
    for contract, prices in walks.items():
        record_bars(
            NewBar(
                contract.pk, start + timedelta(minutes=n), price, price + 2 * contract.tick_size,
                price - 2 * contract.tick_size, price + contract.tick_size, 10,
            )
            for n, price in enumerate(prices)
        )  # fmt: skip
    group = Group.objects.create(name="the day's best")
    platform = Platform.objects.get(code="bench")
    accounts = [
        PlatformAccount.objects.create(
            trader=Trader.objects.create(group=group, name=f"best {n}"),
            platform=platform, environment="bench", account=f"best-{n}",
        ).pk
        for n in range(TRADERS)
    ]  # fmt: skip
    for n, account in enumerate(accounts):
        stand.say(f"trader {n + 1} of {TRADERS}")
        record_fills(list(_fills(chance, account, walks)), at=books.AT)
    return tuple(accounts)


def _walk(chance: random.Random, tick: Decimal) -> list[Decimal]:
    prices, price = [], 4000 * tick
    for _ in range(MINUTES):
        price += chance.randint(-4, 4) * tick
        prices.append(price)
    return prices


def _fills(chance: random.Random, account: int, walks: dict[Any, list[Decimal]]) -> Iterator[Any]:
    from ledger.words import NewFill

    start = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp()) * 10**9
    minute = dict.fromkeys(walks, 0)
    for n in range(TRADES):
        contract = chance.choice(list(walks))
        opened = minute[contract] + chance.randint(1, 60)
        closed = opened + chance.randint(1, 180)
        if closed >= MINUTES:
            continue
        minute[contract] = closed + 1
        side, lots = chance.choice((1, -1)), chance.randint(1, 10)
        for sign, at in ((side, opened), (-side, closed)):
            stamp = start + at * MINUTE_NS + 20 * 10**9
            yield NewFill(
                account, f"best-{account}-{n}-{at}", 0, None, "new", "outright", False, "bench",
                contract.pk, False, sign, lots, walks[contract][at], stamp, stamp, None, None,
            )  # fmt: skip
