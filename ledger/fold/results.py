"""From matched cycles to rows of the books: trades, positions, day results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt

from calc.identity import trade_id
from calc.matching import Matched
from calc.money import fees_usd_micros, usd_micros
from ledger.fold.facts import ONE, ContractFacts, Facts, day_of
from ledger.fold.read import Read, Start

# Nine billion, in a trade's part of a day. More is a mistake in a report; it is held back, because
# sums of such would not fit into the books, and one bad row must not keep the others out.
MOST_MICROS = 2**53
TOO_LARGE = "its result is too large to be true: check the prices and quantities of its fills"
KILO = Decimal(1000)
Column: TypeAlias = npt.NDArray[Any]


@dataclass(slots=True)
class Booked:
    """What a cycle has realised, micro-USD; `held` says which rate is missing."""

    gross: int = 0
    fees: int = 0
    days: list[tuple[date, int, bool]] = field(default_factory=list)  # day, realised, held
    held: str = ""

    @property
    def pnl(self) -> int:
        return self.gross - self.fees


@dataclass(slots=True)
class DayLine:
    """Sums of one UTC day, micro-USD; the columns of DayResult. Grows while the fold runs."""

    pnl: int = 0
    gross: int = 0
    fees: int = 0
    profit: int = 0
    loss: int = 0
    trade_count: int = 0
    win_count: int = 0
    loss_count: int = 0
    quantity: int = 0
    held_count: int = 0
    realized: int = 0
    realized_held: bool = False

    def add_trade(self, line: Booked, quantity: int, outcome: int | None) -> None:
        if line.held:
            self.held_count += 1
            return
        pnl = line.pnl
        self.pnl += pnl
        self.gross += line.gross
        self.fees += line.fees
        self.profit += max(pnl, 0)
        self.loss += min(pnl, 0)
        self.trade_count += 1
        self.win_count += outcome == 1
        self.loss_count += outcome == -1
        self.quantity += quantity


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ready for COPY, in the column order of `ledger.fold.write`."""

    trades: list[tuple[Any, ...]]
    positions: list[tuple[Any, ...]]
    days: list[tuple[Any, ...]]


def book(matched: Matched, facts: Facts, contracts: Sequence[ContractFacts]) -> list[Booked]:
    """Price each cycle's parts at the rate of their own day; one result per cycle.

    contracts   of each cycle, in order
    """
    parts = matched.parts
    cycles = parts.cycle.tolist()
    days = parts.day.tolist()
    rates = [facts.rate(contracts[n].currency, day) for n, day in zip(cycles, days, strict=True)]
    priced = [rate or ONE for rate in rates]
    values = [contracts[n].point_value for n in cycles]
    fits = _fits(parts.gross_points, [v * r for v, r in zip(values, priced, strict=True)])
    fits &= _fits(parts.fees, [KILO * rate for rate in priced])
    gross = usd_micros(np.where(fits, parts.gross_points, 0), values, priced)
    fees = fees_usd_micros(np.where(fits, parts.fees, 0), priced)
    booked = [Booked() for _ in range(len(matched.cycles))]
    for n, day, rate, gain, fee, fit in zip(
        cycles, days, rates, gross.tolist(), fees.tolist(), fits.tolist(), strict=True
    ):
        line = booked[n]
        missing = not fit or (rate is None and bool(gain or fee))  # nothing needs no rate
        if not fit:
            line.held = TOO_LARGE
        elif missing:
            line.held = line.held or f"no {contracts[n].currency} rate for {day_of(day)}"
        else:
            line.gross += gain
            line.fees += fee
        line.days.append((day_of(day), 0 if missing else gain - fee, missing))
    return booked


def _fits(points: Column, values: Sequence[Decimal]) -> Column:
    """Say which amounts stay within MOST_MICROS; roughly, for a bound needs no exactness."""
    sizes: Column = np.abs(points.astype(float)) * np.array(values, float)
    fits: Column = sizes < float(MOST_MICROS) * 1e3
    return fits


