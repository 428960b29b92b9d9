"""What was allowed: accounts whose books may be read, and what else a reading must know.

Frozen, so that queries are cached by them. They are made in access.py and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class Accounts:
    """Platform accounts whose books may be read; the frozen argument of every query.

    version changes with every change to what may be read of their books, so that a cache key made
    of it never meets an answer of older ones.
    """

    ids: tuple[int, ...]
    version: str

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int]]) -> Accounts:
        """Return accounts from (id, version) pairs: of all books, or of past days alone.

        Each version only ever grows, so their sum, beside the ids, names one state of the books.
        """
        pairs = sorted(rows)
        return cls(tuple([pk for pk, _ in pairs]), str(sum([version for _, version in pairs])))


NO_ACCOUNTS = Accounts((), "0")


@dataclass(frozen=True)
class PersonalScope:
    """One trader's accounts; none where no trader is linked."""

    accounts: Accounts
    trader_id: int | None


@dataclass(frozen=True)
class JournalScope:
    """One trader's journal: that of all accounts, live and sim; none where no trader is linked."""

    accounts: Accounts
    trader_id: int | None


@dataclass(frozen=True)
class OwnJournal:
    """The viewer's own journal, to be written."""

    accounts: Accounts
    trader_id: int


@dataclass(frozen=True)
class CoachedScope:
    """Whose pages a viewer may read: the own trader's, and an admin's those of the group.

    What trader and coach say to each other is for these, and for nobody else.
    """

    trader_id: int | None
    group_id: int | None

    @property
    def journals(self) -> Q:
        """Return the condition on rows that name a trader."""
        own = Q(trader=self.trader_id) if self.trader_id is not None else Q(pk__in=())
        return own if self.group_id is None else own | Q(trader__group=self.group_id)


@dataclass(frozen=True)
class GroupScope:
    """A group's accounts as one viewer may see them.

    veiled      an index stands for money
    accounts    their version is that of past days
    min_cohort  a day's sum with fewer other traders behind it is held back; 0 = never
    own         the viewer's own accounts among them
    """

    accounts: Accounts
    veiled: bool
    min_cohort: int
    own: tuple[int, ...]
    group_id: int


@dataclass(frozen=True)
class WatchedScope:
    """A group's accounts, or those of one of its traders: books that must be whole.

    Sim accounts and archived traders are among them: a fill that is lost there is lost too.
    """

    accounts: Accounts
    group_id: int


@dataclass(frozen=True)
class SharedScope:
    """A group as each of its members may see it: what one text for all of them may tell."""

    group_id: int
    min_cohort: int
    accounts: Accounts
    trader_ids: frozenset[int]
