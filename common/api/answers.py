"""Tell the schema what an endpoint takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from common.api.envelope import MetaOut, PageMetaOut
from common.api.errors import DOWN, ErrorOut
from common.api.params import Params

_MISSING = "This field is required."
_NUMBER = "Give a whole number"
# What each refusal means, and what one looks like.
_ERRORS: dict[int, tuple[str, dict[str, Any]]] = {
    400: (
        "A bad or missing value; `fields` names it",
        {"error": f"trader: {_NUMBER}", "fields": {"trader": [_NUMBER]}},
    ),
    401: (
        "Not signed in, or the token is no longer good",
        {
            "error": "The token is invalid, has expired or was used up; log in again",
            "code": "dead_token",
        },
    ),
    403: (
        "Signed in, but not allowed; `code` says why",
        {"error": "You are not in an active group", "code": "no_group"},
    ),
    404: ("No such thing within sight", {"error": "Not found"}),
    409: (
        "Somebody was faster; read it again",
        {"error": "It was changed since you read it", "code": "changed_meanwhile"},
    ),
    413: ("The body is too large", {"error": "The request is too large"}),
    415: (
        "The body is of another media type",
        {"error": 'Unsupported media type "text/plain" in request.'},
    ),
    429: (
        "Too many requests; wait `Retry-After` seconds",
        {
            "error": "The day's requests are used up: they start anew at 00:00 UTC",
            "code": "too_many_requests",
        },
    ),
    503: ("A needed part is down; try again in `Retry-After` seconds", {"error": DOWN}),
}
_OF_A_BODY = (413, 415)
_RARE = (409,)
_SUCCESS = {200: "As asked", 201: "Taken in"}
F = TypeVar("F", bound=Callable[..., Any])
Out = type[serializers.BaseSerializer[Any]]


@cache
def envelope(out: Out, meta: Out, *, many: bool = False, paged: bool = False) -> Out:
    """Return the serializer class {data, meta} around `out`, for the schema only."""
    form = "Page" if paged else "List" if many else ""
    return type(
        f"{out.__name__.removesuffix('Out')}{form}Answer",
        (serializers.Serializer,),
        {
            "__doc__": "The envelope.",
            "data": _part(out, many=many or paged, help_text="what was asked for"),
            "meta": _part(meta, help_text="what there is to know about it"),
        },
    )


def _part(out: Out, **told: Any) -> Any:
    return out(**told)


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
    also: tuple[int, ...] = (),
    asked: Any = None,
    asked_as: str = "application/json",
    example: Any = None,
) -> Callable[[F], F]:
    """Declare a method's answer: `out` in the envelope, or `bare` of it; errors add themselves.

    params   the query parameters; body the request's JSON; meta other keys than MetaOut's;
    paged    a list by pages
    never    which of the usual refusals cannot happen here
    also     which of the unusual ones can
    asked    an example of the body, of the media type asked_as, and
    example  one of the whole answer, both shown in Swagger
    """
    around = meta or (PageMetaOut if paged else MetaOut)
    shape = out
    if not bare:  # the stubs take classes for unhashable
        shape = envelope(out, around, many=many, paged=paged)  # type: ignore[arg-type]
    examples = []
    if asked is not None:
        examples.append(OpenApiExample("Body", asked, request_only=True, media_type=asked_as))
    if example is not None:
        answer = OpenApiExample("Answer", example, response_only=True, status_codes=[str(status)])
        examples.append(answer)
    return extend_schema(
        parameters=[params] if params else None,
        request=body,
        responses={
            status: OpenApiResponse(shape, _SUCCESS[status]),
            **_refusals(_named(asked, params), never if body else (*never, *_OF_A_BODY), also),
        },
        examples=examples,
    )


def answers_file(
    *kinds: str,
    says: str,
    params: type[Params] | None = None,
    never: tuple[int, ...] = (),
) -> Callable[[F], F]:
    """Declare a method that answers with a file of one of these media types."""
    file = OpenApiResponse(OpenApiTypes.BINARY, says)
    return extend_schema(
        parameters=[params] if params else None,
        request=None,
        responses={
            **{(200, kind): file for kind in kinds},
            **_refusals(_named(None, params), (*never, *_OF_A_BODY)),
        },
    )


def _named(asked: Any, params: type[Params] | None) -> str | None:
    """Return what a client can have left out: of the example of the body, or of the parameters."""
    fields = params._declared_fields if params else {}
    return next(iter(asked or [name for name, field in fields.items() if field.required]), None)


def _refusals(
    name: str | None, never: tuple[int, ...], also: tuple[int, ...] = ()
) -> dict[int, OpenApiResponse]:
    """Return the refusals that may come, each with an example; that of a 400 names `name`."""
    never = (*never, *(status for status in _RARE if status not in also))
    told = {status: one for status, one in _ERRORS.items() if status not in never}
    if name and 400 in told:
        refused = {"error": f"{name}: {_MISSING}", "fields": {name: [_MISSING]}}
        told[400] = (told[400][0], refused)
    return {
        status: OpenApiResponse(
            ErrorOut, sentence, [OpenApiExample("Refused", example, response_only=True)]
        )
        for status, (sentence, example) in told.items()
    }
