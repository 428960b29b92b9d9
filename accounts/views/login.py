"""Log in, stay logged in, log out."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, examples, sessions
from accounts.serializers import LoginIn, RefreshIn, SessionOut, TokensOut, VerifyIn
from accounts.views.doors import NO_STORE, Open, say, says
from common import clock
from common.api import answers, read_body
from common.throttle import address_of


class Login(Open):
    """E-mail address and password for a pair of tokens."""

    @answers(
        SessionOut,
        body=LoginIn,
        bare=True,
        never=(404,),
        asked=examples.LOGIN,
        example=examples.SESSION,
    )
    def post(self, request: Request) -> Response:
        asked = read_body(LoginIn, request)
        pair = actions.log_in(**asked, address=address_of(request), at=clock.now())
        return Response(SessionOut(pair).data, headers=NO_STORE)


class Refresh(Open):
    """A refresh token for a new pair; each works once.

    401 with the code `spent_token` for one that was exchanged within the last 30 seconds, say by
    another tab, which has the new pair; later than that the session ends, as of a stolen token.
    401 with the code `dead_token`: log in again.
    """

    @answers(
        TokensOut,
        body=RefreshIn,
        bare=True,
        never=(403, 404),
        asked=examples.REFRESH,
        example=examples.TOKENS,
    )
    def post(self, request: Request) -> Response:
        asked = read_body(RefreshIn, request)
        pair = sessions.renew(**asked, address=address_of(request), at=clock.now())
        return Response(TokensOut(pair).data, headers=NO_STORE)


class Verify(Open):
    """200 while a token is good, else 401."""

    @says(examples.GOOD_TOKEN, VerifyIn, asked=examples.TOKEN, never=(403, 404))
    def post(self, request: Request) -> Response:
        sessions.verify(read_body(VerifyIn, request)["token"], at=clock.now())
        return say(examples.GOOD_TOKEN)


class Revoke(Open):
    """Log out: the refresh token is dead for good."""

    @says(examples.SESSION_OVER, RefreshIn, asked=examples.REFRESH, never=(403, 404))
    def post(self, request: Request) -> Response:
        sessions.revoke(read_body(RefreshIn, request)["refresh"], at=clock.now())
        return say(examples.SESSION_OVER)
