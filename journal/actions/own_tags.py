"""Tags that are put on something: those that the trader may choose, held until they stand there."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from common.api import Invalid, Refusal
from journal.models import Layer
from journal.queries.tags import Tags, tags_of


class UnknownTag(Refusal):
    """The same for a stranger's custom tag and for one that does not exist."""

    status = 404
    message = "There is no such tag"
    code = "unknown_tag"


def choose(
    tag_ids: Collection[int],
    *,
    trader_id: int,
    field: str = "tags",
    kept: Collection[int] = (),
) -> Tags:
    """Hold these tags until the transaction ends and return all that the trader sees. 2 queries.

    Call it after the accounts are held, if they are. Invalid names in `field` what is unknown, a
    category, or retired and not among `kept`, where it stands already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM journal_tag WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [sorted(tag_ids)],
        )
    tags = tags_of(trader_id)
    for tag_id in tag_ids:
        if tag_id not in tags.rows:
            raise Invalid(field, f"There is no tag {tag_id} to choose")
        name = tags.rows[tag_id].name
        if tags.rows[tag_id].layer == Layer.CATEGORY:
            raise Invalid(field, f"{tag_id}, {name}, is a category: choose a tag under it")
        if tag_id not in kept and tags.retired(tag_id):
            raise Invalid(field, f"{tag_id}, {name}, is retired and takes no new ones")
    return tags
