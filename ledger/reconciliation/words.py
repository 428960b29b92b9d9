"""How far the provider's fills have been read: whoever reads them tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias

from common.clock import NS_PER_DAY, from_ns, to_ns
from ledger.fold.facts import number_of

Key: TypeAlias = tuple[int, int]  # account, contract
KeyDay: TypeAlias = tuple[int, int, date]
# The lines that a check reads: each an account in a contract from a UTC day on.
LINES = (
    "unnest(%(account)s::bigint[], %(contract)s::bigint[], %(start)s::bigint[], "
    "%(since)s::date[]) AS l (account_id, contract_id, start_ns, since)"
)
DAY = "date '1970-01-01' + (executed_ns / 86400000000000)::int"  # UTC day of a fill
GRACE = timedelta(hours=2)  # after its end a day may still be on its way, and nobody worries


class ReadTo(NamedTuple):
    """All that the provider received before `ns` has been read; nanoseconds since 1970.

    is_history_in  False while the past comes in, window by window
    """

    ns: int
    is_history_in: bool = True


# Accounts that nobody polls (files, copies) are left out: what is there is all there is.
Asked: TypeAlias = Callable[[Collection[int]], Mapping[int, ReadTo]]


def _nobody_polls(_: Collection[int]) -> Mapping[int, ReadTo]:
    return {}


_asked: list[Asked] = [_nobody_polls]


def register(asked: Asked) -> None:
    """Let this be asked how far accounts have been read; in the place of who was asked before."""
    _asked[:] = [asked]


def read_to(account_ids: Collection[int]) -> Mapping[int, ReadTo]:
    """Return how far the fills of these accounts have been read, of those that are polled."""
    return _asked[0](account_ids)


def is_whole(day: date, mark: ReadTo | None, at: datetime) -> bool:
    """Say whether a day has been read; of the present, and of one just over, it is not asked."""
    if mark is None:
        return True
    end_ns = (number_of(day) + 1) * NS_PER_DAY
    if mark.ns >= end_ns:
        return True
    return mark.is_history_in and end_ns + _GRACE_NS > to_ns(at)


def last_day(mark: ReadTo | None, today: date) -> date:
    """Return the day up to which positions are known to be held."""
    if mark is None or mark.is_history_in:
        return today
    return min(today, from_ns(mark.ns).date())


_GRACE_NS = int(GRACE.total_seconds()) * 1_000_000_000
