"""How ingestion stands for one group: what its admins look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Value

from accounts.access import Accounts
from common.cache import cached
from ingestion.queries.feeds import MOST_REASONS, ConnectionState, Reason, connection_states
from ledger.models import CandlesDue, Fill, ReconcileDue, State
from ledger.queries import DOUBTS, in_doubt


@dataclass(frozen=True, slots=True)
class Status:
    """A group's connections, and what of its books is not as it should be.

    fills     fills by state, every state
    waiting   why fills cannot be used yet, the most frequent reasons
    problems  days of an account in a contract by state of doubt, the worst first, every state
    """

    connections: tuple[ConnectionState, ...]
    fills: dict[str, int]
    waiting: tuple[Reason, ...]
    problems: dict[str, int]
    oldest_unreconciled_day: date | None
    candles_due: int
    states_due: int


def status(*, accounts: Accounts, group_id: int, now: datetime) -> Status:
    """Return how ingestion stands for a group. 8 queries, one of them cached.

    Rows of files are in no connection's quarantine: which group they belong to, nobody knows.
    """
    waiting = _waiting(accounts)
    fills = _fills(accounts=accounts) | {State.WAITING.value: sum(one.count for one in waiting)}
    problems, oldest = _problems(accounts)
    candles, states = _due(accounts)
    return Status(
        connections=connection_states(now=now, group_id=group_id),
        fills=fills,
        waiting=tuple(waiting[:MOST_REASONS]),
        problems=problems,
        oldest_unreconciled_day=oldest,
        candles_due=candles,
        states_due=states,
    )


@cached(ttl="ingestion.fills")
def _fills(*, accounts: Accounts) -> dict[str, int]:
    """Return how many fills there are in each state. 1 query, over all of them.

    What waits, or is kept without counting, changes no books: for that the answer may be old.
    """
    rows = (
        Fill.objects.filter(account__in=accounts.ids)
        .values_list("state")
        .annotate(Count("exec_id"))
    )
    return dict.fromkeys(State.values, 0) | dict(rows)


def _waiting(accounts: Accounts) -> list[Reason]:
    rows = (
        Fill.objects.filter(account__in=accounts.ids, state=State.WAITING)
        .values_list("reason")
        .annotate(count=Count("exec_id"))
        .order_by("-count", "reason")
    )
    return [Reason(*row) for row in rows]


def _problems(accounts: Accounts) -> tuple[dict[str, int], date | None]:
    """Return how many days are in each state of doubt, and the first of them. 1 query."""
    rows = (
        in_doubt(accounts=accounts, period=None)
        .values_list("state")
        .annotate(Count("day"), Min("day"))
    )
    found = {state: (count, first) for state, count, first in rows}
    counts = {state.value: found.get(state.value, (0, None))[0] for state in DOUBTS}
    return counts, min((first for _, first in found.values()), default=None)


def _due(accounts: Accounts) -> tuple[int, int]:
    """Return how many marks wait for candles, and how many for a check. 1 query."""
    whose = Q(account__in=accounts.ids) | Q(account=None)  # of a contract: whoever holds it
    candles = CandlesDue.objects.filter(whose)
    states = ReconcileDue.objects.filter(account__in=accounts.ids)
    found: dict[str, int] = dict(_marks(candles, "candles").union(_marks(states, "states")))
    return found.get("candles", 0), found.get("states", 0)


def _marks(rows: QuerySet[Any], named: str) -> Any:
    return rows.values(what=Value(named)).annotate(count=Count("id")).values_list("what", "count")
