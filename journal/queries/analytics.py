"""What the trades of a journal tell, seen from several sides; each counts on its closing day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from calc import metrics
from calc.distribution import Bin
from calc.metrics import LOSS, WIN, Overview, Part
from common.cache import cached
from common.clock import from_ns
from futures.queries import symbols
from journal.queries.chosen import Chosen
from journal.queries.columns import Numbers, evenly, money, numbers, of_runs, parts_of
from ledger.reading import Reading
from ledger.tally import CLOSING_ORDER, sizes, usd, whole_tally

MOST_POINTS = 1000
NS = 10**9
HOUR_NS, DAY_NS = 3600 * NS, 86_400 * NS
THURSDAY = 3  # 1970-01-01, counted from Monday as 0
# Up to 1 and 5 minutes, a quarter, half and a whole hour, 4 hours, a day.
HOLDS = (60, 300, 900, 1800, 3600, 14_400, 86_400)
EMPTY_PARTS = "win_rate and average_pnl are null where there is no trade"
THINNED = "each point stands for several trades in a row: low and high tell what lay between"

_NONE: dict[str, Any] = {"trades": 0, "wins": 0, "losses": 0, "pnl": Decimal(0)}
_PARTS = f"""
SELECT {{by}}, count(*), count(*) FILTER (WHERE outcome = {WIN}),
    count(*) FILTER (WHERE outcome = {LOSS}), sum(pnl_usd)
FROM t GROUP BY {{numbers}} ORDER BY {{numbers}}"""  # noqa: S608  constant text
_COUNTED = f"""count(*), count(*) FILTER (WHERE outcome = {WIN}),
    count(*) FILTER (WHERE outcome = {LOSS}), sum(pnl_usd)"""
_ADDED = "sum(trade_count), sum(win_count), sum(loss_count), sum(pnl_usd)"  # of day results
_BY_DAY = "SELECT {day}, {sums} FROM t GROUP BY 1 ORDER BY 1"
_SYMBOLS = """
SELECT p.symbol, p.name, p.color, s.* FROM (
    SELECT product_id, {sums}, sum(quantity) FROM t GROUP BY product_id
) s JOIN futures_product p ON p.id = s.product_id"""
# In pieces of text: thousands of rows by themselves take longer than to be summed.
_CURVE = f"""
SELECT array_agg(closed_ns)::text, array_agg(pnl_usd)::text
FROM (SELECT closed_ns, pnl_usd FROM t ORDER BY {", ".join(CLOSING_ORDER)}) s"""  # noqa: S608  constant text
_HOLDS = """
SELECT array_agg(held_ns)::text, array_agg(pnl_usd)::text, array_agg(outcome)::text,
    array_agg(product_id)::text, array_agg(id)::text
