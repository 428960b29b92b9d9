"""A slow obvious auditor: Python loops over rows, one account and contract after the other.

It shares nothing with the ledger's checks: it splits fills into round trips by hand and looks for a
trade that tells each of them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from ledger.models import Fill, Position, ReportedPosition, SecondFill, Trade

SECOND = 10**9
DAY = timedelta(days=1)


def day_of(ns: int) -> date:
    return datetime.fromtimestamp(ns // SECOND, UTC).date()


def end_ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400) * SECOND


def cycles(fills):
    """Return round trips as lists of (fill, signed part); the last may be open."""
    found, held = [], 0
    for fill in fills:
        left = fill.side * fill.quantity
        if held and held * left < 0:
            part = max(left, -held) if left < 0 else min(left, -held)
            found[-1].append((fill, part))
            held += part
            left -= part
        if left:
            if not held:
                found.append([])
            found[-1].append((fill, left))
            held += left
    return found


def tells(trade, cycle) -> bool:
    first, last = cycle[0][0], cycle[-1][0]
    gross = -sum(Fraction(part) * Fraction(fill.price) for fill, part in cycle)
    return (
        (trade.opened_exec_id, trade.closed_exec_id) == (first.exec_id, last.exec_id)
        and trade.fill_count == len(cycle)
        and trade.side == first.side
        and trade.quantity == sum(abs(part) for _, part in cycle) // 2
        and trade.closed_used == abs(cycle[-1][1])
        and Fraction(trade.gross_native) == gross * Fraction(trade.contract.point_value)
    )


def told(row, fills):
    """Return whether a telling agrees with our position at some moment near it, or is in doubt."""
    at = int(row.taken_at.timestamp()) * SECOND
    low = end_ns(row.day - 3 * DAY)
    before = sum(f.side * f.quantity for f in fills if f.executed_ns < low)
    seen = [f for f in fills if low <= f.executed_ns <= at + 300 * SECOND]
    near = [f for f in seen if max(f.executed_ns, f.received_ns) > at - 300 * SECOND]
    settled = before + sum(f.side * f.quantity for f in seen if f not in near)
    ours = {settled}
    for clock in ("executed_ns", "received_ns"):
        other = {"executed_ns": "received_ns", "received_ns": "executed_ns"}[clock]
        sum_ = settled
        order = sorted(
            near, key=lambda f: (getattr(f, clock), getattr(f, other), f.side * f.quantity)
        )
        for fill in order:
            sum_ += fill.side * fill.quantity
            ours.add(sum_)
    if row.quantity in ours:
        return "agrees"
    stamps = [stamp for f in near for stamp in (f.executed_ns, f.received_ns)]
    if any(abs(stamp - at) <= 60 * SECOND for stamp in stamps):
        return "doubt"
    fixed = Fill.objects.filter(account=row.account_id, ref_exec_id__isnull=False)
    for fix in fixed.filter(received_ns__gt=at - 300 * SECOND):
        if Fill.objects.filter(
            account=row.account_id, exec_id=fix.ref_exec_id, executed_ns__lte=at,
            contract=row.contract_id,
        ).exists():  # fmt: skip
            return "doubt"
    return "differs"


def audit(at: datetime, read_ns: int | None = None):
    """Return (account, contract, day) -> (state, position, bought, sold, fills) of every row."""
    lines = defaultdict(list)
    for fill in Fill.objects.exclude(contract=None):
        lines[fill.account_id, fill.contract_id].append(fill)
    for model in (Position, SecondFill, ReportedPosition, Trade):
        for key in model.objects.values_list("account", "contract"):
            lines[key] = lines[key]
    found = {}
    for (account, contract), rows in lines.items():
        for day, row in _line(account, contract, rows, at, read_ns):
            found[account, contract, day] = row
    return found


def _line(account, contract, rows, at, read_ns):
    mine = {"account": account, "contract": contract}
    usable = sorted(
        (row for row in rows if row.state == "usable"),
        key=lambda f: (f.executed_ns, f.received_ns, f.exec_id, f.leg_index),
    )
    trades = list(Trade.objects.filter(**mine, is_copied=False).select_related("contract"))
    position = Position.objects.filter(**mine).first()
    skipped = set()
    explained = set()
    has_open = False
    for cycle in cycles(usable):
        held = sum(part for _, part in cycle)
        fine = False
        if held:
            has_open = True
            fine = (
                position is not None
                and position.quantity == held
                and position.fill_count == len(cycle)
                and position.opened_ns == cycle[0][0].executed_ns
            )
        for trade in trades if not held else ():
            ends = (trade.opened_exec_id, trade.closed_exec_id)
            if ends == (cycle[0][0].exec_id, cycle[-1][0].exec_id):
                explained.add(trade.id)
                fine = tells(trade, cycle)
        if not fine:
            skipped.update(day_of(fill.executed_ns) for fill, _ in cycle)
    skipped.update(trade.closed_on for trade in trades if trade.id not in explained)
    if position is not None and position.quantity and not has_open:
        skipped.add(day_of(position.last_ns))
    waiting = [day_of(row.executed_ns) for row in rows if row.state == "waiting"]
    copied = set(Trade.objects.filter(**mine, is_copied=True).values_list("closed_on", flat=True))
    second = defaultdict(lambda: [0, 0])
    for one in SecondFill.objects.filter(**mine):
        second[one.day][one.side < 0] += one.quantity
    cover = sorted(SecondFill.objects.filter(account=account).values_list("day", flat=True))
    reported = {row.day: row for row in ReportedPosition.objects.filter(**mine)}
    days = [
        *(day_of(fill.executed_ns) for fill in usable), *skipped, *waiting, *copied, *second,
        *reported,
    ]  # fmt: skip
    if not days:
        return
    day, held = min(days), 0
    while day <= max(*days, at.date()):
        own = [fill for fill in usable if day_of(fill.executed_ns) == day]
        bought = sum(fill.quantity for fill in own if fill.side > 0)
        sold = sum(fill.quantity for fill in own if fill.side < 0)
        held += bought - sold
        says = told(reported[day], usable) if day in reported else "nothing"
        early_waiting = any(one <= day for one in waiting)
        is_read = (
            read_ns is None
            or read_ns >= end_ns(day)
            or end_ns(day) + 7_200 * SECOND > at.timestamp() * SECOND
        )
        covered = bool(cover) and cover[0] <= day <= cover[-1]
        state = "open" if held else "flat"
        interesting = held or own or day in days
        if day in skipped:
            state = "skipped"
        elif (says == "differs" and not early_waiting) or (
            covered and second[day] != [bought, sold] and is_read and day not in waiting
        ):
            state = "mismatch"
        elif (
            day in waiting
            or day in copied
            or says in ("doubt", "differs")
            or (not is_read and interesting)
        ):
            state = "unverifiable"
        if own or held or state not in ("flat", "open"):
            yield day, (state, held, bought, sold, len(own))
        day += DAY
