"""A forgotten password, and a new one."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, examples
from accounts.serializers import AddressIn, ChangeIn, ResetIn
from accounts.views.doors import Open, say, says
from common import clock
from common.api import read_body
from common.throttle import address_of


class ResetPassword(Open):
    """Ask for a mail with a link to a new password; the answer is the same for every address."""

    @says(examples.RESET_ASKED, AddressIn, asked=examples.ADDRESS)
    def post(self, request: Request) -> Response:
        asked = read_body(AddressIn, request)
        actions.request_reset(**asked, address=address_of(request), at=clock.now())
        return say(examples.RESET_ASKED)


class ConfirmReset(Open):
    """Choose a new password with the uid and the token of the mail; a token works once.

    The link in the mail is the front end's `/reset-password?uid=...&token=...`. Every session of
    the user ends, and the address counts as verified. 400 with the code `dead_key` for a token that
    is unknown, used or too old.
    """

    @says(examples.RESET_DONE, ResetIn, asked=examples.RESET)
    def post(self, request: Request) -> Response:
        asked = read_body(ResetIn, request)
        actions.confirm_reset(**asked, address=address_of(request), at=clock.now())
        return say(examples.RESET_DONE)


class ChangePassword(APIView):
    """Change the own password; every session ends, this one too."""

    @says(examples.PASSWORD_CHANGED, ChangeIn, asked=examples.CHANGE, never=(403, 404))
    def post(self, request: Request) -> Response:
        asked = read_body(ChangeIn, request)
        actions.change_password(user=access.viewer(request), **asked, at=clock.now())
        return say(examples.PASSWORD_CHANGED)
