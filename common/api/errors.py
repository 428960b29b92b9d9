"""One shape for every refusal: {"error": sentence, "fields": {name: [sentence]}, "code": word}."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, serializers
from rest_framework.response import Response

log = structlog.get_logger(__name__)

FAULT = "Something went wrong on our side; it has been logged"
DOWN = "A part of the service is down; try again in a few seconds"
ANONYMOUS = "Log in first: send the header `Authorization: Bearer <access token>`"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="api"'}
GENERAL = "non_field_errors"
Fields = Mapping[str, list[str]]


class Refusal(Exception):
    """A request that we understand and decline; subclasses stand beside their raiser."""

    status: ClassVar[int] = 400
    message: ClassVar[str] = "The request cannot be served"
    code: ClassVar[str | None] = None

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: Fields | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.message)
        self.sentence = message or self.message
        self.fields = fields
        self.headers = {**(CHALLENGE if self.status == 401 else {}), **(headers or {})}


class Invalid(Refusal):
    """A missing or bad value; names the field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", fields={field: [sentence]})


class ErrorOut(serializers.Serializer[Any]):
    """What every refusal looks like."""

    error = serializers.CharField(help_text="one sentence for a person")
    code = serializers.CharField(
        required=False, help_text="a stable word for a program, where one sentence is not enough"
    )
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="sentences by the name of the field or parameter that is wrong",
    )


def body(sentence: str, *, code: str | None = None, fields: Fields | None = None) -> dict[str, Any]:
    out: dict[str, Any] = {"error": sentence}
    if fields:
        out["fields"] = fields
    if code:
        out["code"] = code
    return out


def handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Return the answer to any exception of an endpoint; the unforeseen is a logged 500."""
    if isinstance(exc, Refusal):
        answer = body(exc.sentence, code=exc.code, fields=exc.fields)
        return Response(answer, exc.status, headers=exc.headers)
    if isinstance(exc, exceptions.APIException):
        return _known(exc)
    if isinstance(exc, Http404):
        return Response(body("Not found"), 404)
    if isinstance(exc, PermissionDenied):
        return Response(body("You may not do this"), 403)
    if isinstance(exc, RequestDataTooBig):
        return Response(body("The request is too large"), 413)
    if isinstance(exc, SuspiciousOperation):
        return Response(body("The request is malformed"), 400)
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning("database_unavailable", error=str(exc))
        return Response(body(DOWN), 503, headers={"Retry-After": "5"})
    request = context.get("request")
    log.error("unexpected_error", path=getattr(request, "path", None), exc_info=exc)
    got_request_exception.send(sender=None, request=request)
    return Response(body(FAULT), 500)


def _known(exc: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    if isinstance(exc, exceptions.ValidationError):
        fields = sentences(exc.detail)
        general = fields.pop(GENERAL, [])
        name, said = next(iter(fields.items()), ("", general or ["Invalid request"]))
        first = general[0] if general else f"{name}: {said[0]}"
        return Response(body(first, fields=fields), exc.status_code, headers=headers)
    if isinstance(exc, exceptions.NotAuthenticated):
        return Response(body(ANONYMOUS, code="no_token"), exc.status_code, headers=headers)
    return Response(body(" ".join(_flat(exc.detail))), exc.status_code, headers=headers)


def sentences(detail: Any) -> dict[str, list[str]]:
    """Return nested validation errors as {field: [sentence]}."""
    if isinstance(detail, dict):
        return {str(name): _flat(inner) for name, inner in detail.items()}
    return {GENERAL: _flat(detail)}


def _flat(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [sentence for inner in detail.values() for sentence in _flat(inner)]
    if isinstance(detail, list | tuple):
        return [sentence for inner in detail for sentence in _flat(inner)]
    return [str(detail)]


# -- Django's own error pages, for what fails before or beside a view ---------------------------
def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return JsonResponse(body("The request is malformed"), status=400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return JsonResponse(body("You may not do this"), status=403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if is_api(request):
        return JsonResponse(body("There is nothing at this address"), status=404)
    return defaults.page_not_found(request, exception or Http404())


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return JsonResponse(body(FAULT), status=500)
    return defaults.server_error(request)
