"""Query parameters: declared by a serializer, read once, refused by name."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from common.api.errors import Refusal

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
# An end that is left open lies one day beyond what may be asked for.
OPEN_START, OPEN_END = FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True)
class Period:
    """UTC days, both ends included."""

    start: date
    end: date

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Return its first instant and the first instant after it."""
        first = datetime.combine(self.start, time(), UTC)
        return first, datetime.combine(self.end + timedelta(days=1), time(), UTC)

    @property
    def days(self) -> int:
        """Return the number of its days."""
        return (self.end - self.start).days + 1

    @property
    def told(self) -> tuple[date | None, date | None]:
        """Return both ends as they were asked for; None for one that was left open."""
        return (
            None if self.start == OPEN_START else self.start,
            None if self.end == OPEN_END else self.end,
        )

    def until(self, last: date) -> Period | None:
        """Return the part of it up to `last`; None where nothing is left."""
        return Period(self.start, min(self.end, last)) if self.start <= last else None


class Day(serializers.DateField):
    """A UTC day, YYYY-MM-DD and nothing else."""

    default_error_messages = {"invalid": "Give a day as YYYY-MM-DD, from 1970 to 2199"}

    def to_internal_value(self, value: Any) -> date:
        try:
            day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except (TypeError, ValueError):
            day = None
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            self.fail("invalid")
        return day


class Number(serializers.IntegerField):
    """A whole number in plain digits; Python alone would also take "1.0", "1_0" and more."""

    default_error_messages = {"invalid": "Give a whole number"}

    def to_internal_value(self, data: Any) -> int:
        if not _NUMBER.fullmatch(str(data)):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Id(Number):
    """The number of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class Repeated(serializers.ListField):
    """A parameter that may be given several times; becomes a sorted tuple without doubles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default": tuple, "max_length": 500, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        return tuple(sorted(set(super().to_internal_value(data))))


class Params(serializers.Serializer[Any]):
    """The query parameters of an endpoint; names that are not declared are ignored."""


class PeriodParams(Params):
    """Adds `period` to what was read."""

    start_date = Day(help_text="first UTC day, from 1970 to 2199")
    end_date = Day(help_text="last UTC day, included")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        start, end = attrs.get("start_date"), attrs.get("end_date")
        if start and end and end < start:
            raise serializers.ValidationError({"end_date": ["The end is before start_date"]})
        attrs["period"] = Period(start or OPEN_START, end or OPEN_END) if start or end else None
        return attrs


class OpenPeriodParams(PeriodParams):
    """A period that may be left out: then `period` is None."""

    start_date = Day(required=False, help_text="first UTC day, from 1970 to 2199")
    end_date = Day(required=False, help_text="last UTC day, included")


def read(params: type[Params], request: Request) -> dict[str, Any]:
    """Return the parameters of a request as declared; ValidationError names each bad one."""
    form = _form_of(params)
    asked = request.query_params
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        if name not in asked:
            continue
        values = asked.getlist(name)
        if isinstance(field, Repeated):
            data[name] = values
        elif len(values) > 1:
            raise serializers.ValidationError({name: ["Give it once"]})
        else:
            data[name] = values[0]
    return dict(form.run_validation(data))


@functools.cache
def _form_of(params: type[Params]) -> Params:
    """Return one serializer for all requests: to validate leaves no trace in it.

    To make one anew copies every field, which takes longer than to read them.
    """
    return params()


def read_body(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the JSON body of a request as declared; an empty one is an empty object."""
    if not isinstance(request.data, Mapping):
        raise Refusal("The body must be a JSON object: {...}")
    filled = form(data=request.data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)


def read_period(request: Request) -> Period:
    """Return start_date to end_date, both required."""
    period: Period = read(PeriodParams, request)["period"]
    return period
