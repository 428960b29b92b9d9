"""Passwords: reset by who has the mailbox, changed by who knows the old one.

dj-rest-auth's serializers for this look the user up without holding it, tell an unknown uid from a
dead token and let the deactivated in; what they stand on is used here: allauth's tokens and uids,
Django's validators.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmation
from allauth.account.utils import url_str_to_user_pk
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts import addresses, letters, limits
from accounts.actions.people import confirm_address, set_password
from accounts.models import CustomUser
from audit.actions import record
from common.api.errors import Refusal


class DeadKey(Refusal):
    """One and the same for what never was, has expired, was used up or replaced."""

    status = 400
    message = "The link is invalid, has expired or was used up: ask for a new one"
    code = "dead_key"

    def __init__(self, field: str) -> None:
        super().__init__(fields={field: [self.message]})


class WeakPassword(Refusal):
    status = 400
    code = "weak_password"


class WrongPassword(Refusal):
    status = 400
    message = "old_password: This is not your password"
    code = "wrong_password"

    def __init__(self) -> None:
        super().__init__(fields={"old_password": ["This is not your password"]})


def accept(password: str, *, user: CustomUser, field: str) -> None:
    """WeakPassword unless `password` is good enough for `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        sentences = error.messages
        raise WeakPassword(f"{field}: {sentences[0]}", fields={field: sentences}) from error


def request_reset(*, email: str, address: str, at: datetime) -> None:
    """Owe whoever has the address a link to a new password."""
    limits.spend("reset", account=email, address=address, at=at)
    letters.write("reset", email=email, at=at)


def confirm_reset(*, uid: str, token: str, password: str, address: str, at: datetime) -> None:
    """Give the password that the owner of the mailbox chose; a token works once.

    The link was mailed to the present address (another one would have killed the token), so the
    address counts as verified; who was locked out by wrong passwords may log in.
    """
    limits.spend("confirm", address=address, at=at)
    # Counted for the user with a good token only: uids are easily guessed, and whoever guesses one
    # must not use up the tries of its owner.
    known = _entitled(CustomUser.objects.all(), uid, token)
    limits.spend("confirm", account=known.email, at=at)
    with transaction.atomic():
        user = _entitled(CustomUser.objects.select_for_update(no_key=True), uid, token)
        accept(password, user=user, field="new_password1")
        prove(user, at=at)
        _replace(user, password, at=at)
    limits.forgive("login", account=user.email)


def change_password(*, user: CustomUser, old_password: str, password: str, at: datetime) -> None:
    """Change the own password; every session ends, the one that asks too."""
    limits.spend("password", account=user.email, at=at)
    with transaction.atomic():
        user = CustomUser.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not user.check_password(old_password):
            raise WrongPassword
        accept(password, user=user, field="new_password1")
        _replace(user, password, at=at)


def prove(user: CustomUser, *, at: datetime) -> bool:
    """Take the address of `user`, whose row is held, as verified; return whether it was not."""
    if addresses.is_proven(user):
        return False
    confirm_address(user)
    EmailConfirmation.objects.filter(email_address__user=user).delete()
    record(
        scope="user_management", action="update", entity=("custom_user", user.pk), by=user.email,
        at=at, trader_id=user.trader_id, source=(None, "api"), email_verified=(False, True),
    )  # fmt: skip
    return True


def _replace(user: CustomUser, password: str, *, at: datetime) -> None:
    set_password(user=user, password=password, by=user.email, at=at, source="api")
    letters.write("password_changed", email=user.email, at=at)


def _entitled(people: QuerySet[CustomUser], uid: str, token: str) -> CustomUser:
    """Return the user whom a token lets choose a password; DeadKey where it lets nobody."""
    try:
        user = people.filter(pk=url_str_to_user_pk(uid), is_active=True).first()
    except (ValueError, ValidationError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise DeadKey("token")
    return user
