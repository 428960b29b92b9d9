"""The envelope of every success: {"data": ..., "meta": {...}}."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api.kept import PRIVATE, answer_kept
from common.api.paging import Page, page_link
from common.api.params import Period
from common.api.shape import shaped
from common.cache import Question
from common.rendering import Json


class ListMetaOut(serializers.Serializer[Any]):
    """Meta of a plain list."""

    count = serializers.IntegerField(help_text="rows in `data`")


class MetaOut(serializers.Serializer[Any]):
    """Meta of every analytic."""

    start_date = serializers.DateField(
        allow_null=True, help_text="as asked for; null where left open"
    )
    end_date = serializers.DateField(
        allow_null=True, help_text="as asked for; null where left open"
    )
    trader = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="id of the trader whose results these are; personal only, null where none is "
        "linked",
    )
    currency = serializers.CharField(help_text="of all money in the answer: USD")
    obfuscated = serializers.BooleanField(help_text="true where an index stands for money")
    data_through = serializers.DateField(
        allow_null=True,
        help_text="comparative: the last UTC day that is covered; personal: the last one on which "
        "anything was booked, null in empty books",
    )
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="sentences: what is null or held back, and why"
    )


class PageMetaOut(MetaOut):
    """Meta of a page of a list."""

    count = serializers.IntegerField(help_text="rows on all pages")
    page = serializers.IntegerField(help_text="this page, counted from 1")
    page_size = serializers.IntegerField(help_text="rows on a full page")
    next = serializers.URLField(
        allow_null=True, help_text="address of the next page; null on the last"
    )
    previous = serializers.URLField(
        allow_null=True, help_text="address of the page before; null on the first"
    )


def _envelope(
    out: type[serializers.BaseSerializer[Any]], rows: Any, meta: dict[str, Any]
) -> Response:
    return Response(_told(out, rows, meta), headers=PRIVATE)


def _told(
    out: type[serializers.BaseSerializer[Any]], rows: Any, meta: dict[str, Any]
) -> dict[str, Any]:
    return {"data": shaped(out, rows, many=isinstance(rows, Sequence)), "meta": meta}


def _analytic(period: Period | None, meta: dict[str, Any]) -> dict[str, Any]:
    start, end = period.told if period else (None, None)
    return {
        "start_date": start,
        "end_date": end,
        "currency": "USD",
        "obfuscated": False,
        "data_through": clock.today(),
        "notes": [],
        **meta,
    }


def reply(
    out: type[serializers.BaseSerializer[Any]],
    rows: Any,
    *,
    period: Period | None,
    request: Request | None = None,
    **meta: Any,
) -> HttpResponse:
    """Answer an analytic; `rows` is one row or a sequence of them, `meta` adds or replaces keys.

    rows  may be a question about a reading, asked by `request`: then the answer is kept as it is
          sent, and the reading's own notes and data_through stand in its meta
    """
    about = _analytic(period, meta)
    if not isinstance(rows, Question):
        return _envelope(out, rows, about)
    if request is None:
        raise TypeError("Who asks a question says so: give the request")
    return answer_kept(
        request._request,
        out,
        rows,
        about,
        render=lambda found: Json().render(_told(out, found.rows, about | _of_reading(found))),
    )


def _of_reading(found: Any) -> dict[str, Any]:
    """Return what a reading says of itself; that of a group does not say how far it goes."""
    told = {"notes": found.notes}
    return told | {"data_through": found.data_through} if hasattr(found, "data_through") else told


def reply_list(
    out: type[serializers.BaseSerializer[Any]], rows: Sequence[Any], **meta: Any
) -> Response:
    """Answer a plain list that is not an analytic."""
    return _envelope(out, rows, {"count": len(rows), **meta})


def reply_ready(rows: bytes, *, count: int, **meta: Any) -> Response:
    """Answer a plain list whose rows are JSON already; too many to be shaped one by one."""
    data = {"data": orjson.Fragment(rows), "meta": {"count": count, **meta}}
    return Response(data, headers=PRIVATE)


def reply_page(
    out: type[serializers.BaseSerializer[Any]],
    rows: Any,
    *,
    request: Request,
    page: Page,
    count: int,
    period: Period | None,
    **meta: Any,
) -> Response:
    """Answer one page of a list of `count` rows; `rows` are they, or one row that has them."""
    last = max(1, math.ceil(count / page.size))
    paging = {
        "count": count,
        "page": page.number,
        "page_size": page.size,
        "next": page_link(request, page.number + 1) if page.number < last else None,
        "previous": page_link(request, min(page.number - 1, last)) if page.number > 1 else None,
    }
    return _envelope(out, rows, {**_analytic(period, meta), **paging})
