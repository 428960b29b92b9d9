"""Executions -> rows of TT's ledger, with what goes wrong between the exchange and the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from random import Random

from ingestion.simulator import seeds
from ingestion.simulator.executions import NS, SINGLE, Execution
from ingestion.simulator.faults import FaultPlan
from ingestion.simulator.listings import MARKET_IDS
from ingestion.simulator.population import Account

HOUR = 3600 * NS
TRADE, CORRECT, CANCEL = 14, 15, 16


@dataclass(frozen=True, slots=True)
class Report:
    """One row of the ledger.

    stamp         the provider's time, ns; appears: from when on the ledger shows it
    identity      uniqueExecId; ref: the identity that a correction or a cancel names
    told          what the row says; None where the row is unusable
    is_effective  what it says holds for good and belongs into the books
    fault         why the row is as it is, "" for an ordinary one
    """

    stamp: int
    appears: int
    identity: str
    ref: str | None
    action: int
    account_id: str
    told: Execution | None
    is_effective: bool
    fault: str
    row: bytes


def reports(
    executions: Sequence[Execution], account: Account, prefix: str, plan: FaultPlan
) -> list[Report]:
    """Return the rows for one draw of an account's executions, in the order of the executions.

    prefix  begins every identity of the draw: unique within the account
    """
    dice = seeds.dice(plan.seed, "reports", prefix, account.account_id)
    made: list[Report] = []
    writer = _Writer(account, prefix)
    delay, order = 0, 0
    for execution in executions:
        if execution.order != order:  # fills of one order arrive together
            order, delay = execution.order, dice.randint(2_000_000, 60_000_000)
        made.extend(_reported(execution, writer, execution.ns + delay, plan, dice))
    return _with_ties(made, writer, plan) if plan.rate("ties") else made


def _reported(
    execution: Execution, writer: _Writer, stamp: int, plan: FaultPlan, dice: Random
) -> Iterator[Report]:
    """Yield the row of an execution, or the rows that lead to the same end."""
    identity = f"{writer.prefix}{execution.number:x}"
    appears, fault = stamp, ""
    if not plan.rates:
        yield writer.report(execution, identity, stamp)
        return
    hours = dice.randint(HOUR, 8 * HOUR)
    if plan.strikes("late", identity):
        stamp, fault = stamp + hours, "late"
        appears = stamp
    elif plan.strikes("backdated", identity):
        appears, fault = stamp + hours, "backdated"
    elif plan.strikes("skew", identity):
        stamp, fault = stamp - dice.randint(NS, 600 * NS), "skew"
    is_plain = execution.is_booked and execution.leg == SINGLE
    if is_plain and plan.strikes("corrected", identity):
        yield from _corrected(execution, writer, identity, stamp, plan, dice)
    else:
        report = writer.report(execution, identity, stamp, appears=appears, fault=fault)
        if plan.strikes("nul", identity):  # harmless here: a name, not an identifier
            report = replace(report, row=report.row.replace(b'"account":"', b'"account":"\\u0000'))
        yield report
        if plan.strikes("doubled", identity):
            yield replace(report, fault="doubled")
    if is_plain:
        yield from _phantoms(execution, writer, identity, stamp, plan, dice)


def _corrected(
    execution: Execution,
    writer: _Writer,
    identity: str,
    stamp: int,
    plan: FaultPlan,
    dice: Random,
) -> Iterator[Report]:
    """Told wrong, corrected; sometimes corrected twice, or before the first word arrives."""
    wrong = replace(execution, ticks=execution.ticks + dice.choice((-8, -3, 3, 8)))
    if dice.random() < 0.3:
        wrong = replace(wrong, signed=wrong.signed * 2)
    first = stamp + dice.randint(60 * NS, 3 * HOUR)
    said = first + 2 * HOUR if dice.random() < 0.2 else stamp
    yield writer.report(wrong, identity, said, fault="corrected", is_effective=False)
    if plan.strikes("chained", identity):
        nearly = replace(execution, ticks=execution.ticks + 1)
        yield writer.report(
            nearly, f"{identity}.c", first, CORRECT, identity, fault="chained", is_effective=False
        )
        yield writer.report(
            execution, f"{identity}.d", first + 60 * NS, CORRECT, f"{identity}.c", fault="chained"
        )
    else:
        yield writer.report(execution, f"{identity}.c", first, CORRECT, identity, fault="corrected")


def _phantoms(
    execution: Execution,
    writer: _Writer,
    identity: str,
    stamp: int,
    plan: FaultPlan,
    dice: Random,
) -> Iterator[Report]:
    """Rows beside the execution that leave nothing behind."""
    for fault in ("busted", "bust_first"):
        if plan.strikes(fault, identity):
            shadow = f"{identity}.{'p' if fault == 'busted' else 'q'}"
            told, voided = stamp, stamp + dice.randint(NS, 2 * HOUR)
            if fault == "bust_first":
                told, voided = voided, told
            ghost = replace(execution, ns=execution.ns + 1)
            yield writer.report(ghost, shadow, told, fault=fault, is_effective=False)
            yield writer.report(
                ghost, f"{shadow}x", voided, CANCEL, shadow, fault=fault, is_effective=False
            )
    for fault in ("nan", "nul"):
        if plan.strikes(fault, identity):
            yield writer.unusable(execution, f"{identity}.{fault}", stamp, fault)


def _with_ties(made: list[Report], writer: _Writer, plan: FaultPlan) -> list[Report]:
    """Give the rows of a burst one stamp, as if the gateway had held them back."""
    made = sorted(made, key=lambda report: report.stamp)
    place = 0
    while place < len(made):
        report = made[place]
        length = 1
        if report.fault == "" and plan.strikes("ties", report.identity):
            length = 2 + seeds.number("burst", report.identity) % 9
            burst = made[place : place + length]
            last = burst[-1].stamp
            if last - report.stamp < 12 * HOUR:
                for offset, one in enumerate(burst):
                    if one.told is not None and one.fault == "":
                        made[place + offset] = writer.report(
                            one.told, one.identity, last, fault="ties"
                        )
        place += length
    return made


class _Writer:
    """Writes rows with TT's keys; all that is the same for an account is written once."""

    def __init__(self, account: Account, prefix: str) -> None:
        self.account = account
        self.prefix = prefix
        user = 9000 + account.trader
        self._fixed = (
            f'"accountId":{account.account_id},"account":"{account.name}","currUserId":{user}'
        )

    def report(
        self,
        told: Execution,
        identity: str,
        stamp: int,
        action: int = TRADE,
        ref: str | None = None,
        *,
        appears: int = 0,
        fault: str = "",
        is_effective: bool = True,
    ) -> Report:
        return Report(
            stamp=stamp,
            appears=max(stamp, appears),
            identity=identity,
            ref=ref,
            action=action,
            account_id=self.account.account_id,
            told=told,
            is_effective=is_effective and told.is_booked,
            fault=fault,
            row=self._row(told, identity, stamp, action, ref, price_text(told)),
        )

    def unusable(self, told: Execution, identity: str, stamp: int, fault: str) -> Report:
        """A row that no books can hold: a price of NaN, or a NUL in an identifier."""
        text = price_text(told)
        row = self._row(told, identity, stamp, TRADE, None, "NaN" if fault == "nan" else text)
        if fault == "nul":
            row = row.replace(b'"instrumentId":"', b'"instrumentId":"\\u0000')
        return Report(
            stamp, stamp, identity, None, TRADE, self.account.account_id, None, False, fault, row
        )

    def _row(
        self, told: Execution, identity: str, stamp: int, action: int, ref: str | None, price: str
    ) -> bytes:
        market = MARKET_IDS[told.market or told.product.exchange]
        named = f'"execRefID":"{ref}",' if ref else ""
        return (
            f'{{"recordId":"{identity}-{action}","uniqueExecId":"{identity}",'
            f'"execId":"{told.order}:{told.number}","timeStamp":"{stamp}",'
            f'"transactTime":"{told.ns}",{self._fixed},"instrumentId":"{told.instrument_id}",'
            f'"marketId":{market},"side":{1 if told.signed > 0 else 2},'
            f'"lastQty":{abs(told.signed)},"lastPx":{price},"ordStatus":2,'
            f'"orderId":"{self.prefix}{told.order}","multiLegReportingType":{told.leg},'
            f'"execType":{action},{named}"fillsGroup":[],"manualFill":false,'
            f'"positionEffect":"{told.effect}"}}'
        ).encode()


def price_text(told: Execution) -> str:
    """Return the price in points, exact and in plain digits."""
    return points(told.product.tick, told.ticks)


@lru_cache(maxsize=200_000)
def points(tick: Decimal, ticks: int) -> str:
    """Return `ticks` of size `tick` as plain digits."""
    return f"{tick * ticks:f}"
