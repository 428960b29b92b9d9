"""Tell the schema what an endpoint takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from common.api.envelope import ListMetaOut, MetaOut, PageMetaOut
from common.api.params import Params

F = TypeVar("F", bound=Callable[..., Any])
Out = type[serializers.BaseSerializer[Any]]


def envelope(out: Out, meta: Out, *, many: bool) -> Out:
    """Return the serializer class {data, meta} around `out`, for the schema only."""
    name = out.__name__.removesuffix("Out") + ("List" if many else "")
    suffix = "" if meta in (MetaOut, ListMetaOut) else meta.__name__.removesuffix("Out")
    return type(
        f"{name}{suffix}Answer",
        (serializers.Serializer,),
        {"data": _data(out, many=many), "meta": meta()},
    )


def _data(out: Out, *, many: bool) -> Any:
    return out(many=many)


def answers(
    out: Out,
    params: type[Params] | None = None,
    *,
    many: bool = False,
    paged: bool = False,
    meta: Out | None = None,
    bare: bool = False,
    body: Out | None = None,
    status: int = 200,
) -> Callable[[F], F]:
    """Declare a method's answer: `out` in the envelope, or `bare` of it; errors add themselves.

    params   the query parameters; body the request's JSON; meta other keys than MetaOut's;
    paged    a list by pages
    """
    around = meta or (PageMetaOut if paged else MetaOut)
    shape = out if bare else envelope(out, around, many=many or paged)
    return extend_schema(
        parameters=[params] if params else None,
        request=body,
        responses={status: shape},
    )
