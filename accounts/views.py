"""Log in, stay logged in, log out; one's own user; the traders of a coach."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, examples, sessions
from accounts.serializers import (
    DetailOut,
    LoginIn,
    NamesIn,
    OptOutIn,
    OptOutOut,
    RefreshIn,
    SessionOut,
    TokensOut,
    TradersParams,
    UserOut,
    VerifyIn,
)
from common import clock
from common.api import PRIVATE, ListMetaOut, answers, read, read_body, reply_list
from traders import queries as traders
from traders.serializers import TraderOut

NO_STORE = {"Cache-Control": "no-store"}


class Open(APIView):
    """Reached without a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Login(Open):
    """E-mail address and password for a pair of tokens."""

    @answers(SessionOut, body=LoginIn, bare=True, example=examples.SESSION)
    def post(self, request: Request) -> Response:
        asked = read_body(LoginIn, request)
        session = actions.log_in(**asked, at=clock.now())
        return Response(SessionOut(session).data, headers=NO_STORE)


class Refresh(Open):
    """A refresh token for a new pair; each works once."""

    @answers(TokensOut, body=RefreshIn, bare=True, example=examples.TOKENS)
    def post(self, request: Request) -> Response:
        session = sessions.renew(read_body(RefreshIn, request)["refresh"])
        return Response(TokensOut(session).data, headers=NO_STORE)


class Verify(Open):
    """200 while a token is good, else 401."""

    @answers(DetailOut, body=VerifyIn, bare=True)
    def post(self, request: Request) -> Response:
        sessions.verify(read_body(VerifyIn, request)["token"])
        return Response({"detail": "The token is good"}, headers=NO_STORE)


class Revoke(Open):
    """Log out: the refresh token is dead for good."""

    @answers(DetailOut, body=RefreshIn, bare=True)
    def post(self, request: Request) -> Response:
        sessions.revoke(read_body(RefreshIn, request)["refresh"])
        return Response({"detail": "The session is over"}, headers=NO_STORE)


class Me(APIView):
    """The user who is logged in."""

    @answers(UserOut, bare=True, example=examples.USER)
    def get(self, request: Request) -> Response:
        return Response(UserOut(access.viewer(request)).data, headers=PRIVATE)

    @answers(UserOut, body=NamesIn, bare=True, example=examples.USER)
    def patch(self, request: Request) -> Response:
        """Change the own first or last name."""
        names = read_body(NamesIn, request)
        user = access.viewer(request)
        user = actions.rename(user=user, names=names, by=user, at=clock.now())
        return Response(UserOut(user).data, headers=PRIVATE)


class OptOut(APIView):
    """Leave comparative analytics, or come back."""

    @answers(OptOutOut, body=OptOutIn, bare=True)
    def post(self, request: Request) -> Response:
        wanted = read_body(OptOutIn, request)["opt_out"]
        user = access.viewer(request)
        user = actions.set_opt_out(user=user, opt_out=wanted, by=user, at=clock.now())
        return Response(OptOutOut(user).data, headers=PRIVATE)


class Traders(APIView):
    """The traders of the own group, with their accounts and log-ins; for admins."""

    @answers(TraderOut, TradersParams, many=True, meta=ListMetaOut, example=examples.TRADERS)
    def get(self, request: Request) -> Response:
        asked = read(TradersParams, request)
        group_id = access.group_of_admin(access.viewer(request))
        rows = traders.traders(group_id=group_id, archived=asked["archived"])
        return reply_list(TraderOut, rows)
