"""The shape of TT's answers; one that is not whole is asked for again, never taken for an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog

from ingestion.providers.base import ProviderDown
from ingestion.providers.session import NotThere

log = structlog.get_logger(__name__)

T = TypeVar("T")
ASKS = 4


class Unfit(ProviderDown):
    """The answer does not fit the question: ask again."""


class Unconfirmed(Unfit):
    """The answer may be true and is believed when it is given twice."""


def fitting(read: Callable[[], T]) -> T:
    """Return the first reading that is not Unfit; after a few tries Unfit is raised on."""
    for _ in range(ASKS - 1):
        try:
            return read()
        except Unconfirmed as reason:
            log.debug("provider_answer_unconfirmed", reason=str(reason))
        except Unfit as reason:
            log.warning("provider_answer_refused", reason=str(reason))
    return read()


def rows_of(told: Mapping[str, Any], key: str) -> list[Any]:
    rows = told.get(key)
    if not isinstance(rows, list):
        raise Unfit(f"the answer has no list {key!r}: it is not taken for an empty one")
    return rows


def one_of(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    rows = told.get(key)
    row = rows[0] if isinstance(rows, list) and rows else rows
    if not isinstance(row, Mapping):
        raise NotThere(f"the answer holds no {key}")
    return row


def is_last(told: Mapping[str, Any]) -> bool:
    said = str(told.get("lastPage", "")).lower()
    if said not in ("true", "false"):
        raise Unfit("the answer does not say whether it is the last page: it is not used")
    return said == "true"