def rows_of(matched: Matched, read: Read, starts: Sequence[Start], facts: Facts) -> Rows:
    """Turn matched cycles into rows of trades, positions and day results."""
    c = matched.cycles
    groups = [starts[read.group[n]].place[:2] for n in c.group.tolist()]
    contracts = [facts.contracts[contract] for _, contract in groups]
    booked = book(matched, facts, contracts)
    values = [contract.point_value for contract in contracts]
    fits = _fits(c.gross_points, values)
    native_gross = usd_micros(np.where(fits, c.gross_points, 0), values).tolist()
    native_fees = np.where(_fits(c.fees, [KILO] * len(values)), c.fees, 0).tolist()
    trades: list[tuple[Any, ...]] = []
    positions = {
        start.place[:2]: _flat(start.place[:2], start.place.executed_ns if start.day else None)
        for start in starts
    }
    days: dict[tuple[int, int, date], DayLine] = {}
    columns = zip(
        groups,
        contracts,
        booked,
        native_gross,
        native_fees,
        *(getattr(c, name).tolist() for name in _CYCLE),
        strict=True,
    )
    for group, contract, line, native, native_fee, *cycle in columns:
        (first, last, used_last, side, closed, quantity, closed_quantity, max_position,
         entry, exit_, open_points, gross_points, _, fill_count) = cycle  # fmt: skip
        for day, realised, held in line.days:
            sums = days.setdefault((*group, day), DayLine())
            sums.realized += realised
            sums.realized_held |= held
        identity = identity_of(group, read, first, facts)
        if not closed:
            left = quantity - closed_quantity
            positions[group] = (
                *group,
                side * left,
                _average(open_points, left),
                read.executed_ns[first],
                identity,
                None if line.held else line.pnl,
                line.held,
                fill_count,
                read.executed_ns[last],
            )
            continue
        closed_on = line.days[-1][0]
        outcome = (
            None
            if line.held
            else _outcome(line.pnl, gross_points, quantity, contract, facts, group)
        )
        trades.append((
            identity, *group, contract.product_id, side, quantity, max_position,
            _average(entry, quantity), _average(exit_, quantity),
            *_key(read, first), *_key(read, last),
            used_last, closed_on, fill_count, native, native_fee,
            *((None,) * 5 if line.held else (
                line.gross, line.fees, line.pnl,
                sum(amount for day, amount, _ in line.days if day < closed_on), outcome)),
            line.held, False,
        ))  # fmt: skip
        days[(*group, closed_on)].add_trade(line, quantity, outcome)
        positions[group] = _flat(group, read.executed_ns[last])
    return Rows(
        trades,
        [row for row in positions.values() if row[-1] is not None],
        [_day_row(key, facts, value) for key, value in days.items()],
    )


_CYCLE = (
    "first", "last", "used_last", "side", "closed", "quantity", "closed_quantity", "max_position",
    "entry_points", "exit_points", "open_points", "gross_points", "fees", "fill_count",
)  # fmt: skip


def identity_of(group: tuple[Any, ...], read: Read, row: int, facts: Facts) -> UUID:
    """Return the id of the trade of an account and contract that opens with this row."""
    account = facts.accounts[group[0]]
    return trade_id(
        account.platform,
        account.environment,
        account.account,
        facts.contracts[group[1]].name,
        read.root_exec_id[row],
        read.leg_index[row],
    )


def _key(read: Read, row: int) -> tuple[Any, ...]:
    return read.executed_ns[row], read.received_ns[row], read.exec_id[row], read.leg_index[row]


def _flat(group: tuple[Any, ...], last_ns: int | None) -> tuple[Any, ...]:
    return (*group, 0, None, None, None, None, "", 0, last_ns)


def _average(points: int, contracts: int) -> int:
    """Return points / contracts in nanopoints, rounded half to even."""
    whole, rest = divmod(points, contracts)
    twice = 2 * rest
    return whole + (twice > contracts or (twice == contracts and whole % 2 == 1))


def _outcome(
    pnl: int,
    points: int,
    quantity: int,
    contract: ContractFacts,
    facts: Facts,
    group: tuple[Any, ...],
) -> int:
    """Return 1 win, 0 scratch, -1 loss; a group may count a few ticks as a scratch."""
    ticks = facts.accounts[group[0]].scratch_ticks
    if ticks and abs(points) <= ticks * contract.tick_nanos * quantity:
        return 0
    return (pnl > 0) - (pnl < 0)


def _day_row(key: tuple[int, int, date], facts: Facts, line: DayLine) -> tuple[Any, ...]:
    account_id, contract_id, day = key
    return (
        account_id,
        day,
        contract_id,
        facts.contracts[contract_id].product_id,
        line.pnl,
        line.gross,
        line.fees,
        line.profit,
        line.loss,
        line.trade_count,
        line.win_count,
        line.loss_count,
        line.quantity,
        line.held_count,
        line.realized,
        line.realized_held,
    )
