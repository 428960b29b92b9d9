"""How traders trade: each style draws one account's executions of one week, flat to flat.

Whatever is opened in a week is closed by the same draw (a swing runs into the next week), so that
any week can be made without the weeks before it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from ingestion.simulator import seeds
from ingestion.simulator.executions import DAY, Desk, Execution, steps_left
from ingestion.simulator.listings import Listed, Month
from ingestion.simulator.market import STEP, Market
from ingestion.simulator.population import PACE, Account, Trader
from ingestion.simulator.sessions import offset_minutes

LONGEST_HOLD = 9 * DAY
SPILL_WEEKS = 2  # a week's executions end within the two weeks after it
_MICROS = frozenset({"MES", "MNQ", "M2K", "MYM", "MGC", "MCL", "MBT", "FDXM"})


def week_of(
    trader: Trader,
    account: Account,
    monday: date,
    *,
    seed: int,
    market: Market,
    products: dict[str, Listed],
) -> list[Execution]:
    """Return the account's executions that begin in the week; by time within each order."""
    dice = seeds.dice(seed, "week", account.account_id, account.environment, monday)
    desk = Desk(market, monday, dice, has_algo=trader.quirk == "algo")
    appetite = account.activity * dice.uniform(0.7, 1.25)
    for weekday in range(5):
        day = monday + timedelta(days=weekday)
        is_active = account.active_from <= day and (
            account.active_until is None or day <= account.active_until
        )
        if is_active and dice.random() < 0.55 + 0.45 * trader.weekdays[weekday]:
            hours = [
                weekday * DAY + 60 * (minute - offset_minutes(trader.zone, day))
                for minute in trader.hours
            ]
            _day(desk, trader, account, hours, appetite * trader.weekdays[weekday], products)
    return desk.done


def _day(
    desk: Desk,
    trader: Trader,
    account: Account,
    hours: list[int],
    appetite: float,
    products: dict[str, Listed],
) -> None:
    """Trade one working day, one trade after the other."""
    dice = desk.dice
    pace, minutes = PACE[trader.style]
    begin, end = hours
    pause = max(60.0, (end - begin) / (pace * appetite) - minutes * 60)
    second = begin + int(dice.expovariate(1 / pause))
    symbols = [symbol for symbol, _ in account.products]
    weights = [weight for _, weight in account.products]
    if trader.quirk == "options" and "ES" in products and dice.random() < 0.2:
        contract = desk.market.front(products["ES"], desk.day_at(begin))
        opened = desk.next_open(contract, begin)
        if opened is not None and opened < end:
            desk.option(contract, opened, dice.choice((-2, -1, 1, 2)))
    while 0 <= second < end:
        product = products[dice.choices(symbols, weights)[0]]
        contract = desk.market.front(product, desk.day_at(second + LONGEST_HOLD))
        opened = desk.next_open(contract, second, within=max(1, end - second))
        if opened is None:
            second += int(dice.expovariate(1 / pause)) + 60
            continue
        size = trader.size * (5 if product.symbol in _MICROS else 1)
        left = _STYLES[trader.style](desk, trader, contract, opened, size, end)
        second = max(left, opened) + 20 + int(dice.expovariate(1 / pause))


def _side(desk: Desk, trader: Trader, contract: Month, second: int, later: int) -> int:
    """Return the side taken: with the trader's skill, the one that `later` proves right."""
    move = desk.price(contract, later) - desk.price(contract, second)
    right = 1 if move > 0 else -1 if move < 0 else desk.dice.choice((-1, 1))
    return right if desk.dice.random() < trader.skill else -right


