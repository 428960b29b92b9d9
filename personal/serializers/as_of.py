"""Asking what the books said at an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common import clock
from common.api import Day, MetaOut, UtcDateTime
from personal.serializers.params import SomeProductsParams

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@extend_schema_field({"type": "string", "example": "2026-03-05T18:00:00Z"})
class AsOf(serializers.Field[datetime, Any, str, Any]):
    """An instant that has passed, ISO 8601 with its zone; a UTC day is its last microsecond."""

    default_error_messages = {
        "invalid": "Give an instant with its zone, as 2026-03-05T18:00:00Z, or a UTC day as "
        "YYYY-MM-DD",
        "future": "Give an instant that has passed, or a UTC day that is over",
    }

    def to_internal_value(self, data: Any) -> datetime:
        at = self._read(data)
        if at > clock.now():
            self.fail("future")
        return at

    def _read(self, data: Any) -> datetime:
        try:
            if _DAY.fullmatch(data):
                return datetime.combine(Day().to_internal_value(data), time.max, UTC)
            if _INSTANT.fullmatch(data):
                return datetime.fromisoformat(data).astimezone(UTC)
        except (TypeError, ValueError, OverflowError, serializers.ValidationError):
            pass
        return self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class BookedParams(SomeProductsParams):
    """A period of one trader in some products, by the books of now or as of an instant."""

    as_of = AsOf(
        required=False,
        default=None,
        help_text="what the books said at this instant: ISO 8601 with its zone, such as "
        "2026-03-05T18:00:00Z, or a UTC day that is over, YYYY-MM-DD, for its end; the books of "
        "now where it is left out",
    )


class BookedMetaOut(MetaOut):
    """Meta of a reading that may be asked for as of an instant."""

    as_of = UtcDateTime(
        allow_null=True, help_text="the instant whose books these are; null = the books of now"
    )
