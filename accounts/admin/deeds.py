"""What an operator does to log-ins of a list, all of it written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import actions, letters, limits, second_factor
from accounts.models import CustomUser
from accounts.sessions import end_console, end_sessions
from audit.actions import record
from common import clock
from common.admin import operator

LOCKS = ("login", "second_factor")
Users = QuerySet[CustomUser]


DEEDS = (
    "deactivate", "activate", "invite", "release_lock", "end_all_sessions", "remove_second_factor",
)  # fmt: skip


class Deeds:
    """Actions of the list; each leaves out those that who asks may not touch."""

    @admin.action(description="Deactivate: no log-in, sessions end", permissions=["change"])
    def deactivate(self, request: HttpRequest, users: Users) -> None:
        self._set_active(request, users.exclude(email=operator(request)), False, "deactivated")

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, users: Users) -> None:
        self._set_active(request, users, True, "activated")

    @admin.action(description="Mail the invitation again", permissions=["change"])
    def invite(self, request: HttpRequest, users: Users) -> None:
        """Nobody who has a password gets one: an old invitation opens nothing."""

        def deed(user: CustomUser) -> bool:
            if user.has_usable_password() or not user.is_active:
                return False
            letters.write("invitation", email=user.email, at=clock.now())
            return True

        self._each(request, users, deed, "invited (those who have a password are not)")

    @admin.action(description="Release the lock after wrong passwords", permissions=["change"])
    def release_lock(self, request: HttpRequest, users: Users) -> None:
        def deed(user: CustomUser) -> bool:
            at = clock.now()
            if not any(limits.locked(lock, account=user.email, at=at) for lock in LOCKS):
                return False
            for lock in LOCKS:
                limits.forgive(lock, account=user.email)
            _record(request, user, "unlock", locked=(True, False))
            return True

        self._each(request, users, deed, "released")

    @admin.action(description="End all sessions", permissions=["change"])
    def end_all_sessions(self, request: HttpRequest, users: Users) -> None:
        def deed(user: CustomUser) -> bool:
            at = clock.now()
            ended = end_sessions(user, reason="operator", at=at) + end_console(user, at=at)
            if ended:
                _record(request, user, "end_sessions", sessions=(ended, 0))
            return bool(ended)

        self._each(request, users, deed, "logged out everywhere")

    @admin.action(description="Remove the second factor", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: Users) -> None:
        def deed(user: CustomUser) -> bool:
            return second_factor.remove(user=user, by=operator(request), at=clock.now())

        self._each(request, users, deed, "without a second factor now")

    def _set_active(self, request: HttpRequest, users: Users, active: bool, word: str) -> None:
        def deed(user: CustomUser) -> bool:
            if user.is_active == active:
                return False
            actions.change_user(
                user=user, by=operator(request), at=clock.now(), source="console", is_active=active
            )
            return True

        self._each(request, users, deed, word)

    def _each(
        self, request: Any, users: Users, deed: Callable[[CustomUser], bool], word: str
    ) -> None:
        """Do it to each that is in reach, a transaction each, and tell how many it was done to."""
        all_of_them = list(users)
        reached = [user for user in all_of_them if self.is_in_reach(request, user)]
        count = 0
        for user in reached:
            with transaction.atomic():
                count += deed(user)
        self.message_user(request, f"{count} {word}")  # type: ignore[attr-defined]
        if left := len(all_of_them) - len(reached):
            text = f"{left} left alone: only a superuser may touch log-ins of staff"
            messages.warning(request, text)

    def is_in_reach(self, request: HttpRequest, user: CustomUser | None) -> bool:
        """Return whether who asks may touch `user`: staff only by superusers."""
        if user is None or request.user.is_superuser:
            return True
        return not (user.is_staff or user.is_superuser)


def _record(
    request: HttpRequest, user: CustomUser, action: str, **changes: tuple[Any, Any]
) -> None:
    record(
        scope="user_management",
        action=action,
        entity=("custom_user", user.pk),
        by=operator(request),
        at=clock.now(),
        trader_id=user.trader_id,
        source=(None, "console"),
        **changes,
    )