def _hold(
    desk: Desk, contract: Month, second: int, side: int, longest: int, stop: float, target: float
) -> int:
    """Return when the stop, the target or the patience (`longest` seconds) ends the trade."""
    day = desk.look(contract, second)
    step = second % DAY // STEP
    most = steps_left(day, second, max(1, longest // STEP))
    if most < 1:
        return second
    gained = side * (day.ticks[step + 1 : step + 1 + most] - day.ticks[step])
    hit = np.flatnonzero((gained >= target * day.swing) | (gained <= -stop * day.swing))
    return second + STEP * (1 + (int(hit[0]) if hit.size else most - 1))


def _scalp(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """Minutes; now and then turned round at once."""
    dice = desk.dice
    longest = dice.randint(20, 420)
    side = _side(desk, trader, contract, second, _within_day(second, longest))
    size = dice.randint(1, size + 1)
    out = _hold(desk, contract, second, side, longest, stop=0.7, target=0.6)
    desk.order(contract, second, side * size)
    if out == second:
        desk.order(contract, out, -side * size, closes=True)
        return out
    if dice.random() < 0.12:  # stop and reverse: one order closes and opens
        desk.order(contract, out, -2 * side * size)
        again = _hold(desk, contract, out, -side, longest, stop=0.7, target=0.6)
        desk.order(contract, again, side * size, closes=True)
        return again
    desk.order(contract, out, -side * size, closes=True)
    return out


def _trade(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """Half an hour or so; half of it is taken off on the way."""
    dice = desk.dice
    longest = min(int(dice.expovariate(1 / 2400)) + 240, max(300, end - second))
    side = _side(desk, trader, contract, second, _within_day(second, longest))
    size = dice.randint(max(1, size - 1), size + 2)
    desk.order(contract, second, side * size)
    first = _hold(desk, contract, second, side, longest, stop=3.0, target=2.4)
    if size > 1 and dice.random() < 0.55 and first > second:
        desk.order(contract, first, -side * (size // 2), closes=True)
        size -= size // 2
        first = _hold(desk, contract, first, side, longest, stop=2.0, target=3.0)
    desk.order(contract, first, -side * size, closes=True)
    return first


def _scale_in(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """Adds while it goes the wrong way, then gets out of all of it."""
    dice = desk.dice
    longest = dice.randint(900, 5400)
    side = _side(desk, trader, contract, second, _within_day(second, longest))
    position, now = 0, second
    for _ in range(dice.randint(2, 4)):
        add = dice.randint(1, size)
        desk.order(contract, now, side * add)
        position += add
        later = _hold(desk, contract, now, -side, longest // 3, stop=0.9, target=0.5)
        if later == now:
            break
        now = later
    out = _hold(desk, contract, now, side, longest, stop=2.0, target=1.0)
    desk.order(contract, out, -side * position, closes=True)
    return out


def _reverse(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """Always in: each change of mind turns the position round in one order."""
    dice = desk.dice
    size = dice.randint(1, size + 1)
    side = _side(desk, trader, contract, second, _within_day(second, 1800))
    desk.order(contract, second, side * size)
    now = second
    for _ in range(dice.randint(1, 4)):
        later = _hold(desk, contract, now, side, dice.randint(300, 3600), stop=0.8, target=1.5)
        if later == now or later >= end:
            break
        side = -side
        desk.order(contract, later, 2 * side * size)
        now = later
    out = _hold(desk, contract, now, side, dice.randint(300, 2400), stop=1.0, target=1.2)
    desk.order(contract, out, -side * size, closes=True)
    return out


def _swing(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """Overnight, up to nine days; sometimes in two steps each way."""
    dice = desk.dice
    wanted = second + int(dice.choice((0.6, 1, 1, 2, 3, 5, 8)) * DAY) + dice.randint(-9000, 9000)
    out = desk.next_open(contract, min(wanted, second + LONGEST_HOLD - DAY))
    if out is None or out <= second:
        return end
    side = _side(desk, trader, contract, second, out)
    size = dice.randint(max(1, size - 1), size + 1)
    desk.order(contract, second, side * size)
    if size > 1 and dice.random() < 0.4:
        between = desk.next_open(contract, (second + out) // 2)
        if between is not None and second < between < out:
            desk.order(contract, between, -side, closes=True)
            size -= 1
    desk.order(contract, out, -side * size, closes=True)
    return second + 7200


def _spread(desk: Desk, trader: Trader, contract: Month, second: int, size: int, end: int) -> int:
    """A calendar spread for hours or days; the exchange reports the spread and its legs."""
    dice = desk.dice
    far = desk.market.second(contract.product, desk.day_at(second + LONGEST_HOLD))
    begun = _both_open(desk, contract, far, second)
    wanted = dice.choice((3600, 7200, 14_400, DAY, 2 * DAY)) + dice.randint(0, 3000)
    out = None if begun is None else _both_open(desk, contract, far, begun + wanted)
    if begun is None or out is None or far == contract or begun >= end:
        return end
    move = desk.price(contract, out) - desk.price(far, out)
    move -= desk.price(contract, begun) - desk.price(far, begun)
    right = 1 if move > 0 else -1
    side = right if dice.random() < trader.skill else -right
    size = dice.randint(1, size + 2)
    desk.spread(contract, far, begun, side * size, closes=False)
    desk.spread(contract, far, out, -side * size, closes=True)
    return begun + 1200


def _both_open(desk: Desk, near: Month, far: Month, second: int) -> int | None:
    for _ in range(20):
        first = desk.next_open(near, second)
        other = None if first is None else desk.next_open(far, first)
        if other is None or other == first:
            return other
        second = other
    return None


def _within_day(second: int, ahead: int) -> int:
    return min(second + ahead, second - second % DAY + DAY - STEP)


_STYLES: dict[str, Callable[[Desk, Trader, Month, int, int, int], int]] = {
    "day trader": _trade,
    "scalper": _scalp,
    "scale-in": _scale_in,
    "reversal": _reverse,
    "swing": _swing,
    "spread": _spread,
}
