"""Fills as reported: precious, written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.fields import MoneyField, PriceField


class ExecIdField(models.TextField):  # type: ignore[type-arg]  # takes none at run time
    """An execution id; ordered by code point in every database, as Python orders it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


class State(models.TextChoices):
    """How the ledger reads a fill."""

    USABLE = "usable", "counts in its position"
    REPLACED = "replaced", "a correction stands in its place"
    VOID = "void", "busted"
    EXCLUDED = "excluded", "kept, but never a position of its own"
    WAITING = "waiting", "cannot be used yet"


class Fill(models.Model):
    """One reported execution, written once; only state, reason and contract are settled later.

    That its account and contract exist is seen to by triggers, for a batch at once: a foreign key
    looks each row up by itself, which was a third of all that storing a batch takes.
    """

    pk = models.CompositePrimaryKey("account", "exec_id", "leg_index")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    exec_id = ExecIdField()
    leg_index = models.PositiveSmallIntegerField(default=0)
    ref_exec_id = ExecIdField(null=True, help_text="the execution that this row replaces or voids")
    root_exec_id = ExecIdField(help_text="the first execution of its chain of corrections")
    action = models.TextField(help_text="new, correct or cancel")
    kind = models.TextField(help_text="outright, leg, spread or admin")
    synthetic = models.BooleanField(default=False)
    instrument_id = models.TextField(help_text="the provider's instrument")
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, null=True, db_index=False, db_constraint=False
    )
    side = models.SmallIntegerField(help_text="+1 bought, -1 sold")
    quantity = models.PositiveIntegerField(help_text="contracts")
    price = PriceField(help_text="contract points")
    executed_ns = models.BigIntegerField(help_text="nanoseconds since 1970, exchange time")
    received_ns = models.BigIntegerField(help_text="nanoseconds since 1970, provider time")
    fees = MoneyField(null=True, help_text="contract currency; null = not told")
    position_effect = models.TextField(null=True)
    state = models.TextField(choices=State.choices)
    reason = models.TextField(blank=True)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fill_quantity_positive"),
            models.CheckConstraint(condition=Q(side__in=(1, -1)), name="fill_side"),
            models.CheckConstraint(
                condition=~Q(state=State.USABLE) | Q(contract__isnull=False),
                name="fill_usable_has_contract",
            ),
        ]
        indexes = [
            models.Index(
                fields=[
                    "account",
                    "contract",
                    "executed_ns",
                    "received_ns",
                    "exec_id",
                    "leg_index",
                ],
                name="fill_order",
            ),
            models.Index(
                fields=["account", "ref_exec_id"],
                name="fill_ref",
                condition=Q(ref_exec_id__isnull=False),
            ),
            models.Index(
                fields=["account", "root_exec_id"],
                name="fill_chain",
                condition=Q(ref_exec_id__isnull=False),
            ),
            models.Index(
                fields=["account", "executed_ns"],
                name="fill_spreads",
                condition=Q(kind__in=("spread", "leg")),
            ),
            models.Index(
                fields=["instrument_id"], name="fill_waiting", condition=Q(state=State.WAITING)
            ),
            models.Index(
                fields=["account", "executed_ns"],
                name="fill_unused",
                condition=~Q(state=State.USABLE),
            ),
        ]

    def __str__(self) -> str:
        return str(self.exec_id)