FROM (
    SELECT id, product_id, closed_ns - opened_ns AS held_ns, pnl_usd, outcome FROM t
    ORDER BY held_ns, id
) s"""


class CurvePoint(NamedTuple):
    """The sum after one trade, or after several in a row; low and high of it within them.

    Money in millionths of a USD: there are many points, and none of it is reckoned with.
    """

    at: datetime
    pnl: int
    cumulative_pnl: int
    low: int
    high: int
    trade_count: int


class DailyPart(NamedTuple):
    """A `Part` with its day, 1 = Monday; money as in a point, the average in USD."""

    trade_count: int
    win_count: int
    loss_count: int
    pnl: int
    win_rate: float
    average_pnl: Decimal
    date: date
    daynumber: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolPart(Part):
    product: str
    product_id: int
    name: str
    color: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPart(Part):
    """Trades held for at least from_seconds and less than to_seconds; None = however long."""

    from_seconds: int
    to_seconds: int | None


class HoldPoint(NamedTuple):
    """One trade: how long it was held, what it made; money likewise, the id as text."""

    id: str
    product: str
    product_id: int
    hold_seconds: float
    pnl: int


@dataclass(frozen=True, slots=True)
class DurationProfit:
    """By how long trades were held; at most MOST_POINTS single ones, evenly among all."""

    bins: tuple[HoldPart, ...]
    points: tuple[HoldPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePart(Part):
    """An hour of the day, 0 to 23, or a day of the week, 1 = Monday."""

    number: int


@dataclass(frozen=True, slots=True)
class TimeDistribution:
    """By hour of the day and by day of the week, UTC."""

    hours: tuple[TimePart, ...]
    weekdays: tuple[TimePart, ...]


@cached(ttl="journal.analytics.overview")
def overview(*, chosen: Chosen) -> Reading[Overview]:
    """Return what a trader asks first. 3 queries."""
    by_day = [usd(row[-1]) for row in _by_day(chosen)]
    table = metrics.overview_of(whole_tally(chosen.priced), by_day=by_day)
    return chosen.reading(table, notes=table.notes)


@cached(ttl="journal.analytics.equity-curve")
def equity_curve(*, chosen: Chosen, by: str) -> Reading[tuple[CurvePoint, ...]]:
    """Return the running sum in closing order, from 0. 2 queries.

    by  `day`, or `trade`: then at most MOST_POINTS points
    """
    ((closed, pnl),) = chosen.priced.ask(_CURVE)
    points = _curve(numbers(closed), money(pnl), by) if closed else ()
    thinned = by == "trade" and any(point.trade_count > 1 for point in points)
    return chosen.reading(points, notes=(THINNED,) if thinned else ())


@cached(ttl="journal.analytics.daily-pnl")
def daily_pnl(*, chosen: Chosen) -> Reading[tuple[DailyPart, ...]]:
    """Return the days with a closed trade, oldest first. 2 queries."""
    rows = tuple(
        [
            DailyPart(
                trades, wins, losses, int(micros), wins / trades, usd(micros) / trades,
                day, day.isoweekday(),
            )
            for day, trades, wins, losses, micros in _by_day(chosen)
        ]
    )  # fmt: skip
    return chosen.reading(rows)


@cached(ttl="journal.analytics.symbol-breakdown")
def symbol_breakdown(*, chosen: Chosen) -> Reading[tuple[SymbolPart, ...]]:
    """Return the products with a closed trade, largest absolute pnl first. 2 queries."""
    rows = [
        SymbolPart.of(
            product=symbol, product_id=product, name=name, color=color,
            trades=trades, wins=wins, losses=losses, pnl=usd(pnl), quantity=int(quantity),
        )
        for symbol, name, color, product, trades, wins, losses, pnl, quantity in _summed(
            chosen, _SYMBOLS
        )
    ]  # fmt: skip
    rows.sort(key=lambda row: (-abs(row.pnl), row.product, row.product_id))
    return chosen.reading(tuple(rows))


@cached(ttl="journal.analytics.duration-profit")
def duration_profit(*, chosen: Chosen) -> Reading[DurationProfit]:
    """Return the trades by how long they were held. 3 queries."""
    ((held, pnl, outcomes, products, ids),) = chosen.priced.ask(_HOLDS)
    if not held:
        found = DurationProfit(_bins(*[np.zeros(0, np.int64)] * 3), ())
    else:
        columns = numbers(held), money(pnl)
        shown = evenly(len(columns[0]), most=MOST_POINTS)
        found = DurationProfit(
            _bins(*columns, numbers(outcomes)),
            _points(*columns, numbers(products), parts_of(ids), shown),
        )
    return chosen.reading(found, notes=_of_bins(found.bins, found.points))


@cached(ttl="journal.analytics.return-distribution")
def return_distribution(*, chosen: Chosen) -> Reading[tuple[Bin, ...]]:
    """Return the trades by the size of their pnl. 3 queries, 2 without trades."""
    return chosen.reading(sizes(chosen.priced))


@cached(ttl="journal.analytics.time-distribution")
def time_distribution(*, chosen: Chosen, by: str) -> Reading[TimeDistribution]:
    """Return the trades by hour of the day and by day of the week, all of them. 2 queries.

    by  `closed` or `opened`: whose time it goes by
    """
    hour = f"{by}_ns / {HOUR_NS} %% 24"
    weekday = f"({by}_ns / {DAY_NS} + {THURSDAY}) %% 7 + 1"
    cells = _parts(chosen, hour=hour, weekday=weekday)
    parts = TimeDistribution(
        hours=tuple(_added(cells, "hour", n) for n in range(24)),
        weekdays=tuple(_added(cells, "weekday", n) for n in range(1, 8)),
    )
    lacking = any(not part.trade_count for part in (*parts.hours, *parts.weekdays))
    return chosen.reading(parts, notes=(EMPTY_PARTS,) if lacking else ())


def _parts(chosen: Chosen, **by: str) -> list[dict[str, Any]]:
    """Return sums of trades with a pnl, as `Part.of` takes them, in the order of what they go by.

    by  the names of what they go by, and how each is told from a trade
    """
    numbers = ", ".join(str(n + 1) for n in range(len(by)))
    rows = chosen.priced.ask(_PARTS.format(by=", ".join(by.values()), numbers=numbers))
    names = (*by, *_NONE)
    return [dict(zip(names, (*row[:-1], usd(row[-1])), strict=True)) for row in rows]


def _by_day(chosen: Chosen) -> list[tuple[Any, ...]]:
    """Return (day, trades, wins, losses, millionths of a USD) of each day with a trade."""
    return _summed(chosen, _BY_DAY)


def _summed(chosen: Chosen, question: str) -> list[tuple[Any, ...]]:
    """Return sums of the trades with a pnl: from day results where these say the same."""
    if chosen.days is not None:
        return chosen.days.ask(question.format(day="day", sums=_ADDED))
    return chosen.priced.ask(question.format(day="closed_on", sums=_COUNTED))


def _curve(closed: Numbers, pnl: Numbers, by: str) -> tuple[CurvePoint, ...]:
    """Return a point for each run of trades that it stands for, in closing order."""
    total = len(closed)
    run = closed // DAY_NS if by == "day" else np.arange(total) * min(total, MOST_POINTS) // total
    last, *figures = of_runs(pnl, run)
    at = map(from_ns, closed[last].tolist())
    return tuple(map(CurvePoint, at, *(column.tolist() for column in figures)))


def _bins(held: Numbers, pnl: Numbers, outcomes: Numbers) -> tuple[HoldPart, ...]:
    """Return the bins of trades that come by how long they were held."""
    edges = (0, *HOLDS, None)
    cuts = np.searchsorted(held, [seconds * NS for seconds in HOLDS]).tolist()
    return tuple(
        HoldPart.of(
            from_seconds=lower, to_seconds=upper,
            trades=end - start,
            wins=int((outcomes[start:end] == WIN).sum()),
            losses=int((outcomes[start:end] == LOSS).sum()),
            pnl=usd(int(pnl[start:end].sum())),
        )
        for (lower, upper), (start, end) in zip(
            pairwise(edges), pairwise((0, *cuts, len(held))), strict=True
        )
    )  # fmt: skip


def _points(
    held: Numbers, pnl: Numbers, products: Numbers, ids: list[str], shown: list[int]
) -> tuple[HoldPoint, ...]:
    symbol_of = symbols()
    return tuple(
        [
            HoldPoint(ids[n], symbol_of[product], product, seconds, micros)
            for n, product, seconds, micros in zip(
                shown, products[shown].tolist(), (held[shown] / NS).tolist(), pnl[shown].tolist(),
                strict=True,
            )
        ]
    )  # fmt: skip


def _added(cells: list[dict[str, Any]], by: str, number: int) -> TimePart:
    of = [cell for cell in cells if cell[by] == number]
    sums = {name: sum((cell[name] for cell in of), start=none) for name, none in _NONE.items()}
    return TimePart.of(number=number, **sums)


def _of_bins(bins: tuple[HoldPart, ...], points: tuple[HoldPoint, ...]) -> tuple[str, ...]:
    trades = sum(part.trade_count for part in bins)
    notes = [EMPTY_PARTS] if any(not part.trade_count for part in bins) else []
    if len(points) < trades:
        notes.append(f"points show {len(points)} of {trades} trades, evenly by how long they took")
    return tuple(notes)
