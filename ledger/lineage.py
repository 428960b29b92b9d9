"""A day's figures followed to their fills: what the day touched, folded as the books were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from calc.matching import Cycles, match
from common.clock import NS_PER_DAY, from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled
from ledger.fold.facts import number_of, read_facts, read_rates
from ledger.fold.read import Read, count_fills, find_starts, read_fills
from ledger.fold.results import book, identity_of
from ledger.parts import part_of_fees
from ledger.words import BEGINNING_NS, Place


class TooMany(Exception):
    """The day stands on more fills than are wanted; `count` says on how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} fills")
        self.count = count


@dataclass(frozen=True, slots=True)
class Part:
    """A fill, or the part of a flip that belongs to one trade.

    quantity  contracts of the part; filled: of the whole fill
    fees      of the part, contract currency, by the fee schedule where the provider did not tell
    corrects  the first execution of its chain, where it stands in the place of another
    """

    executed_ns: int
    side: int
    price: Decimal
    quantity: int
    filled: int
    exec_id: str
    leg_index: int
    corrects: str | None
    fees: Decimal

    @property
    def executed_at(self) -> datetime:
        return from_ns(self.executed_ns)


@dataclass(frozen=True, slots=True)
class Realised:
    """What the fills of one UTC day realised in one trade, fees included, USD.

    rate      USD per unit of the contract's currency on that day; None: none is known
    realized  None while that rate is missing
    """

    date: date
    rate: Decimal | None
    realized: Decimal | None


@dataclass(frozen=True, slots=True)
class Run:
    """From flat to flat, or to the end of the day where it was held over it.

    quantity  contracts opened; position: held at the end, signed; held: why money is missing
    """

    trade_id: UUID
    account_id: int
    contract_id: int
    side: int
    quantity: int
    position: int
    held: str
    days: tuple[Realised, ...]
    fills: tuple[Part, ...]


def runs_of(groups: Sequence[tuple[int, int]], day: date, *, most: int) -> tuple[Run, ...]:
    """Return what had a fill on the UTC day in these accounts' contracts, in the books' order.

    With all fills since it was opened, also of earlier days, to the end of the day. Raises TooMany
    where these are more than `most`. 6 queries; one more in a foreign currency.
    """
    if not groups:
        return ()
    first_ns = number_of(day) * NS_PER_DAY
    last_ns = first_ns + NS_PER_DAY - 1
    starts = find_starts([Place(*group, first_ns, BEGINNING_NS) for group in groups])
    if (count := count_fills(starts, until=last_ns)) > most:
        raise TooMany(count)
    facts = read_facts({account for account, _ in groups}, {contract for _, contract in groups})
    read = read_fills(starts, facts, until=[last_ns] * len(starts))
    matched = match(read.fills, read.used)
    read_rates(facts, matched.parts.day.tolist())
    cycles = matched.cycles
    keys = [starts[read.group[n]].place[:2] for n in cycles.group.tolist()]
    booked = book(matched, facts, [facts.contracts[contract] for _, contract in keys])
    return tuple(
        Run(
            trade_id=identity_of(key, read, int(cycles.first[n]), facts),
            account_id=key[0],
            contract_id=key[1],
            side=int(cycles.side[n]),
            quantity=int(cycles.quantity[n]),
            position=int(cycles.side[n] * (cycles.quantity[n] - cycles.closed_quantity[n])),
            held=booked[n].held,
            days=tuple(
                Realised(
                    date=on,
                    rate=facts.rate(facts.contracts[key[1]].currency, number_of(on)),
                    realized=None if missing else from_scaled(micros, MONEY_PLACES),
                )
                for on, micros, missing in booked[n].days
            ),
            fills=_parts(cycles, n, read),
        )
        for n, key in enumerate(keys)
        if read.executed_ns[int(cycles.last[n])] >= first_ns
    )


def _parts(cycles: Cycles, n: int, read: Read) -> tuple[Part, ...]:
    """Return the fills of a cycle; what its first and last one gave to others is left out."""
    first, last = int(cycles.first[n]), int(cycles.last[n])
    side = int(cycles.side[n])
    found = []
    for row in range(first, last + 1):
        signed, whole = int(read.fills.signed[row]), int(read.fills.fees[row])
        filled = abs(signed)
        taken = int(cycles.used_first[n]) if row == first else 0
        part = int(cycles.used_last[n]) if row == last else filled - taken
        closing = signed * side < 0
        fees = part_of_fees(whole, part, filled, closing=closing)
        corrected = read.root_exec_id[row] != read.exec_id[row]
        found.append(
            Part(
                executed_ns=read.executed_ns[row],
                side=1 if signed > 0 else -1,
                price=from_scaled(int(read.fills.price[row]), PRICE_PLACES),
                quantity=part,
                filled=filled,
                exec_id=read.exec_id[row],
                leg_index=read.leg_index[row],
                corrects=read.root_exec_id[row] if corrected else None,
                fees=from_scaled(fees, MONEY_PLACES),
            )
        )
    return tuple(found)
