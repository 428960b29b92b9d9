"""What a day of one account in one contract comes to, when the books are held against others.

Contracts are signed where they are a position: + long, - short. Stamps are nanoseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

FLAT, OPEN, UNVERIFIABLE = "flat", "open", "unverifiable"
MISMATCH, SKIPPED = "mismatch", "skipped"
PROBLEMS = (SKIPPED, MISMATCH, UNVERIFIABLE)

SECOND_NS = 1_000_000_000
IN_FLIGHT_NS = 60 * SECOND_NS  # so near to the telling, a fill may be in it or not
LAG_NS = 5 * 60 * SECOND_NS  # a provider's position may be as old as its ledger is late
SPREAD_NS = 60 * SECOND_NS  # legs of a calendar spread are opened within it
SUSTAINED_DAYS = 2  # held over more days than these, a position is asked about


class Seen(NamedTuple):
    """A usable fill near the moment at which a provider told a position."""

    executed_ns: int
    received_ns: int
    signed: int


@dataclass(frozen=True, slots=True)
class Told:
    """A position that the provider told.

    quantity     contracts
    agrees       our position was the same at that moment, as near as the moment is known
    is_in_doubt  why a difference proves nothing; "" = it does
    """

    quantity: int
    agrees: bool
    is_in_doubt: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of a UTC day.

    position    contracts at its end, by its fills
    uncovered   usable fills in no trade and not in the open position
    wrong       of these, fills of trades or positions that are there but tell other figures
    stray       trades and open positions that no fills make
    is_amiss    its figures are not the sums of the trades that closed on it
    waiting     fills that cannot be used yet
    copied      trades without fills
    is_read     all that the provider received on it has been read
    told        by the provider; None = not told
    ours, second  (bought, sold) by the books and by the second feed; second None = not covered
    """

    position: int = 0
    uncovered: int = 0
    wrong: int = 0
    stray: int = 0
    is_amiss: bool = False
    waiting: int = 0
    copied: int = 0
    is_read: bool = True
    told: Told | None = None
    ours: tuple[int, int] = (0, 0)
    second: tuple[int, int] | None = None


class Judgement(NamedTuple):
    """A state, why, and whether time alone may change it."""

    state: str
    reason: str
    is_passing: bool


def judge(day: Day) -> Judgement:
    """Return the worst that holds of a day: skipped > mismatch > unverifiable > open or flat."""
    if skipped := _skipped(day):
        return Judgement(SKIPPED, "; ".join(skipped), is_passing=False)
    doubts = _doubts(day)
    if differs := _differs(day):
        return Judgement(MISMATCH, "; ".join(differs), is_passing=False)
    if doubts:
        return Judgement(UNVERIFIABLE, "; ".join(doubts), is_passing=not day.is_read)
    return Judgement(OPEN if day.position else FLAT, "", is_passing=False)


def _skipped(day: Day) -> list[str]:
    found = []
    if missing := day.uncovered - day.wrong:
        found.append(f"{_count(missing, 'usable fill')} in no trade")
    if day.wrong:
        found.append(f"{_count(day.wrong, 'fill')} in a trade or position that tells other figures")
    if day.stray:
        found.append(f"{_count(day.stray, 'trade or open position', 's')} that no fills make")
    if day.is_amiss and not found:  # else that is why
        found.append("the day tells other figures than its trades")
    return found


def _differs(day: Day) -> list[str]:
    found = []
    if day.told and not day.told.agrees and not day.told.is_in_doubt:
        found.append(f"the provider told a position of {day.told.quantity}, the books another")
    if day.second is not None and day.second != day.ours and day.is_read and not day.waiting:
        bought, sold = day.second
        found.append(
            f"the second feed bought {bought} and sold {sold}, the books {day.ours[0]} and "
            f"{day.ours[1]}"
        )
    return found


def _doubts(day: Day) -> list[str]:
    found = []
    if day.waiting:
        found.append(f"{_count(day.waiting, 'fill')} waiting to be used")
    if not day.is_read:
        found.append("the provider's fills of the day are not all read yet")
    if day.told and not day.told.agrees and day.told.is_in_doubt:
        found.append(day.told.is_in_doubt)
    if day.copied:
        found.append("trades copied without fills")
    return found


def _count(number: int, what: str, plural: str = "s") -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}{plural}"


def compared(
    quantity: int, at_ns: int, *, settled: int, near: Iterable[Seen], doubt: str = ""
) -> Told:
    """Hold a position that the provider told against ours at that moment.

    quantity   told, at `at_ns`
    settled    ours by the fills that both clocks place well before the moment
    near       the other fills executed or received about then, late ones too, in any order
    doubt      why a difference would prove nothing, whatever the fills say
    """
    seen = list(near)
    by_execution = sorted(seen)
    by_receipt = sorted(seen, key=lambda one: (one.received_ns, one.executed_ns))
    ours = {settled}
    for order in (by_execution, by_receipt):
        ours.update(settled + sum_ for sum_ in accumulate(one.signed for one in order))
    if quantity in ours:
        return Told(quantity, agrees=True)
    if any(
        min(abs(one.executed_ns - at_ns), abs(one.received_ns - at_ns)) <= IN_FLIGHT_NS
        for one in seen
    ):
        doubt = doubt or "fills were on their way when the provider told its position"
    return Told(quantity, agrees=False, is_in_doubt=doubt)


class Held(NamedTuple):
    """A position held over the end of a day, one contract of a product."""

    contract_id: int
    position: int
    opened_ns: int
    is_leg: bool


def spreads(held: Sequence[Held]) -> set[int]:
    """Return the contracts that are held against another month: calendar spreads.

    held  what one account holds of one product when a day ends

    Two months with opposite signs, opened within a minute or both as legs of a spread.
    """
    return {
        one.contract_id
        for one in held
        for other in held
        if one.position * other.position < 0
        and ((one.is_leg and other.is_leg) or abs(one.opened_ns - other.opened_ns) <= SPREAD_NS)
    }


def days_held(opened_on: date, today: date) -> int:
    """Return over how many ends of UTC days a position is held."""
    return max(0, (today - opened_on).days)


def is_sustained(opened_on: date, today: date) -> bool:
    """Say whether a position is held for longer than most are: more than two UTC days."""
    return days_held(opened_on, today) > SUSTAINED_DAYS


def worst(states: Collection[str]) -> str:
    """Return the worst of some states; flat of none."""
    order = (SKIPPED, MISMATCH, UNVERIFIABLE, OPEN, FLAT)
    return min(states, key=order.index, default=FLAT)
