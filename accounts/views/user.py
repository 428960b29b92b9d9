"""One's own user."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, examples
from accounts.serializers import NamesIn, OptOutIn, OptOutOut, UserOut
from common import clock
from common.api import PRIVATE, answers, read_body


class Me(APIView):
    """The user who is logged in."""

    @answers(UserOut, bare=True, never=(400, 403, 404), example=examples.USER)
    def get(self, request: Request) -> Response:
        return Response(UserOut(access.viewer(request)).data, headers=PRIVATE)

    @answers(
        UserOut,
        body=NamesIn,
        bare=True,
        never=(403, 404),
        asked=examples.NAMES,
        example=examples.USER,
    )
    def patch(self, request: Request) -> Response:
        """Change the own first or last name."""
        names = read_body(NamesIn, request)
        user = access.viewer(request)
        user = actions.rename(user=user, names=names, by=user.email, at=clock.now(), source="api")
        return Response(UserOut(user).data, headers=PRIVATE)


class OptOut(APIView):
    """Leave comparative analytics, or come back."""

    @answers(
        OptOutOut,
        body=OptOutIn,
        bare=True,
        never=(403, 404),
        asked=examples.OPT_OUT,
        example=examples.OPT_OUT,
    )
    def post(self, request: Request) -> Response:
        wanted = read_body(OptOutIn, request)["opt_out"]
        user = access.viewer(request)
        user = actions.set_opt_out(
            user=user, opt_out=wanted, by=user.email, at=clock.now(), source="api"
        )
        return Response(OptOutOut(user).data, headers=PRIVATE)
