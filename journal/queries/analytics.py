"""What the trades of a journal tell, seen from several sides; each counts on its closing day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from calc import metrics
from calc.distribution import Bin
from calc.metrics import LOSS, WIN, Overview, Part
from common.cache import cached
from common.clock import from_ns
from journal.queries.chosen import Chosen
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
_SYMBOLS = f"""
SELECT p.symbol, p.name, p.color, s.* FROM (
    SELECT product_id, count(*), count(*) FILTER (WHERE outcome = {WIN}),
        count(*) FILTER (WHERE outcome = {LOSS}), sum(pnl_usd), sum(quantity)
    FROM t GROUP BY product_id
) s JOIN futures_product p ON p.id = s.product_id"""  # noqa: S608  constant text
_CURVE = """
SELECT max(closed_ns), sum(pnl_usd)::bigint, (array_agg(level ORDER BY n DESC))[1]::bigint,
    min(level)::bigint, max(level)::bigint, count(*)
FROM (
    SELECT closed_ns, closed_on, pnl_usd, row_number() OVER w AS n, count(*) OVER () AS total,
        sum(pnl_usd) OVER w AS level
    FROM t WINDOW w AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)
) s GROUP BY {by} ORDER BY max(n)"""
_BY = {"day": "closed_on", "trade": "(n - 1) * least(total, {most}) / total"}
_POINTS = """
SELECT s.id, p.symbol, s.product_id, s.held_ns, s.pnl_usd FROM (
    SELECT h.*, row_number() OVER (ORDER BY held_ns, id) AS n, count(*) OVER () AS total FROM (
        SELECT id, product_id, closed_ns - opened_ns AS held_ns, pnl_usd FROM t
    ) h
) s JOIN futures_product p ON p.id = s.product_id
WHERE total <= {most} OR (n - 1) * ({most} - 1) %% (total - 1) < {most} - 1
ORDER BY n"""
_HELD = f"width_bucket(closed_ns - opened_ns, ARRAY{[seconds * NS for seconds in HOLDS]}::bigint[])"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The sum after one trade, or after several in a row; low and high of it within them.

    Money in millionths of a USD: there are many points, and none of it is reckoned with.
    """

    at: datetime
    pnl: int
    cumulative_pnl: int
    low: int
    high: int
    trade_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPart(Part):
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


@dataclass(frozen=True, slots=True)
class HoldPoint:
    """One trade: how long it was held, what it made; money likewise."""

    id: UUID
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
    """Return what a trader asks first. 4 queries."""
    by_day = [row["pnl"] for row in _parts(chosen, closed_on="closed_on")]
    table = metrics.overview_of(whole_tally(chosen.priced), by_day=by_day)
    return chosen.reading(table, notes=table.notes)


@cached(ttl="journal.analytics.equity-curve")
def equity_curve(*, chosen: Chosen, by: str) -> Reading[tuple[CurvePoint, ...]]:
    """Return the running sum in closing order, from 0. 3 queries.

    by  `day`, or `trade`: then at most MOST_POINTS points
    """
    curve = _CURVE.format(order=", ".join(CLOSING_ORDER), by=_BY[by].format(most=MOST_POINTS))
    points = tuple(CurvePoint(from_ns(ns), *figures) for ns, *figures in chosen.priced.ask(curve))
    thinned = by == "trade" and any(point.trade_count > 1 for point in points)
    return chosen.reading(points, notes=(THINNED,) if thinned else ())


@cached(ttl="journal.analytics.daily-pnl")
def daily_pnl(*, chosen: Chosen) -> Reading[tuple[DailyPart, ...]]:
    """Return the days with a closed trade, oldest first. 3 queries."""
    rows = tuple(
        DailyPart.of(date=(day := row.pop("closed_on")), daynumber=day.isoweekday(), **row)
        for row in _parts(chosen, closed_on="closed_on")
    )
    return chosen.reading(rows)


@cached(ttl="journal.analytics.symbol-breakdown")
def symbol_breakdown(*, chosen: Chosen) -> Reading[tuple[SymbolPart, ...]]:
    """Return the products with a closed trade, largest absolute pnl first. 3 queries."""
    rows = [
        SymbolPart.of(
            product=symbol, product_id=product, name=name, color=color,
            trades=trades, wins=wins, losses=losses, pnl=usd(pnl), quantity=int(quantity),
        )
        for symbol, name, color, product, trades, wins, losses, pnl, quantity in chosen.priced.ask(
            _SYMBOLS
        )
    ]  # fmt: skip
    rows.sort(key=lambda row: (-abs(row.pnl), row.product, row.product_id))
    return chosen.reading(tuple(rows))


@cached(ttl="journal.analytics.duration-profit")
def duration_profit(*, chosen: Chosen) -> Reading[DurationProfit]:
    """Return the trades by how long they were held. 4 queries."""
    sums = {row.pop("place"): row for row in _parts(chosen, place=_HELD)}
    edges = (0, *HOLDS, None)
    bins = tuple(
        HoldPart.of(from_seconds=edges[n], to_seconds=edges[n + 1], **sums.get(n, _NONE))
        for n in range(len(edges) - 1)
    )
    points = tuple(
        HoldPoint(pk, symbol, product, held / NS, pnl)
        for pk, symbol, product, held, pnl in chosen.priced.ask(_POINTS.format(most=MOST_POINTS))
    )
    return chosen.reading(DurationProfit(bins, points), notes=_of_bins(bins, points))


@cached(ttl="journal.analytics.return-distribution")
def return_distribution(*, chosen: Chosen) -> Reading[tuple[Bin, ...]]:
    """Return the trades by the size of their pnl. 4 queries, 3 without trades."""
    return chosen.reading(sizes(chosen.priced))


@cached(ttl="journal.analytics.time-distribution")
def time_distribution(*, chosen: Chosen, by: str) -> Reading[TimeDistribution]:
    """Return the trades by hour of the day and by day of the week, all of them. 3 queries.

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
