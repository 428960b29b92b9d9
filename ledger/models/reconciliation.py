"""How the books compare with what others say: remade at any time, nothing of it is precious."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ledger.models.fills import ExecIdField


class Verdict(models.TextChoices):
    """What a day of an account in a contract came to; the worst that holds."""

    FLAT = "flat", "flat at the end of the day"
    OPEN = "open", "a position was held over the end of the day"
    UNVERIFIABLE = "unverifiable", "cannot be told yet"
    MISMATCH = "mismatch", "the provider, or the second feed, says otherwise"
    SKIPPED = "skipped", "a usable fill is in no trade"


class ReconciledDay(models.Model):
    """One UTC day of one account in one contract: with fills, or held over its end."""

    pk = models.CompositePrimaryKey("account", "day", "contract")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    day = models.DateField()
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        "futures.Product", models.PROTECT, db_index=False, db_constraint=False
    )
    state = models.TextField(choices=Verdict.choices)
    reason = models.TextField(blank=True, help_text="a sentence; empty where all is well")
    fill_count = models.PositiveIntegerField(help_text="usable fills of the day")
    bought = models.BigIntegerField(help_text="contracts")
    sold = models.BigIntegerField(help_text="contracts")
    position = models.BigIntegerField(help_text="contracts at the end of the day, signed")
    open_since_ns = models.BigIntegerField(
        null=True, help_text="the fill that opened what is held; null = flat"
    )
    opened_exec_id = ExecIdField(null=True, help_text="that fill")
    opened_as_leg = models.BooleanField(default=False, help_text="it was a leg of a spread")
    is_spread = models.BooleanField(
        default=False, help_text="held against another month of the product: a calendar spread"
    )
    provider_position = models.BigIntegerField(null=True, help_text="contracts; null = not told")
    second_bought = models.BigIntegerField(null=True, help_text="by the second feed; null = none")
    second_sold = models.BigIntegerField(null=True, help_text="by the second feed; null = none")
    is_passing = models.BooleanField(
        default=False, help_text="looked at again by itself: the day is still being read"
    )
    checked_at = models.DateTimeField(help_text="when a check first came to say this")

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "day"],
                name="reconciled_problem",
                condition=models.Q(
                    state__in=(Verdict.UNVERIFIABLE, Verdict.MISMATCH, Verdict.SKIPPED)
                ),
            ),
            models.Index(fields=["account", "contract", "-day"], name="reconciled_line"),
            models.Index(
                fields=["account"], name="reconciled_passing", condition=models.Q(is_passing=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.contract_id} {self.state}"


class ReconcileDue(models.Model):
    """Days that must be looked at anew, from `since` on; written with what changed them."""

    account = models.ForeignKey(
        "traders.PlatformAccount", models.CASCADE, db_index=False, db_constraint=False
    )
    contract = models.ForeignKey(
        "futures.Contract", models.CASCADE, null=True, db_index=False, db_constraint=False
    )
    since = models.DateField()
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["account"], name="reconcile_due_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.contract_id} {self.since}"


class ReportedPosition(models.Model):
    """What the provider told an account to hold, the last time on a UTC day; 0 = flat.

    A telling waits until the fills of its moment have been read; until then the one before it, if
    there is one, is what the books are held against.
    """

    pk = models.CompositePrimaryKey("account", "day", "contract")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    day = models.DateField()
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    quantity = models.BigIntegerField(null=True, help_text="contracts, signed; to be compared")
    taken_at = models.DateTimeField(null=True)
    next_quantity = models.BigIntegerField(null=True, help_text="told later; it waits")
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account"],
                name="reported_waits",
                condition=models.Q(next_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.contract_id}"


class SecondFill(models.Model):
    """An execution by an independent feed (a drop copy): only for comparing volumes."""

    pk = models.CompositePrimaryKey("account", "identity")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    identity = models.TextField(help_text="its execution id, or its content and occurrence")
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    day = models.DateField(help_text="UTC day of execution")
    side = models.SmallIntegerField(help_text="+1 bought, -1 sold")
    quantity = models.PositiveIntegerField(help_text="contracts")
    source = models.TextField(help_text="the file's name")
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "day", "contract"], name="second_by_day")]

    def __str__(self) -> str:
        return str(self.identity)
