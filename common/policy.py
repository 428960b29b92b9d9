"""Content-Security-Policy: what a browser may load and run in an answer of ours.

Django has none of its own yet. An answer that is no page loads nothing. A page runs the scripts
that are served from here, and such inline ones as carry the request's nonce. Styles may stand
inline: Swagger, Redoc and the admin's filters write them. A 304 says nothing: a browser would put
its header in the place of that of the page it kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

HEADER = "Content-Security-Policy"
NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class ContentPolicy:
    """Set the header; `request.csp_nonce` is for the templates that have an inline script."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        made: list[str] = []

        def nonce() -> str:
            made.append(secrets.token_urlsafe(16))
            return made[0]

        request.csp_nonce = SimpleLazyObject(nonce)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return response
        is_page = response.get("Content-Type", "").startswith("text/html")
        policy = PAGE.format(nonce=f" 'nonce-{made[0]}'" if made else "") if is_page else NO_PAGE
        response.setdefault(HEADER, policy)
        return response
