"""People who log in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class CustomUser(AbstractUser):
    """A log-in; shows the data of its trader, if it has one.

    `is_admin` makes a coach of the own group; Django's `is_staff` opens the Django admin.
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
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email
