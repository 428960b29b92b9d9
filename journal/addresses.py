"""Addresses of images that an `<img>` can load: signed, for one session, for ten minutes.

An address opens one image to whoever has it, as long as it lasts and the session for which it was
made does. Who logs out, is deactivated, changes the password or may no longer see the trader takes
it along.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import access
from accounts.models import CustomUser
from accounts.tokens import live_session, session_of_request
from common import clock
from journal.queries.images import UnknownImage
from journal.queries.pages import Reader

PARAM = "key"
LIFE = timedelta(minutes=10)
# Within one minute the addresses are the same, and so is a list of them to whoever caches it.
_STEP = 60
_NOBODYS = UUID(int=0)  # whom no session let in gets addresses that open nothing
_signer = Signer(salt="journal.image.address")


def reader(request: Request) -> Reader:
    """Return who asks, and a way to address images for ten minutes from now, eleven at most."""
    session = session_of_request(request) or _NOBODYS
    until = int(clock.now().timestamp()) // _STEP * _STEP + _STEP + int(LIFE.total_seconds())

    def address(image_id: UUID) -> str:
        path = reverse("journal/images/image_id", kwargs={"image_id": image_id})
        whole = _signer.sign(f"{image_id.hex}:{session.hex}:{until}")
        return request.build_absolute_uri(f"{path}?{PARAM}={whole.partition(':')[2]}")

    return Reader(access.viewer(request), address)


class SignedAddress(BaseAuthentication):
    """A signed address in place of a token; whatever is wrong with it, the same 404 tells."""

    def authenticate(self, request: Request) -> tuple[CustomUser, None] | None:
        key = request.query_params.get(PARAM)
        if key is None or request.method not in ("GET", "HEAD"):
            return None
        image_id: UUID = request.parser_context["kwargs"]["image_id"]
        session = live_session(_session_of(key, image_id, at=clock.now()), at=clock.now())
        if session is None:
            raise UnknownImage
        return session.user, None


def _session_of(key: str, image_id: UUID, *, at: datetime) -> UUID:
    """Return for whose session an address was made; UnknownImage unless it is ours and lasts."""
    try:
        _, session, until = _signer.unsign(f"{image_id.hex}:{key}").split(":")
    except BadSignature:
        raise UnknownImage from None
    if at.timestamp() >= int(until):
        raise UnknownImage
    return UUID(session)
