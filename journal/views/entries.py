"""Entries of a journal."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import answers, read, read_body, read_page, reply_page
from journal import actions, examples, queries
from journal.addresses import reader
from journal.serializers import (
    ChangedEntryIn,
    DeletedEntryOut,
    EntriesParams,
    EntryIn,
    EntryOut,
    JournalMetaOut,
    JournalParams,
)
from journal.views.answer import reply_one


class Entries(APIView):
    """The entries of a journal by pages, newest first; of all time where no dates are given.

    `q` finds those in which all its words stand, in title or body, in any order; capitals make no
    difference, and the beginning of a word is enough.
    """

    @answers(EntryOut, EntriesParams, paged=True, example=examples.ENTRIES)
    def get(self, request: Request) -> Response:
        asked, page = read(EntriesParams, request), read_page(request)
        scope = access.journal_in_view(access.viewer(request), trader=asked["trader"])
        found = queries.entries(
            trader_id=scope.trader_id,
            period=asked["period"],
            words=asked["q"],
            page=page,
            reader=reader(request),
        )
        return reply_page(
            EntryOut,
            found.entries,
            request=request,
            page=page,
            count=found.count,
            period=asked["period"],
            trader=scope.trader_id,
        )

    @answers(
        EntryOut, meta=JournalMetaOut, body=EntryIn, status=201, never=(404,),
        asked=examples.WORDS, example=examples.ENTRY,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Write an entry into the own journal."""
        words = read_body(EntryIn, request)["words"]
        journal = access.own_journal(access.viewer(request))
        entry_id = actions.write_entry(journal=journal, words=words, at=clock.now())
        return _whole(request, journal.trader_id, entry_id, status=201)


class Entry(APIView):
    """One entry of a journal."""

    @answers(EntryOut, JournalParams, meta=JournalMetaOut, example=examples.ENTRY)
    def get(self, request: Request, entry_id: int) -> Response:
        trader = read(JournalParams, request)["trader"]
        scope = access.journal_in_view(access.viewer(request), trader=trader)
        return _whole(request, scope.trader_id, entry_id)

    @answers(
        EntryOut, meta=JournalMetaOut, body=ChangedEntryIn, also=(409,),
        asked=examples.WORDS_ANEW, example=examples.ENTRY,
    )  # fmt: skip
    def put(self, request: Request, entry_id: int) -> Response:
        """Write an entry anew, all of it. What is left out is empty afterwards.

        With `updated_at` as it was read, the answer is a 409 where the entry has changed since.
        Images and comments stay.
        """
        asked = read_body(ChangedEntryIn, request)
        journal = access.own_journal(access.viewer(request))
        actions.write_entry_anew(journal=journal, entry_id=entry_id, at=clock.now(), **asked)
        return _whole(request, journal.trader_id, entry_id)

    @answers(DeletedEntryOut, meta=JournalMetaOut, example=examples.DELETED_ENTRY)
    def delete(self, request: Request, entry_id: int) -> Response:
        """Delete an entry with its images and the comments on it."""
        user = access.viewer(request)
        journal = access.own_journal(user)
        gone = actions.delete_entry(
            journal=journal, entry_id=entry_id, by=user.email, at=clock.now()
        )
        return reply_one(DeletedEntryOut, gone, trader_id=journal.trader_id)


def _whole(
    request: Request, trader_id: int | None, entry_id: int, *, status: int = 200
) -> Response:
    found = queries.entry(entry_id, trader_id=trader_id, reader=reader(request))
    return reply_one(EntryOut, found, trader_id=trader_id, status=status)
