"""Why the books change, and when: what every change of them says of itself."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from common.clock import NS_PER_DAY
from ledger.models import Reason
from ledger.words import BEGINNING_NS

Key = tuple[int, int]  # account, contract
EPOCH = date(1970, 1, 1).toordinal()


class Cause(NamedTuple):
    """What changes figures from its own day on: a fill, or something that is no fill."""

    account_id: int
    contract_id: int
    executed_ns: int
    exec_id: str | None
    leg_index: int | None
    reason: Reason


# Given the time of the last fill of each account and contract as booked till then.
Causes = Callable[[Mapping[Key, int]], Iterable[Cause]]


@dataclass(frozen=True, slots=True)
class Because:
    """Why and when the books change.

    at      the instant, asked at a door
    reason  of whatever changes, where there are no causes
    causes  asked when a figure that stood changes: what is not plain growth. A change that none of
            them explains is growth: fills in their order, each received on its own day
    """

    at: datetime
    reason: Reason
    causes: Causes | None = None


class Story:
    """The causes of one fold; asked at most once, and only when something that stood changes.

    booked  the time of the last fill of each account and contract before the fold
    """

    def __init__(self, because: Because, booked: Mapping[Key, int]) -> None:
        self._because = because
        self._booked = booked

    def of_day(self, key: Key, day: date) -> Cause | None:
        """Return the latest cause that changed a day's figure; None where it only grew."""
        if self._because.causes is None:
            return Cause(*key, BEGINNING_NS, None, None, self._because.reason)
        causes = self._causes.get(key, [])
        next_day = (day.toordinal() + 1 - EPOCH) * NS_PER_DAY
        place = bisect_left(causes, next_day, key=_when)
        return causes[place - 1] if place else None

    def reasons(self, keys: Iterable[Key]) -> dict[Key, Reason]:
        """Return why trades of these accounts and contracts change; growth is left out."""
        if self._because.causes is None:
            return dict.fromkeys(keys, self._because.reason)
        return {key: self._causes[key][-1].reason for key in keys if key in self._causes}

    @cached_property
    def _causes(self) -> dict[Key, list[Cause]]:
        """By account and contract, oldest first."""
        causes = defaultdict(list)
        for cause in self._because.causes(self._booked) if self._because.causes else ():
            causes[cause[:2]].append(cause)
        for line in causes.values():
            line.sort(key=_when)
        return dict(causes)


def _when(cause: Cause) -> int:
    return cause.executed_ns
