"""Tell the schema what an endpoint takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from common.api.envelope import ListMetaOut, MetaOut, PageMetaOut
from common.api.errors import ErrorOut
from common.api.params import Params

_ERRORS = {
    status: OpenApiResponse(ErrorOut, sentence)
    for status, sentence in {
        400: "A bad or missing value; `fields` names it",
        401: "Not signed in, or the token is no longer good",
        403: "Signed in, but not allowed; `code` says why",
        404: "No such thing within sight",
        413: "The body is too large",
        415: "The body is not application/json",
        429: "Too many requests; wait `Retry-After` seconds",
        503: "A needed part is down; try again",
    }.items()
}
_BODILESS = {status: told for status, told in _ERRORS.items() if status not in (413, 415)}
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
    never: tuple[int, ...] = (),
    example: Any = None,
) -> Callable[[F], F]:
    """Declare a method's answer: `out` in the envelope, or `bare` of it; errors add themselves.

    params   the query parameters; body the request's JSON; meta other keys than MetaOut's;
    paged    a list by pages
    never    which of the usual refusals cannot happen here
    example  of the whole answer, shown in Swagger
    """
    around = meta or (PageMetaOut if paged else MetaOut)
    shape = out if bare else envelope(out, around, many=many or paged)
    refusals = _ERRORS if body else _BODILESS
    kept = {one: told for one, told in refusals.items() if one not in never}
    return extend_schema(
        parameters=[params] if params else None,
        request=body,
        responses={status: shape, **kept},
        examples=[] if example is None else [_example(example, status)],
    )


def _example(value: Any, status: int) -> OpenApiExample:
    return OpenApiExample("Example", value, response_only=True, status_codes=[str(status)])
