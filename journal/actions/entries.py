"""Entries are written, written anew and deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.access import OwnJournal
from audit.actions import record
from common.api import Invalid, Refusal
from journal import store
from journal.actions.own_tags import choose
from journal.actions.own_trades import hold
from journal.models import Comment, Entry, EntryTag, EntryTrade, Image
from journal.queries.subjects import UnknownEntry
from ledger.actions import lock_accounts


class ChangedMeanwhile(Refusal):
    status = 409
    message = "The entry was changed since you read it: read it again, then change it"
    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Words:
    """All that a trader writes in an entry."""

    date: date
    title: str
    body: str
    mood: str
    trades: Sequence[UUID]
    tags: Sequence[int]


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """What went with an entry."""

    id: int
    images: int
    comments: int


@transaction.atomic
def write_entry(*, journal: OwnJournal, words: Words, at: datetime) -> int:
    """Write a new entry and return its id. 5 queries, 7 with trades."""
    accounts = _accounts_of(words.trades, journal)
    choose(words.tags, trader_id=journal.trader_id)
    entry = Entry.objects.create(
        trader_id=journal.trader_id,
        date=words.date,
        title=words.title,
        body=words.body,
        mood=words.mood,
        created_at=at,
        updated_at=at,
    )
    _link(entry.pk, accounts, words.tags)
    return entry.pk


@transaction.atomic
def write_entry_anew(
    *, journal: OwnJournal, entry_id: int, words: Words, read_at: datetime | None, at: datetime
) -> None:
    """Let these words stand in place of an entry's; what they leave out goes.

    read_at  `updated_at` of the entry that the writer has seen; ChangedMeanwhile where it is of
             another moment. None: whatever was written meanwhile is overwritten
    """
    if words.trades:
        lock_accounts(journal.accounts.ids)  # before the entry, as who deletes it does
    own = Entry.objects.filter(trader=journal.trader_id, pk=entry_id)
    # With no_key what hangs on the entry, and what follows a trade, need not wait.
    entry = own.select_for_update(no_key=True).first()
    if entry is None:
        raise UnknownEntry
    if read_at is not None and read_at != entry.updated_at:
        raise ChangedMeanwhile
    trades, tags = EntryTrade.objects.filter(entry=entry), EntryTag.objects.filter(entry=entry)
    linked = dict(trades.values_list("trade_id", "account_id"))
    borne = set(tags.values_list("tag_id", flat=True))
    accounts = _accounts_of(words.trades, journal, kept=linked)
    choose(words.tags, trader_id=journal.trader_id, kept=borne)
    trades.exclude(trade__in=accounts).delete()
    tags.exclude(tag__in=words.tags).delete()
    _link(
        entry.pk,
        {trade: account for trade, account in accounts.items() if trade not in linked},
        [tag for tag in words.tags if tag not in borne],
    )
    own.update(date=words.date, title=words.title, body=words.body, mood=words.mood, updated_at=at)


@transaction.atomic
def delete_entry(*, journal: OwnJournal, entry_id: int, by: str, at: datetime) -> DeletedEntry:
    """Delete an entry with its images and with what was said about it."""
    lock_accounts(journal.accounts.ids)  # nothing follows a trade into it meanwhile
    own = Entry.objects.select_for_update().filter(trader=journal.trader_id, pk=entry_id)
    entry = own.first()
    if entry is None:
        raise UnknownEntry
    paths = list(Image.objects.filter(entry=entry).values_list("path", flat=True))
    comments = Comment.objects.filter(entry=entry).count()
    entry.delete()
    record(
        scope="journal", action="delete", entity=("entry", entry_id), by=by, at=at,
        trader_id=journal.trader_id, date=(entry.date, None),
        images=(len(paths), None), comments=(comments, None), source=(None, "api"),
    )  # fmt: skip
    transaction.on_commit(partial(store.drop_all, paths))
    return DeletedEntry(entry_id, len(paths), comments)


def _accounts_of(
    trade_ids: Collection[UUID], journal: OwnJournal, kept: dict[UUID, int] | None = None
) -> dict[UUID, int]:
    """Return the account of each of these trades, held; those `kept` may have vanished since."""
    if not trade_ids:
        return {}
    found = {**(kept or {}), **hold(trade_ids, accounts=journal.accounts)}
    for trade_id in trade_ids:
        if trade_id not in found:
            raise Invalid("trades", f"There is no trade {trade_id} among yours")
    return {trade_id: found[trade_id] for trade_id in trade_ids}


def _link(entry_id: int, accounts: dict[UUID, int], tag_ids: Sequence[int]) -> None:
    EntryTrade.objects.bulk_create(
        EntryTrade(entry_id=entry_id, trade_id=trade_id, account_id=account_id)
        for trade_id, account_id in accounts.items()
    )
    EntryTag.objects.bulk_create(
        EntryTag(entry_id=entry_id, tag_id=tag_id) for tag_id in dict.fromkeys(tag_ids)
    )
