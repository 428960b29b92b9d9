"""Groups, their traders, and the platform accounts by which traders are known."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Group(models.Model):
    """A trading group; its admins are the coaches."""

    name = models.TextField(unique=True)
    is_archived = models.BooleanField(default=False)
    min_cohort = models.PositiveSmallIntegerField(
        default=0,
        help_text="Hide a day's sum from regular users when fewer other traders stand behind it; "
        "0 = off, 3 recommended",
    )
    scratch_ticks = models.PositiveSmallIntegerField(
        default=0, help_text="A trade within this many ticks of break-even is a scratch"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "groups"

    def __str__(self) -> str:
        return self.name


class Trader(models.Model):
    """One who trades; made by itself when the provider names a new account; never deleted."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="traders")
    name = models.TextField()
    is_archived = models.BooleanField(default=False)
    offices = models.TextField(null=True, blank=True)
    floor = models.IntegerField(null=True, blank=True)
    stage = models.IntegerField(null=True, blank=True)
    style = models.TextField(null=True, blank=True)
    opt_out = models.BooleanField(
        default=False,
        db_default=False,
        help_text="what the last log-in said; counts while none is linked",
    )
    erased_at = models.DateTimeField(
        null=True, editable=False, help_text="when the person was erased: no name comes back"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "traders"
        # For the foreign key over both by which a log-in is kept in its trader's group.
        constraints = [models.UniqueConstraint(fields=["id", "group"], name="traders_id_group")]

    def __str__(self) -> str:
        return self.name


class Platform(models.Model):
    """A trading provider, e.g. Trading Technologies (`tt`)."""

    code = models.SlugField(unique=True)
    name = models.TextField()

    class Meta:
        db_table = "platforms"

    def __str__(self) -> str:
        return self.name


class PlatformAccount(models.Model):
    """An account at a provider; the key by which its trader is known.

    `books_version` grows with every change to the account's books and with every change of its
    trader, `candles_version` with every change to its day candles, `journal_version` with every
    change to the tags of its trades: caches carry them in their keys. `settled_version` grows with
    the first, but for what the running day plainly adds: what tells of past days alone carries it
    instead. `books_at` is the instant of the last change to its books; it never goes back, whatever
    the clocks of the workers say. `rolled_group_id` is the group whose rollups hold its sums.
    """

    trader = models.ForeignKey(Trader, models.PROTECT, related_name="accounts")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="accounts")
    environment = models.TextField(help_text="the provider's environment, e.g. ext_prod_live")
    account = models.TextField(help_text="the provider's id of the account")
    name = models.TextField(blank=True)
    is_sim = models.BooleanField(default=False)
    books_version = models.BigIntegerField(default=0, editable=False)
    settled_version = models.BigIntegerField(db_default=0, editable=False)
    candles_version = models.BigIntegerField(default=0, editable=False)
    journal_version = models.BigIntegerField(default=0, editable=False)
    books_at = models.DateTimeField(db_default=BEGINNING, editable=False)
    rolled_group_id = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "trader_platforms"
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "environment", "account"], name="trader_platforms_account_once"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.account
