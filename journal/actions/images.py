"""Images are taken in and deleted: the file before its row, and after it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import IO
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from accounts.access import OwnJournal
from audit.actions import record
from common.api import Refusal
from journal import store
from journal.actions.own_trades import hold_one
from journal.models import Entry, Image
from journal.pictures import FIELD, Picture, made_anew, read_upload
from journal.queries.images import UnknownImage, storage
from journal.queries.subjects import UnknownEntry
from ledger.closed import UnknownTrade
from ledger.models import Trade
from traders.models import Trader


class QuotaUsedUp(Refusal):
    status = 413
    code = "quota_used_up"

    def __init__(self, *, used: int, quota: int) -> None:
        mb = 1024**2
        sentence = (
            f"There is no room for it: {used / mb:.1f} of {quota // mb} MB are used; delete some "
            "images first"
        )
        super().__init__(f"{FIELD}: {sentence}", fields={FIELD: [sentence]})


def take_in(
    *,
    journal: OwnJournal,
    file: IO[bytes],
    said: str,
    trade_id: UUID | None,
    entry_id: int | None,
    at: datetime,
) -> Image:
    """Keep a picture with a trade or an entry; one of the two is given.

    said  the Content-Type that came with the file

    What can be refused cheaply is refused before the picture is drawn; what counts is asked again
    when the row is written. Between the two the file lies there without a row, never a row without
    its file.
    """
    _may_hang(journal, trade_id, entry_id)
    _has_room(journal.trader_id, 1)
    picture = made_anew(read_upload(file), said=said)
    path = store.keep(picture, at=at)
    try:
        return _write(journal, picture, path, trade_id, entry_id, at)
    except (OperationalError, InterfaceError):
        raise  # nobody knows whether the row stands: the night sweeps a file that has none
    except BaseException:
        store.drop(path)
        raise


@transaction.atomic
def delete_image(*, journal: OwnJournal, image_id: UUID, by: str, at: datetime) -> None:
    """Delete an image of the own journal, then its file."""
    own = Image.objects.select_for_update().filter(trader=journal.trader_id, pk=image_id)
    image = own.first()
    if image is None:
        raise UnknownImage
    path = image.path
    image.delete()
    record(
        scope="journal", action="delete", entity=("image", None), by=by, at=at,
        trader_id=journal.trader_id, image=(str(image_id), None), size=(image.size, None),
        trade=(image.trade_id, None), entry=(image.entry_id, None), source=(None, "api"),
    )  # fmt: skip
    transaction.on_commit(partial(store.drop, path))


@transaction.atomic
def _write(
    journal: OwnJournal,
    picture: Picture,
    path: str,
    trade_id: UUID | None,
    entry_id: int | None,
    at: datetime,
) -> Image:
    """Write the row of a file that is there; uploads of one trader take turns here."""
    account_id = None if trade_id is None else hold_one(trade_id, accounts=journal.accounts)
    if entry_id is not None and not _entries(journal, entry_id).select_for_update(no_key=True):
        raise UnknownEntry
    Trader.objects.select_for_update(no_key=True).get(pk=journal.trader_id)
    _has_room(journal.trader_id, len(picture.data))
    return Image.objects.create(
        trader_id=journal.trader_id,
        account_id=account_id,
        trade_id=trade_id,
        entry_id=entry_id,
        path=path,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        created_at=at,
    )


def _may_hang(journal: OwnJournal, trade_id: UUID | None, entry_id: int | None) -> None:
    if entry_id is not None and not _entries(journal, entry_id).exists():
        raise UnknownEntry
    if trade_id is not None:
        own = Trade.objects.filter(account__in=journal.accounts.ids, id=trade_id)
        if not own.exists():
            raise UnknownTrade


def _has_room(trader_id: int, size: int) -> None:
    now = storage(trader_id=trader_id)
    if now.used + size > now.quota:
        raise QuotaUsedUp(used=now.used, quota=now.quota)


def _entries(journal: OwnJournal, entry_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(trader=journal.trader_id, pk=entry_id)
