"""States kept: what is due is checked, some accounts at a time; or everything is.

A check of a line begins after a day that ended flat, so its work goes with what changed. What is
due is taken away in the transaction that checks it: a crash leaves it due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from common import locks
from common.metrics import REBUILDS
from futures.models import Contract
from ledger.reconciliation import due, reported
from ledger.reconciliation.facts import Line, read
from ledger.reconciliation.judged import rows
from ledger.reconciliation.words import Asked, ReadTo, read_to
from ledger.reconciliation.written import write

ACCOUNTS = 20  # in one transaction


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: lines (an account in a contract), days; rows that came out otherwise."""

    lines: int = 0
    days: int = 0
    changed: int = 0

    def and_(self, other: Checked) -> Checked:
        return Checked(
            self.lines + other.lines, self.days + other.days, self.changed + other.changed
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is: accounts done of all, and what came of it."""

    done: int
    total: int
    checked: Checked


def keep(
    *, at: datetime, most: int | None = None, wait: bool = True, asked: Asked = read_to
) -> Checked:
    """Check what is due: what changed, what is held on a new day, what could not be told before.

    Each chunk is a transaction; two at once take turns. Accounts whose history still comes in wait.

    most   lines after which to stop; None = until nothing is due
    wait   False = leave it to whoever is at it already
    asked  how far accounts have been read
    """
    done = Checked()
    with transaction.atomic():
        if not _alone(wait):
            return done
        marks = asked(due.accounts())
        due.mark_what_time_brings(at, marks)
        reported.settle(None, marks, at)
    while most is None or done.lines < most:
        with transaction.atomic():
            if not _alone(wait):
                break
            accounts = due.accounts_in_turn(ACCOUNTS, _in_history(marks))
            if not accounts:
                break
            done = done.and_(_check(due.take(accounts), marks, at))
    return done


@REBUILDS.timed("states")
def check(
    *, account_ids: Collection[int] | None = None, since: date | None = None, at: datetime,
    asked: Asked = read_to, tell: Callable[[Progress], None] = lambda _: None,
) -> Checked:  # fmt: skip
    """Check everything, or some accounts, or from a day on; `keep` has come to the same already.

    With `since` each line is checked from the last day before it that ended flat.
    """
    accounts = sorted(account_ids) if account_ids is not None else due.accounts()
    done = Checked()
    tell(Progress(0, len(accounts), done))
    for start in range(0, len(accounts), ACCOUNTS):
        some = accounts[start : start + ACCOUNTS]
        with transaction.atomic():
            _alone(wait=True)
            marks = asked(some)
            reported.settle(some, marks, at)
            if since is None:
                due.take(some)
            done = done.and_(_check(due.all_lines(some, since), marks, at))
        tell(Progress(min(start + ACCOUNTS, len(accounts)), len(accounts), done))
    return done


def _alone(wait: bool) -> bool:
    if not wait:
        return locks.try_hold("ledger", "reconciliation")
    locks.hold("ledger", "reconciliation")
    return True


def _in_history(marks: Mapping[int, ReadTo]) -> list[int]:
    return [account for account, mark in marks.items() if not mark.is_history_in]


def _check(lines: list[Line], marks: Mapping[int, ReadTo], at: datetime) -> Checked:
    if not lines:
        return Checked()
    products = dict(
        Contract.objects.filter(id__in={line.contract_id for line in lines}).values_list(
            "id", "product_id"
        )
    )
    found = list(rows(lines, read(lines), products, marks, at))
    return Checked(len(lines), len(found), write(lines, found, products))
