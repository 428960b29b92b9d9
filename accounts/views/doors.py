"""What the endpoints that need no token have in common, and those that answer with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.serializers import DetailOut
from common.api import answers

# What cannot happen where nobody's token and nobody's row is asked for.
OPEN = (401, 403, 404)
NO_STORE = {"Cache-Control": "no-store"}
F = TypeVar("F", bound=Callable[..., Any])


class Open(APIView):
    """Reached without a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def says(
    sentence: dict[str, str],
    body: type[serializers.BaseSerializer[Any]],
    *,
    asked: dict[str, str],
    never: tuple[int, ...] = OPEN,
    status: int = 200,
) -> Callable[[F], F]:
    """Declare a door that takes `body`, such as `asked`, and answers with one sentence."""
    return answers(
        DetailOut,
        body=body,
        bare=True,
        never=never,
        status=status,
        asked=asked,
        example=sentence,
    )


def say(sentence: dict[str, str], status: int = 200) -> Response:
    return Response(sentence, status, headers=NO_STORE)
