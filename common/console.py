"""Middleware of pages that are used by cookie: the data of the API goes past it.

Who asks the API says so by a token; a session and its messages are of no use there, and their share
of what a kept answer takes is large. The log-in's own endpoints keep them: a library answers there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware

from common.api.errors import is_api

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.deprecation import MiddlewareMixin

    Base = MiddlewareMixin
else:
    Base = object

LOG_IN = "/api/v1/auth/"


def by_cookie(request: HttpRequest) -> bool:
    """Say whether a request may be one that a cookie speaks for."""
    return not is_api(request) or request.path.startswith(LOG_IN)


class _ByCookie(Base):
    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if by_cookie(request) else self.get_response(request)


class Sessions(_ByCookie, SessionMiddleware):
    pass


class Users(_ByCookie, AuthenticationMiddleware):
    pass


class Messages(_ByCookie, MessageMiddleware):
    pass
