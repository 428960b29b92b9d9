"""Django's createsuperuser, written down, for a log-in whose address counts as verified."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.management.commands import createsuperuser

from accounts import actions
from accounts.management.lookups import Mends, refusals
from accounts.models import CustomUser
from common import clock
from common.operator import operator

MENDS: Mends = {actions.AddressTaken: "raise it with manage.py create_user --superuser --email ..."}


class _Made:
    """What Django's command makes a superuser with: our action, by the name that it calls."""

    def __init__(self, users: Any) -> None:
        self._users = users

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)

    def db_manager(self, *_: object) -> _Made:
        return self

    def create_superuser(self, **given: Any) -> CustomUser:
        with refusals(MENDS):
            return actions.create_user(
                **given, is_staff=True, is_superuser=True, by=operator(), at=clock.now(),
                source="console",
            )  # fmt: skip


class _Model:
    """The user model as Django's command sees it."""

    _default_manager = _Made(CustomUser.objects)

    def __getattr__(self, name: str) -> Any:
        return getattr(CustomUser, name)

    def __call__(self, **given: Any) -> CustomUser:
        return CustomUser(**given)


class Command(createsuperuser.Command):
    help = "Make a superuser of the Django admin; create_user --superuser does it without questions"

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.UserModel = cast(Any, _Model())
