"""A view of an analytic: it is read far more often than it changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from common import clock, way
from common.api.kept import answer_again


class Analytic(APIView):
    """Answers a question that is kept; what is the same for each request is resolved once.

    A request that came before takes the short way to what is kept (`common.api.repeated`).

    settles  its request is counted together with the look for the answer (`common.throttle`)
    """

    settles = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if again := answer_again(request):
            self.headers = self.default_response_headers
            return self.finalize_response(request, again)  # type: ignore[arg-type]
        with way.begun(clock.today()):
            return super().dispatch(request, *args, **kwargs)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        parts = _parts(type(self))  # type: ignore[arg-type]  # the stubs take classes for unhashable
        return Request(request, authenticators=parts[0], negotiator=parts[1])

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Allow": _parts(type(self))[2]}  # type: ignore[arg-type]


@cache
def _parts(view: type[Analytic]) -> tuple[Any, Any, str]:
    one = view()
    one.setup(HttpRequest())
    return one.get_authenticators(), one.get_content_negotiator(), ", ".join(one.allowed_methods)
