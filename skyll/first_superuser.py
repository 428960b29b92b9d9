"""The one who lets everybody else in, made where there is none yet."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import actions
from accounts.models import CustomUser
from common import locks

NOBODY = (
    "Nobody may log in to the Django admin yet: set ADMIN_EMAIL and start again, or run "
    "manage.py create_user --superuser --email you@example.com"
)


@transaction.atomic
def ensure(*, at: datetime) -> str | None:
    """Make ADMIN_EMAIL a superuser unless there is one; say what was done, None: nothing.

    With the password ADMIN_PASSWORD, else by an invitation. Safe to run twice and by two at once.
    """
    locks.hold("first superuser")
    if CustomUser.objects.filter(is_superuser=True).exists():
        return None
    if not settings.ADMIN_EMAIL:
        return NOBODY
    password = settings.ADMIN_PASSWORD or None
    done = actions.ensure_user(
        email=settings.ADMIN_EMAIL, password=password, invite=password is None, by="", at=at,
        source="console", is_staff=True, is_superuser=True,
    )  # fmt: skip
    how = "an invitation is on its way" if done.invited else "with the password ADMIN_PASSWORD"
    return f"Superuser: {done.user.email}, {how if done.made else 'raised from what it was'}"
