"""What the tests of tags and notes share: a way to ask, and the tree by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts import access
from journal.models import Tag, TradeNote, TradeTag

URL = "/api/v1/journal"


def tag_id(*path: str) -> int:
    """Return the id of a fixed tag by its names from the category down."""
    found = Tag.objects.get(parent=None, name=path[0])
    for name in path[1:]:
        found = Tag.objects.get(parent=found, name=name)
    return found.pk


def borne(trade) -> set[int]:
    return set(TradeTag.objects.filter(trade=trade.pk).values_list("tag_id", flat=True))


def noted(trade) -> str:
    row = TradeNote.objects.filter(trade=trade.pk).first()
    return row.text if row else ""


def journal_of(user) -> access.OwnJournal:
    return access.own_journal(user)


class Journal:
    """Asks for a journal as somebody."""

    def __init__(self, as_user: Callable[..., Any], user: Any) -> None:
        self.client = as_user(user)

    def __call__(self, method: str, address: str, body: Any = None, *, status: int = 200) -> Any:
        query = {"format": "json"} if body is not None else {}
        answer = getattr(self.client, method)(f"{URL}/{address}", body, **query)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.json()

    def list(self, address: str, **params: Any) -> Any:
        answer = self.client.get(f"{URL}/{address}", params)
        assert answer.status_code == 200, answer.content
        return answer.json()
