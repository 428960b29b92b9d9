"""Which day figures of a group changed after their day was over."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import Accounts
from common.api import Page, Period
from ledger.history import Restated
from ledger.history import restatements as restated
from ledger.models import Reason

REASONS = tuple(reason for reason in Reason.values if reason != Reason.GROWTH)


@dataclass(frozen=True, slots=True)
class WatchedRestatements:
    """A page of what was restated, the latest first; `count` on all pages."""

    rows: tuple[Restated, ...]
    count: int


def restatements(*, accounts: Accounts, period: Period | None, page: Page) -> WatchedRestatements:
    """Return what was restated of the days of a period; None is all of time. 2 queries."""
    return WatchedRestatements(*restated(account_ids=accounts.ids, page=page, days=period))
