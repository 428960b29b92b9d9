"""A trader's own tags, each under a fixed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from accounts.access import OwnJournal
from audit.actions import record
from common import locks
from common.api import Invalid, Refusal
from journal.actions.own_tags import UnknownTag
from journal.actions.tagging import bump
from journal.models import EntryTag, Layer, Tag, TradeTag
from journal.queries.tags import Tags, tags_of
from ledger.actions import lock_accounts

MOST_TAGS = 500
_JOIN = (
    "INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at) "
    "SELECT x.account_id, x.trade_id, p.new, x.tagged_at "
    "FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS p (old, new) "
    "JOIN journal_tradetag x ON x.tag_id = p.old "
    "WHERE %(account)s::bigint IS NULL OR x.account_id = %(account)s ON CONFLICT DO NOTHING",
    "DELETE FROM journal_tradetag WHERE tag_id = ANY(%(old)s) "
    "AND (%(account)s::bigint IS NULL OR account_id = %(account)s)",
    "INSERT INTO journal_entrytag (entry_id, tag_id) SELECT x.entry_id, p.new "
    "FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS p (old, new) "
    "JOIN journal_entrytag x ON x.tag_id = p.old "
    "WHERE %(account)s::bigint IS NULL ON CONFLICT DO NOTHING",
    "DELETE FROM journal_entrytag WHERE tag_id = ANY(%(old)s) AND %(account)s::bigint IS NULL",
)


class TooManyTags(Refusal):
    message = f"There are {MOST_TAGS} custom tags already: delete one first"
    code = "too_many_tags"


class FixedTag(Refusal):
    status = 403
    message = "Only custom tags may be changed: this one is everybody's"
    code = "fixed_tag"


@dataclass(frozen=True, slots=True)
class CustomTag:
    id: int
    name: str
    parent_id: int


@dataclass(frozen=True, slots=True)
class Untagged:
    """What the deletion of a custom tag did.

    trades, entries  that bore it
    """

    id: int
    name: str
    parent_id: int
    trades: int
    entries: int


@transaction.atomic
def make_tag(*, journal: OwnJournal, name: str, parent_id: int) -> CustomTag:
    """Make a custom tag under a fixed one."""
    tags = _held(journal.trader_id)
    if sum(row.layer == Layer.CUSTOM for row in tags.rows.values()) >= MOST_TAGS:
        raise TooManyTags
    _may_hang(tags, parent_id)
    _is_free(tags, name, parent_id, journal.trader_id)
    made = Tag.objects.create(
        trader_id=journal.trader_id, parent_id=parent_id, layer=Layer.CUSTOM, name=name
    )
    return CustomTag(made.pk, name, parent_id)


@transaction.atomic
def change_tag(*, journal: OwnJournal, tag_id: int, name: str, parent_id: int) -> CustomTag:
    """Rename a custom tag, or hang it elsewhere: its trades count there from now on."""
    lock_accounts(journal.accounts.ids)
    tags = _held(journal.trader_id)
    _is_own(tags, tag_id)
    if parent_id != tags.rows[tag_id].parent_id:
        _may_hang(tags, parent_id)
    _is_free(tags, name, parent_id, journal.trader_id, but=tag_id)
    Tag.objects.filter(pk=tag_id).update(name=name, parent_id=parent_id)
    bump(journal.accounts.ids)
    return CustomTag(tag_id, name, parent_id)


@transaction.atomic
def delete_tag(*, journal: OwnJournal, tag_id: int, by: str, at: datetime) -> Untagged:
    """Delete a custom tag, and take it off all that bore it."""
    lock_accounts(journal.accounts.ids)
    tags = _held(journal.trader_id)
    _is_own(tags, tag_id)
    row = tags.rows[tag_id]
    assert row.parent_id is not None, "A custom tag hangs under a fixed one"
    Tag.objects.select_for_update().get(pk=tag_id)  # nobody puts it on anything any more
    trades, _ = TradeTag.objects.filter(tag=tag_id).delete()
    entries, _ = EntryTag.objects.filter(tag=tag_id).delete()
    Tag.objects.filter(pk=tag_id).delete()
    bump(journal.accounts.ids)
    record(
        scope="journal", action="delete", entity=("tag", tag_id), by=by, at=at,
        trader_id=journal.trader_id, parent=(row.parent_id, None),
        trades=(trades, None), entries=(entries, None), source=(None, "api"),
    )  # fmt: skip
    return Untagged(tag_id, row.name, row.parent_id, trades, entries)


def join(pairs: Sequence[tuple[int, int]], *, account_id: int | None = None) -> None:
    """Let what bears the first tag of a pair bear the second in its place. 4 queries.

    account_id  the trades of one account alone, and no entries
    """
    given = {
        "old": [old for old, _ in pairs], "new": [new for _, new in pairs], "account": account_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for step in _JOIN:
            cursor.execute(step, given)


def _held(trader_id: int) -> Tags:
    """Return the tags that a trader sees; nobody else changes the custom ones meanwhile."""
    locks.hold("journal.tags", trader_id)
    return tags_of(trader_id)


def _is_own(tags: Tags, tag_id: int) -> None:
    if tag_id not in tags.rows:
        raise UnknownTag
    if tags.rows[tag_id].layer != Layer.CUSTOM:
        raise FixedTag


def _may_hang(tags: Tags, parent_id: int) -> None:
    parent = tags.rows.get(parent_id)
    if parent is None:
        raise Invalid("parent", f"There is no tag {parent_id}")
    if parent.layer != Layer.TAG:
        raise Invalid("parent", f"{parent.name} is no fixed tag below a category")
    if tags.retired(parent_id):
        raise Invalid("parent", f"{parent.name} is retired")


def _is_free(tags: Tags, name: str, parent_id: int, trader_id: int, but: int = 0) -> None:
    """Ask the database, whose idea of capitals is what keeps names apart."""
    same = Tag.objects.annotate(lower=Lower("name")).filter(
        parent=parent_id, trader=trader_id, lower=Lower(Value(name))
    )
    if (found := same.exclude(pk=but).first()) is not None:
        above = tags.rows[parent_id].name
        raise Invalid("name", f"You have a tag {found.name} under {above} already")
