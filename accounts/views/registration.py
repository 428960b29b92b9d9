"""Register, verify the address, ask for another mail."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, examples
from accounts.serializers import AddressIn, KeyIn, RegistrationIn
from accounts.views.doors import Open, say, says
from common import clock
from common.api import read_body
from common.throttle import address_of


class Registration(Open):
    """Ask for a log-in; it opens once the address is verified.

    A mail with a link goes to the address. The answer is the same whether or not the address has a
    log-in already; its owner is told by mail.
    """

    @says(examples.REGISTERED, RegistrationIn, asked=examples.REGISTRATION, status=201)
    def post(self, request: Request) -> Response:
        asked = read_body(RegistrationIn, request)
        actions.register(**asked, address=address_of(request), at=clock.now())
        return say(examples.REGISTERED, 201)


class VerifyEmail(Open):
    """Verify an address with the key that was mailed to it; a key works once.

    The link in the mail is the front end's `/verify-email?key=...`. 400 with the code `dead_key`
    for a key that is unknown, used or too old.
    """

    @says(examples.VERIFIED, KeyIn, asked=examples.KEY)
    def post(self, request: Request) -> Response:
        asked = read_body(KeyIn, request)
        actions.verify_email(**asked, address=address_of(request), at=clock.now())
        return say(examples.VERIFIED)


class ResendEmail(Open):
    """Ask for another verification mail; the answer is the same for every address."""

    @says(examples.RESENT, AddressIn, asked=examples.ADDRESS)
    def post(self, request: Request) -> Response:
        asked = read_body(AddressIn, request)
        actions.resend(**asked, address=address_of(request), at=clock.now())
        return say(examples.RESENT)
