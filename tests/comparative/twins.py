"""The group's readings the slow way: one trade after the other, from the definitions alone."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from tests.personal.conftest import cents


def others(trades, own):
    return {trade.account.trader_id for trade in trades} - {own}


def atoms(trades, *, least, own):
    """Return {(day, product): (its trades, whether they are hidden)}."""
    cells = defaultdict(list)
    for trade in trades:
        if trade.pnl_usd is not None:
            cells[trade.closed_on, trade.product].append(trade)
    return {key: (those, 0 < len(others(those, own)) < least) for key, those in cells.items()}


def told(trades, *, least, own):
    """Return the trades of all atoms that are not hidden."""
    cells = atoms(trades, least=least, own=own).values()
    return [trade for those, hidden in cells if not hidden for trade in those]


def money(trades):
    return sum((trade.pnl_usd for trade in trades), 0)


def by_time(trades, *, least, own):
    days = defaultdict(list)
    for (day, product), (those, hidden) in atoms(trades, least=least, own=own).items():
        days[day].append(
            {
                "product": product.symbol,
                "product_id": product.id,
                "pnl": None if hidden else cents(money(those)),
                "trade_count": None if hidden else len(those),
                "suppressed": hidden,
            }
        )
    return [
        {
            "date": day.isoformat(),
            "daynumber": day.weekday() + 1,
            "products": sorted(
                days[day], key=lambda row: (row["suppressed"], -(row["pnl"] or 0), row["product"])
            ),
        }
        for day in sorted(days)
    ]


def by_product(trades, *, least, own):
    cells = atoms(trades, least=least, own=own)
    rows = []
    for product in {product for _, product in cells}:
        days = [cell for (_, one), cell in cells.items() if one == product]
        those = [trade for heap, hidden in days if not hidden for trade in heap]
        rows.append(
            {
                "product": product.symbol,
                "product_id": product.id,
                "name": product.name,
                "color": product.color,
                "pnl": cents(money(those)) if those else None,
                "trade_count": len(those) or None,
                "suppressed": not those,
                "traders": len(others(those, None)) or None,
                "days_left_out": sum(hidden for _, hidden in days),
            }
        )
    return sorted(rows, key=lambda row: (row["suppressed"], -abs(row["pnl"] or 0), row["product"]))


def win_loss(trades, *, least, own, averages):
    those = told(trades, least=least, own=own)
    if not those and any(trade.pnl_usd is not None for trade in trades):
        names = ("trade_count", "win_count", "loss_count", "scratch_count", "win_rate",
                 "loss_rate", "win_loss_ratio")  # fmt: skip
        return {**dict.fromkeys(names), "suppressed": True}
    won = [trade for trade in those if trade.outcome > 0]
    lost = [trade for trade in those if trade.outcome < 0]
    rates = {
        "trade_count": len(those),
        "win_count": len(won),
        "loss_count": len(lost),
        "scratch_count": len(those) - len(won) - len(lost),
        "win_rate": _ratio(len(won), len(those)),
        "loss_rate": _ratio(len(lost), len(those)),
        "win_loss_ratio": _ratio(len(won), len(lost)),
        "suppressed": False,
    }
    if not averages:
        return rates
    average_win = Fraction(money(won)) / len(won) if won else None
    average_loss = Fraction(money(lost)) / len(lost) if lost else None
    return {
        **rates,
        "average_win": None if average_win is None else cents(average_win),
        "average_loss": None if average_loss is None else cents(average_loss),
        "payoff_ratio": _ratio(average_win, -average_loss) if won and lost else None,
    }


def record(trades):
    """Return what one trader is ranked by, exactly; None where it is undefined."""
    results = [Fraction(trade.pnl_usd) for trade in trades if trade.pnl_usd is not None]
    if not results:
        return dict.fromkeys(("pnl", "win_rate", "profit_factor", "expectancy"))
    wins = sum(trade.outcome == 1 for trade in trades if trade.pnl_usd is not None)
    loss = sum(pnl for pnl in results if pnl < 0)
    return {
        "pnl": sum(results),
        "win_rate": Fraction(wins, len(results)),
        "profit_factor": sum(pnl for pnl in results if pnl > 0) / -loss if loss else None,
        "expectancy": sum(results) / len(results),
    }


def standing(trades, *, least, own):
    heaps = by_trader(trades)
    mine = record(heaps.pop(own, []))
    theirs = [record(those) for those in heaps.values()]
    rows: dict[str, dict[str, Any]] = {}
    for name, value in mine.items():
        values = [other[name] for other in theirs if other[name] is not None]
        ladder = sorted([*values, *([] if value is None else [value])], reverse=True)
        if 0 < len(values) < least:
            rows[name] = {"rank": None, "percentile": None, "ranked": None}
        elif value is None:
            rows[name] = {"rank": None, "percentile": None, "ranked": len(values)}
        else:
            points = [Fraction(100 * (other < value) + 50 * (other == value)) for other in values]
            rows[name] = {
                "rank": ladder.index(value) + 1,
                "percentile": float(sum(points) / len(points)) if points else None,
                "ranked": len(ladder),
            }
    return rows


def by_trader(trades):
    heaps = defaultdict(list)
    for trade in trades:
        heaps[trade.account.trader_id].append(trade)
    return heaps


def overview(trades, traders):
    """One line for each of the traders: (id, name, whether opted out)."""
    heaps = by_trader(trades)
    lines = []
    for key, name, opt_out in traders:
        those = heaps.get(key, [])
        known = [trade for trade in those if trade.pnl_usd is not None]
        figures = record(those)
        lines.append(
            {
                "id": key,
                "name": name,
                "opt_out": opt_out,
                "pnl": cents(money(known)),
                "trade_count": len(known),
                "win_rate": _float(figures["win_rate"]),
                "profit_factor": _float(figures["profit_factor"]),
                "expectancy": None if not known else cents(figures["expectancy"]),
                "max_drawdown": cents(drawdown(known)),
                "last_trade_at": max((trade.closed_at for trade in those), default=None),
            }
        )
    return sorted(lines, key=lambda line: (-line["pnl"], line["name"]))


def drawdown(trades):
    """Return the deepest fall of the level between any two days, the level 0 among them."""
    days = sorted({trade.closed_on for trade in trades})
    levels = [0, *(money([t for t in trades if t.closed_on <= day]) for day in days)]
    return max(high - low for n, high in enumerate(levels) for low in levels[n:])


def _ratio(above, below):
    return float(Fraction(above) / Fraction(below)) if below else None


def _float(value):
    return None if value is None else float(value)


def by_tag(trades, *, least, own, tree, tags_of):
    """Sum by tag and category.

    tree     [(category id, name, [(tag id, name)])] in order
    tags_of  trade -> ids of the fixed tags that it bears, or that stand above those
    """
    cells = defaultdict(list)
    for trade in trades:
        if trade.pnl_usd is not None and tags_of(trade):
            cells[trade.closed_on, tags_of(trade)].append(trade)

    def row(pk, name, wanted, **children):
        mine = [those for (_, tags), those in cells.items() if tags & wanted]
        shown = [those for those in mine if not 0 < len(others(those, own)) < least]
        hidden = bool(mine) and not shown
        flat = [trade for those in shown for trade in those]
        return {
            "id": pk,
            "type": "fixed",
            "name": name,
            "pnl": None if hidden else cents(money(flat)),
            "trade_count": None if hidden else len(flat),
            "suppressed": hidden,
            **children,
        }

    return [
        row(
            pk, name, {tag for tag, _ in below},
            children=[row(tag, named, {tag}, children=[]) for tag, named in below],
        )
        for pk, name, below in tree
    ]  # fmt: skip
