"""The forms of what answers with one thing of a journal, and of what answers with a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import PRIVATE, shaped


class Whatever(BaseContentNegotiation):
    """An `<img>` accepts images, Excel sheets; what refuses one is JSON all the same."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> Any:
        first = next(iter(renderers))
        return first, first.media_type


def reply_one(
    out: type[serializers.BaseSerializer[Any]],
    row: Any,
    *,
    trader_id: int | None,
    status: int = 200,
) -> Response:
    """Answer one thing, or a list of them that belongs to one; `meta` says whose."""
    data = shaped(out, row, many=isinstance(row, tuple))
    return Response({"data": data, "meta": {"trader": trader_id}}, status, headers=PRIVATE)
