"""What an endpoint takes by hand, and the figures that both must tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench import by_hand as sql

Figures = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Case:
    """An endpoint; what it takes beside who asks; the figures of the last question.

    is_bare  it tells neither how far the books go nor what is in doubt
    """

    path: str
    needs: tuple[str, ...]
    told: Callable[[Any], Figures]
    found: Callable[[list[Any]], Figures]
    more: dict[str, Any] = field(default_factory=dict)
    as_coach: bool = False
    is_bare: bool = False

    @property
    def questions(self) -> list[str]:
        """Return all SQL, that of the figures last."""
        around: tuple[str, ...] = (sql.OWN, sql.LAST, sql.DOUBT.format(who="accounts"))
        if self.path.startswith(("comparative", "traders")):
            around = (sql.EVERYBODY, sql.DOUBT.format(who="group"))
        elif self.is_bare:
            around = (sql.OWN,)
        return [text.format(**tables()) for text in (sql.WHO, *around)] + [
            text.format(trader=tables()["trader"]) for text in self.needs
        ]


def tables() -> dict[str, str]:
    from accounts.models import CustomUser, Session
    from traders.models import Group, Trader

    models = {"session": Session, "user": CustomUser, "group": Group, "trader": Trader}
    return {name: model._meta.db_table for name, model in models.items()}


def cents(micros: int) -> float:
    from common.api.fields import to_cents
    from common.fields import MONEY_PLACES, from_scaled

    return to_cents(from_scaled(micros, MONEY_PLACES))


def one(*names: str) -> Callable[[Any], Figures]:
    return lambda data: [tuple(data[name] for name in names)]


def each(*names: str) -> Callable[[Any], Figures]:
    return lambda data: sorted(tuple(row[name] for name in names) for row in data)


def days(data: Any) -> Figures:
    return [
        (day["date"], one["product_id"], one["pnl"], one["trade_count"])
        for day in data
        for one in sorted(day["products"], key=lambda one: one["product_id"])
    ]


def events(data: Any) -> Figures:
    return [
        (row["event"]["datetime"][:10], one["product_id"], one["pnl"], one["trade_count"])
        for row in data
        for one in sorted(row["products"], key=lambda one: one["product_id"])
    ]


def by_day_and_product(rows: list[Any]) -> Figures:
    return [(str(day), product, cents(pnl), trades) for day, product, pnl, trades in rows]


def leaves(data: Any) -> Figures:
    """Return the tags that trades bear."""
    leaves = [tag for one in data for tag in one["children"] if tag["trade_count"]]
    return sorted((tag["id"], tag["pnl"], tag["trade_count"]) for tag in leaves)


def by_id(rows: list[Any]) -> Figures:
    return [(row[0], cents(row[1]), *row[2:3]) for row in rows]


def first(rows: list[Any]) -> Figures:
    (row,) = rows
    return [(*row[:3], cents(row[3]))]


def page(data: Any) -> Figures:
    return [(row["id"], row["pnl"]) for row in data]
