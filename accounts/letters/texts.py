"""What a letter says, to whom, and the key in it: all made at the moment when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from allauth.account import app_settings as allauth
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmation
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from accounts import addresses
from accounts.models import CustomUser, Letter

SUBJECTS = {
    "verification": "Confirm your e-mail address",
    "known": "You already have a log-in",
    "reset": "Choose a new password",
    "invitation": "Your log-in is ready: choose a password",
    "password_changed": "Your password was changed",
}
LIVES = {
    "verification": allauth.EMAIL_CONFIRMATION_EXPIRE_DAYS,
    "reset": settings.PASSWORD_RESET_TIMEOUT // 86_400,
    "invitation": settings.PASSWORD_RESET_TIMEOUT // 86_400,
}


class Needless(Exception):
    """Nothing is to be mailed; says why in a word."""


@transaction.atomic
def compose(letter: Letter, *, at: datetime) -> EmailMultiAlternatives:
    """Return the mail, its key made and kept; Needless where nobody is to get one.

    The row of the user is held: a registration that is being replaced gets no key any more.
    """
    user = addresses.held_by(letter.email).select_for_update(no_key=True).first()
    if user is None or not user.is_active:
        raise Needless("nobody")
    link = _LINKS[letter.kind](user, at)
    told = {"user": user, "link": link, "at": letter.created_at, "days": LIVES.get(letter.kind)}
    text = render_to_string(f"accounts/letters/{letter.kind}.txt", told).strip()
    parts = [part.replace("\n", " ") for part in text.split("\n\n")]
    mail = EmailMultiAlternatives(
        SUBJECTS[letter.kind],
        f"{text}\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    page = render_to_string("accounts/letters/page.html", {"parts": parts, "link": link})
    mail.attach_alternative(page, "text/html")
    return mail


def _verification(user: CustomUser, at: datetime) -> str:
    if addresses.is_proven(user):
        raise Needless("verified already")
    proof = EmailConfirmation.create(addresses.of(user))
    proof.sent = at
    proof.save(update_fields=["sent"])
    return _address("verify-email", key=proof.key)


def _reset(user: CustomUser, at: datetime) -> str:
    token = default_token_generator.make_token(user)
    return _address("reset-password", uid=user_pk_to_url_str(user), token=token)


def _invitation(user: CustomUser, at: datetime) -> str:
    if user.has_usable_password():
        raise Needless("has a password already")
    return _reset(user, at)


def _front(user: CustomUser, at: datetime) -> str:
    return str(settings.FRONTEND_URL)


def _address(page: str, **query: str) -> str:
    return f"{settings.FRONTEND_URL}/{page}?{urlencode(query)}"


_LINKS: dict[str, Callable[[CustomUser, datetime], str]] = {
    "verification": _verification,
    "known": _front,
    "reset": _reset,
    "invitation": _invitation,
    "password_changed": _front,
}
