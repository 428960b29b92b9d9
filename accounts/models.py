"""People who log in, their sessions, how often they tried, and the mails that they are owed."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class CustomUser(AbstractUser):
    """A log-in; shows the data of its trader, if it has one.

    `is_admin` makes a coach of the own group; Django's `is_staff` opens the Django admin. That the
    trader is of the user's group is held by the database (`user_trader_of_group`, a foreign key
    over both), so that no race and no command can link across groups.
    """

    email = models.EmailField(unique=True)
    group = models.ForeignKey(
        "traders.Group", models.PROTECT, null=True, blank=True, related_name="users"
    )
    trader = models.OneToOneField(
        "traders.Trader", models.PROTECT, null=True, blank=True, related_name="user"
    )
    is_admin = models.BooleanField(default=False, help_text="sees every trader of the own group")
    opt_out = models.BooleanField(default=False, help_text="left out of comparative analytics")

    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = "user"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(trader=None) | ~models.Q(group=None),
                name="user_trader_needs_group",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Session(models.Model):
    """One log-in through the API and every pair of tokens that came of it: a token's family.

    Each token carries the id as `sid`; when the session has ended, all of them are dead.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(CustomUser, models.CASCADE, related_name="sessions")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True, help_text="however often it is renewed")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True, help_text="revoked, replayed, password, ...")

    class Meta:
        db_table = "accounts_sessions"

    def __str__(self) -> str:
        return f"{self.user_id} since {self.opened_at:%Y-%m-%d %H:%M}"


class Tries(models.Model):
    """How often something was tried by one account or address in the window that runs.

    In PostgreSQL, so that the limits hold while the fast store is down.
    """

    pk = models.CompositePrimaryKey("action", "who")
    action = models.TextField(help_text="login.account, login.address, reset.account, ...")
    who = models.TextField(help_text="keyed hash of the account or the address")
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True, help_text="the window's end")

    class Meta:
        db_table = "accounts_tries"

    def __str__(self) -> str:
        return f"{self.action}: {self.count}"


class Letter(models.Model):
    """A mail that is owed to an address: written with its cause, sent by a worker.

    It holds neither the text nor a key: those are made when it is sent, for whom the address
    belongs to then; an address that belongs to nobody gets nothing.
    """

    kind = models.TextField(help_text="verification, known, reset, invitation, password_changed")
    email = models.EmailField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="the next try")
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, help_text="sent, nobody, given up, or the last failure")

    class Meta:
        db_table = "accounts_letters"
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(done_at=None), name="letters_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.email}"
