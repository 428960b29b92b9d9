"""The log of deeds is told and stays: nothing in it can be changed. Alarms lose the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.persons.telling import AT_ONCE, rows_of
from accounts.persons.words import File, Keeper, Person, Rows
from audit.models import Alarm, LogEntry

WHY = (
    "append-only, refused by the database itself: who did what must be shown afterwards "
    "(legitimate interest, defence of claims); no password, no token, no words of a journal in it"
)


def export(person: Person) -> Iterator[Rows | File]:
    about = Q(entity_type="custom_user", entity_id=person.user_id) if person.user_id else Q(pk=None)
    if person.trader_id:
        about |= Q(entity_type="trader", entity_id=person.trader_id)
        about |= Q(entity_type="trader_platform", entity_id__in=person.account_ids)
    rows = LogEntry.objects.order_by("id")
    yield Rows("log", "what was done to the log-in, the trader and the accounts",
               rows_of(rows.filter(about)))  # fmt: skip
    mine = rows.filter(user_email__iexact=person.email).exclude(about) if person.email else None
    yield Rows("log_of_deeds", "what the person did to others, without what it changed",
               rows_of(mine, without=("changes",)) if mine is not None else ())  # fmt: skip


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    """Take the name out of what alarms said."""
    changed = 0
    for alarm in _naming(person):
        sentence = person.unnamed(alarm.sentence)
        if sentence != alarm.sentence:
            changed += Alarm.objects.filter(pk=alarm.pk).update(sentence=sentence)
    return {"alarms": changed}


def _naming(person: Person) -> Iterator[Any]:
    named = Q(pk__in=())
    for name in person.names:
        named |= Q(sentence__icontains=name)
    yield from Alarm.objects.filter(named).order_by("id").iterator(chunk_size=AT_ONCE)


KEEPER = Keeper(
    name="audit",
    export=export,
    erase=erase,
    tables=("audit.Alarm",),
    kept={"audit.LogEntry": WHY},
)
