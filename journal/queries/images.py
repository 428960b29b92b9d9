"""Images: of trades, of entries, one by one, and how much room they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Sum

from accounts.access import CoachedScope
from common.api import Refusal
from journal.models import Image


class UnknownImage(Refusal):
    """The same for a stranger's image and for one that does not exist."""

    status = 404
    message = "There is no such image"
    code = "unknown_image"


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image; `url` opens it for ten minutes."""

    id: UUID
    url: str
    content_type: str
    width: int
    height: int
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Where an image lies, and what it is."""

    id: UUID
    path: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Room that a trader's images take and may take, bytes."""

    used: int
    quota: int
    count: int


def image_file(image_id: UUID, *, scope: CoachedScope) -> ImageFile:
    """Return where an image lies that these may see. 1 query."""
    found = Image.objects.filter(scope.journals, pk=image_id)
    row = found.values_list("id", "path", "content_type").first()
    if row is None:
        raise UnknownImage
    return ImageFile(*row)


def storage(*, trader_id: int | None) -> Storage:
    """Return what a trader's images take; nothing where no trader is linked. 1 query."""
    own = Image.objects.filter(trader=trader_id) if trader_id else Image.objects.none()
    told = own.aggregate(used=Sum("size", default=0), count=Count("id"))
    return Storage(told["used"], settings.JOURNAL_BYTES, told["count"])


def image_row(image: Image, sign: Callable[[UUID], str]) -> ImageRow:
    return ImageRow(
        id=image.id,
        url=sign(image.id),
        content_type=image.content_type,
        width=image.width,
        height=image.height,
        size=image.size,
        created_at=image.created_at,
    )
