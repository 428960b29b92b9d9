"""What the endpoints should answer, computed the long way from the metric table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby

from tests.oracles.book import Cycle, Rate, Trade, half_even, instant, usd

NO_MONEY = Fraction(0)


def cents(value: Fraction | None) -> float | None:
    return None if value is None else float(half_even(value, 2))


def ratio(above, below) -> float | None:
    return float(Fraction(above) / Fraction(below)) if below else None


def mean(values: Sequence[Fraction]) -> Fraction | None:
    return sum(values, NO_MONEY) / len(values) if values else None


def total(trades: Sequence[Trade]) -> Fraction:
    return sum((trade.pnl for trade in trades), NO_MONEY)


def root(value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def deviation(values: Sequence[Fraction]) -> Fraction | None:
    """Of a sample, ddof 1; None for less than two."""
    middle = mean(values)
    if middle is None or len(values) < 2:
        return None
    return root(sum((one - middle) ** 2 for one in values) / (len(values) - 1))


def longest(signs: Sequence[int], wanted: int) -> int:
    """Longest run by closing order; scratches are not there at all."""
    runs = [len(list(run)) for sign, run in groupby(s for s in signs if s) if sign == wanted]
    return max(runs, default=0)


def daily(trades: Sequence[Trade]) -> dict[date, Fraction]:
    days: dict[date, Fraction] = defaultdict(Fraction)
    for trade in trades:
        days[trade.day] += trade.pnl
    return dict(sorted(days.items()))


def drawdown(days: dict[date, Fraction]) -> Fraction:
    levels = [NO_MONEY]
    for pnl in days.values():
        levels.append(levels[-1] + pnl)
    return max(max(levels[: n + 1]) - level for n, level in enumerate(levels))


def calendar(days: dict[date, Fraction], start: date, end: date) -> list[Fraction]:
    """Each Monday to Friday of the period, and each other day with a trade."""
    every = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [days.get(day, NO_MONEY) for day in every if day.weekday() < 5 or day in days]


def win_loss(trades: Sequence[Trade]) -> dict:
    wins = [t.pnl for t in trades if t.pnl > 0]
    losses = [t.pnl for t in trades if t.pnl < 0]
    count = len(trades)
    win, loss = mean(wins), mean(losses)
    return {
        "trade_count": count,
        "win_count": len(wins),
        "loss_count": len(losses),
        "scratch_count": count - len(wins) - len(losses),
        "win_rate": ratio(len(wins), count),
        "loss_rate": ratio(len(losses), count),
        "win_loss_ratio": ratio(len(wins), len(losses)),
        "average_win": cents(win),
        "average_loss": cents(loss),
        "payoff_ratio": None if win is None or loss is None else ratio(win, -loss),
    }


def summary(trades: Sequence[Trade], start: date, end: date) -> dict:
    pnl = [t.pnl for t in trades]
    wins, losses = [p for p in pnl if p > 0], [p for p in pnl if p < 0]
    signs = [(p > 0) - (p < 0) for p in pnl]
    days = daily(trades)
    fall = drawdown(days)
    series = calendar(days, start, end)
    spread, center = deviation(series), mean(series)
    below = None
    if series:
        below = root(sum(min(NO_MONEY, x) ** 2 for x in series) / len(series))
    noise = deviation(pnl)
    year = root(Fraction(252))
    holds = sorted(t.held_ns for t in trades)
    half = len(holds) // 2
    middle = None
    if holds:
        middle = Fraction(holds[half] + holds[-half - 1], 2) if len(holds) % 2 == 0 else holds[half]
    return {
        **win_loss(trades),
        "pnl": cents(sum(pnl, NO_MONEY)),
        "gross_profit": cents(sum(wins, NO_MONEY)),
        "gross_loss": cents(sum(losses, NO_MONEY)),
        "profit_factor": ratio(sum(wins, NO_MONEY), -sum(losses, NO_MONEY)),
        "expectancy": cents(mean(pnl)),
        "largest_win": cents(max(wins, default=None)),
        "largest_loss": cents(min(losses, default=None)),
        "max_consecutive_wins": longest(signs, 1),
        "max_consecutive_losses": longest(signs, -1),
        "max_drawdown": cents(fall),
        "recovery_factor": ratio(sum(pnl, NO_MONEY), fall),
        "sharpe": ratio(year * (center or 0), spread) if spread else None,
        "sortino": ratio(year * (center or 0), below) if below else None,
        "sqn": ratio(root(Fraction(len(pnl))) * (mean(pnl) or 0), noise) if noise else None,
        "average_hold_seconds": ratio(sum(holds), len(holds) * 10**9),
        "median_hold_seconds": None if middle is None else float(Fraction(middle) / 10**9),
    }


def _products(trades: Sequence[Trade]) -> list[dict]:
    heaps = defaultdict(list)
    for trade in trades:
        heaps[trade.product].append(trade)
    rows = [
        (-total(heap), product, {"pnl": cents(total(heap)), "trade_count": len(heap)})
        for product, heap in heaps.items()
    ]
    return [{"product": product, **row} for _, product, row in sorted(rows, key=lambda r: r[:2])]


def by_time(trades: Sequence[Trade]) -> list[dict]:
    heaps = defaultdict(list)
    for trade in trades:
        heaps[trade.day].append(trade)
    return [
        {
            "date": day.isoformat(),
            "daynumber": day.isoweekday(),
            "pnl": cents(total(heap)),
            "trade_count": len(heap),
            "products": _products(heap),
        }
        for day, heap in sorted(heaps.items())
    ]


def by_product(trades: Sequence[Trade]) -> list[dict]:
    heaps = defaultdict(list)
    for trade in trades:
        heaps[trade.product].append(trade)
    rows = [
        {
            "product": product,
            "pnl": cents(total(heap)),
            "trade_count": len(heap),
            "win_rate": ratio(sum(t.pnl > 0 for t in heap), len(heap)),
            "quantity": sum(t.cycle.opened for t in heap),
        }
        for product, heap in heaps.items()
    ]
    return sorted(rows, key=lambda row: row["product"])


def by_day(trades: Sequence[Trade]) -> list[dict]:
    rows, level = [], NO_MONEY
    for day, pnl in daily(trades).items():
        level += pnl
        count = sum(t.day == day for t in trades)
        rows.append(
            {
                "date": day.isoformat(),
                "pnl": cents(pnl),
                "cumulative_pnl": cents(level),
                "trade_count": count,
            }
        )
    return rows


def trade_row(trade: Trade) -> dict:
    cycle = trade.cycle
    return {
        "product": trade.product,
        "contract": cycle.market.contract,
        "side": "long" if cycle.side > 0 else "short",
        "quantity": cycle.opened,
        "opened_at": instant(cycle.first.ns),
        "closed_at": instant(cycle.last.ns),
        "entry_price": float(half_even(cycle.paid / cycle.opened, 9)),
        "exit_price": float(half_even(cycle.got / cycle.closed, 9)),
        "gross_pnl": cents(trade.gross),
        "fees": cents(trade.fees),
        "pnl": cents(trade.pnl),
    }


def position_row(cycle: Cycle, rate: Rate) -> dict:
    held = sum(contracts for contracts, _ in cycle.lots)
    cost = sum(contracts * price for contracts, price in cycle.lots)
    money = cycle.market.currency
    realized = usd(cycle.gross, money, rate) - usd(cycle.fees, money, rate)
    return {
        "product": cycle.market.product,
        "contract": cycle.market.contract,
        "side": "long" if cycle.side > 0 else "short",
        "quantity": held,
        "average_price": float(half_even(cost / held, 9)),
        "opened_at": instant(cycle.first.ns),
        "realized_pnl": cents(realized),
    }
