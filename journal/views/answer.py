"""The form of what answers with one thing of a journal."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from common.api import PRIVATE


def reply_one(
    out: type[serializers.BaseSerializer[Any]],
    row: Any,
    *,
    trader_id: int | None,
    status: int = 200,
) -> Response:
    """Answer one thing, or a list of them that belongs to one; `meta` says whose."""
    data = out(row, many=isinstance(row, tuple)).data
    return Response({"data": data, "meta": {"trader": trader_id}}, status, headers=PRIVATE)
