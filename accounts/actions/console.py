"""What the console does to a log-in after a page of Django's own has saved it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import letters
from accounts.actions.people import Known, note_change
from accounts.models import CustomUser


@transaction.atomic
def note_password(*, user: CustomUser, before: Known, by: str, at: datetime) -> None:
    """Write a new password down, end the sessions that began with the old one, tell its owner.

    before  the log-in as it was; nothing happens where the password is the same
    """
    user.refresh_from_db()
    if user.password == before.password:
        return
    note_change(before=before, user=user, by=by, at=at, source="console")
    if user.has_usable_password():
        letters.write("password_changed", email=user.email, at=at)
