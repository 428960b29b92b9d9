"""What a person wrote: told with its images, and erased. The group's sums by tag stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.persons import File, Keeper, Person, Rows
from accounts.persons.telling import rows_of
from journal import store
from journal.models import (
    Comment,
    Detached,
    Entry,
    EntryTag,
    EntryTrade,
    Followed,
    Image,
    Tag,
    TradeNote,
    TradeTag,
    WelcomePrompt,
)
from journal.pictures import ENDINGS
from ledger.actions import lock_accounts

ERASED = "(erased)"
# A trade that bears an own tag bears the fixed one above it instead: sums by tag stay as they are.
_FIXED = """
INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at)
SELECT x.account_id, x.trade_id, g.parent_id, x.tagged_at
FROM journal_tradetag x JOIN journal_tag g ON g.id = x.tag_id
WHERE g.trader_id = %s ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING"""


def export(person: Person) -> Iterator[Rows | File]:
    trader, accounts = person.trader_id, person.account_ids
    own = Q(trader=trader) if trader else Q(pk__in=())
    entries = Entry.objects.filter(own).order_by("id")
    yield Rows("entries", "pages of the journal", rows_of(entries))
    yield Rows("entry_trades", "trades that they speak of",
               rows_of(EntryTrade.objects.filter(entry__in=entries).order_by("id")))  # fmt: skip
    yield Rows("entry_tags", "tags that they bear",
               rows_of(EntryTag.objects.filter(entry__in=entries).order_by("id"),
                       tag="tag__name"))  # fmt: skip
    notes = TradeNote.objects.filter(account__in=accounts).order_by("pk")
    yield Rows("notes", "about trades", rows_of(notes))
    yield Rows("tags", "own ones", rows_of(Tag.objects.filter(own).order_by("id"),
                                           under="parent__name"))  # fmt: skip
    borne = TradeTag.objects.filter(account__in=accounts).order_by("pk")
    yield Rows("trade_tags", "tags of trades", rows_of(borne, tag="tag__name"))
    detached = Detached.objects.filter(account__in=accounts).order_by("pk")
    yield Rows("detached", "trades that are no more and were written about",
               rows_of(detached, contract="contract__name"))  # fmt: skip
    followed = Followed.objects.filter(account__in=accounts).order_by("id")
    yield Rows("followed", "trades whose notes went to others", rows_of(followed))
    yield Rows("comments", "on the own trades and pages, and by the person on others'",
               rows_of(_comments(person), without=("author_id", "acknowledged_by_id")))  # fmt: skip
    prompts = WelcomePrompt.objects.filter(own).order_by("id")
    yield Rows("prompts", "weekly greetings", rows_of(prompts))
    images = Image.objects.filter(own).order_by("id")
    yield Rows("images", "the files are in images/", rows_of(images, without=("path",)))
    for image in images.iterator():
        ending = ENDINGS[image.content_type]
        yield File(f"images/{image.pk}.{ending}", partial(store.content, image.path))


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    """Take away what was written, and the images when the database has committed.

    A file that cannot be removed then has no row any more, and is swept out at night.
    """
    lock_accounts(person.account_ids)
    said = Comment.objects.filter(author__in=person.users)
    found = _journal(person.trader_id, person) if person.trader_id else {}
    # The talk on others' pages stays one that can be followed.
    found["comments_blanked"] = said.update(text=ERASED, author=None, author_name=ERASED)
    Comment.objects.filter(acknowledged_by__in=person.users).update(acknowledged_by=None)
    found["prompts_reworded"] = _reword(person)
    return found


def _journal(trader_id: int, person: Person) -> dict[str, int]:
    accounts = person.account_ids
    images = Image.objects.filter(Q(trader=trader_id) | Q(entry__trader=trader_id))
    paths = list(images.values_list("path", flat=True))
    found = {
        "comments": Comment.objects.filter(trader=trader_id).delete()[0],
        "images": images.delete()[0],
        "notes": TradeNote.objects.filter(account__in=accounts).delete()[0],
        "prompts": WelcomePrompt.objects.filter(trader=trader_id).delete()[0],
        "detached": Detached.objects.filter(account__in=accounts).delete()[0],
        "followed": Followed.objects.filter(account__in=accounts).delete()[0],
        "entries": Entry.objects.filter(trader=trader_id).delete()[0],
    }
    own = Tag.objects.filter(trader=trader_id)
    with connection.cursor() as cursor:
        cursor.execute(_FIXED, [trader_id])
    TradeTag.objects.filter(tag__in=own).delete()
    EntryTag.objects.filter(tag__in=own).delete()
    found["tags"] = own.delete()[0]
    if paths:
        transaction.on_commit(partial(store.drop_all, paths))
    return found


def _reword(person: Person) -> int:
    """Take the name out of greetings of whole groups."""
    named = Q(pk__in=())
    for name in person.names:
        named |= Q(prompt_message__icontains=name)
    changed = 0
    for prompt in WelcomePrompt.objects.filter(named, trader=None):
        text = person.unnamed(prompt.prompt_message)[:1000]
        if text != prompt.prompt_message:
            changed += WelcomePrompt.objects.filter(pk=prompt.pk).update(prompt_message=text)
    return changed


def _comments(person: Person) -> QuerySet[Comment]:
    mine = Q(author=person.user_id) if person.user_id else Q(pk__in=())
    if person.trader_id:
        mine |= Q(trader=person.trader_id)
    return Comment.objects.filter(mine).order_by("id")


KEEPER = Keeper(
    name="journal",
    export=export,
    erase=erase,
    tables=(
        "journal.Comment", "journal.Detached", "journal.Entry", "journal.EntryTag",
        "journal.EntryTrade", "journal.Followed", "journal.Image", "journal.Tag",
        "journal.TradeNote", "journal.TradeTag", "journal.WelcomePrompt",
    ),
    kept={"journal.CountedTrade": "sums of books and tags that stay, made anew with them"},
    again=True,
)  # fmt: skip
