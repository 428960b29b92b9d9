"""A slow obvious bookkeeper: one lot of one contract after the other, Fractions only.

It knows nothing of the ledger's tables, chunks, columns or starts: it reads every reported row,
settles corrections by looking at all of them, and walks the rest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction


def utc_day(ns: int):
    return datetime.fromtimestamp(ns // 10**9, UTC).date()


def standing(rows):
    """Return the rows that count: a bust voids its chain, else the last correction stands."""
    by_exec = {row.exec_id: row for row in rows}

    def root(row):
        seen = {row.exec_id}
        while row.ref_exec_id and row.ref_exec_id in by_exec and row.ref_exec_id not in seen:
            row = by_exec[row.ref_exec_id]
            seen.add(row.exec_id)
        return row.ref_exec_id or row.exec_id

    chains = defaultdict(list)
    for row in rows:
        chains[root(row)].append(row)
    kept = []
    for name, chain in chains.items():
        if any(row.action == "cancel" for row in chain):
            continue
        fixes = [row for row in chain if row.action == "correct"]
        last = max(fixes, key=lambda row: (row.received_ns, row.exec_id)) if fixes else None
        kept += [(row, name) for row in chain if last is None or row is last]
    return kept


@dataclass
class Round:
    opened: str
    side: int
    closed: str | None = None
    quantity: int = 0
    max_position: int = 0
    gross: Fraction = Fraction(0)
    fees: Fraction = Fraction(0)
    by_day: dict = field(default_factory=lambda: defaultdict(Fraction))
    lots: list = field(default_factory=list)
    closed_on: object = None


def rounds(rows, point_value):
    """Walk one account and contract, one contract at a time; fees are exact per contract."""
    found, current = [], None
    ordered = sorted(
        rows, key=lambda pair: (pair[0].executed_ns, pair[0].received_ns, pair[0].exec_id)
    )
    for fill, root in ordered:
        day = utc_day(fill.executed_ns)
        for _ in range(fill.quantity):
            if current is None:
                current = Round(opened=root, side=fill.side)
                found.append(current)
            fee = Fraction(fill.fees or 0) / fill.quantity
            current.fees += fee
            current.by_day[day] -= fee
            price = Fraction(fill.price)
            if fill.side == current.side:
                current.lots.append(price)
                current.quantity += 1
                current.max_position = max(current.max_position, len(current.lots))
                continue
            gain = (price - current.lots.pop(0)) * current.side * Fraction(point_value)
            current.gross += gain
            current.by_day[day] += gain
            if not current.lots:
                current.closed, current.closed_on = fill.exec_id, day
                current = None
    return found


def cents_apart(a, b) -> bool:
    """Fees split at a flip are rounded to the millionth, once a fill; nothing else is rounded."""
    return abs(Fraction(a) - Fraction(b)) > Fraction(1, 10**4)
