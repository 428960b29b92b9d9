"""The books of a person are told, and stay: they are the group's, under a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.persons import File, Keeper, Person, Rows
from accounts.persons.telling import rows_of
from ledger.models import (
    DayResult,
    Fill,
    PastTrade,
    Position,
    ReconciledDay,
    ReportedPosition,
    Restatement,
    SecondFill,
    Trade,
)

BOOKS = "the group's books: nothing of them names the person once trader and accounts are unnamed"
REMADE = "made of fills and prices, and made anew at any time"
_TOLD: tuple[tuple[type[Model], str, str], ...] = (
    (Fill, "fills", "executions as reported"),
    (Trade, "trades", "from flat to flat"),
    (PastTrade, "past_trades", "trades as the books told them before"),
    (Position, "positions", "where the accounts stand"),
    (DayResult, "days", "results by UTC day and contract"),
    (Restatement, "restatements", "figures of days that changed afterwards"),
    (ReconciledDay, "reconciled_days", "how the books compare with what the provider says"),
    (ReportedPosition, "reported_positions", "positions as the provider told them"),
    (SecondFill, "second_fills", "executions by the second feed"),
)


def export(person: Person) -> Iterator[Rows | File]:
    for model, name, says in _TOLD:
        mine: Any = model._default_manager.filter(account__in=person.account_ids)
        yield Rows(name, says, rows_of(mine.order_by("pk"), contract="contract__name"))


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    return {}


KEEPER = Keeper(
    name="ledger",
    export=export,
    erase=erase,
    tables=(),
    kept={
        **{model._meta.label: BOOKS for model, _, _ in _TOLD},
        "ledger.TradeVersion": "a view of trades and past trades",
        "ledger.DayCandle": REMADE,
        "ledger.CandlesDue": REMADE,
        "ledger.ReconcileDue": REMADE,
    },
)
