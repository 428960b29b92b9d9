"""What the books said before: never changed and never deleted; no rebuild needs it."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Value

from common.fields import MoneyField
from ledger.models.fills import ExecIdField
from ledger.models.results import TradeColumns


def next_number() -> Func:
    """Return the expression that numbers what is written down."""
    return Func(Value("ledger_history"), function="nextval")


class Reason(models.TextChoices):
    """Why a figure became another one."""

    LATE = "late", "a fill that was reported late"
    CORRECTION = "correction", "a fill was corrected"
    BUST = "bust", "a fill was busted"
    RATE = "rate", "a daily rate came or changed"
    FEES = "fees", "a fee schedule changed"
    INSTRUMENT = "instrument", "an instrument, or the point value of its contract, became known"
    TERMS = "terms", "the account came under other terms"
    REBUILD = "rebuild", "the books were rebuilt"
    GROWTH = "growth", "fills in their order"


class PastTrade(TradeColumns):
    """A trade as the books told it from `booked_at` until `replaced_at`; it changed or vanished."""

    pk = models.CompositePrimaryKey("account", "id", "number")
    id = models.UUIDField()
    number = models.BigIntegerField(db_default=next_number())
    replaced_at = models.DateTimeField()
    reason = models.TextField(choices=Reason.choices)

    class Meta:
        indexes = [models.Index(fields=["account", "closed_on"], name="past_trade_by_day")]


class TradeVersion(TradeColumns):
    """A view of `Trade` and `PastTrade`: what the books said at a moment.

    The books of T are the rows with booked_at <= T < replaced_at.
    """

    replaced_at = models.DateTimeField(help_text="the year 9999 of what still holds")

    class Meta:
        managed = False
        db_table = "ledger_tradeversion"


class Restatement(models.Model):
    """A day figure that changed after its day was over: what it was, what it is, and why.

    was_* null: nothing stood there; the others null: nothing stands there any more. USD.
    exec_id: the fill that caused it; null where none did (a rate, a fee schedule).
    """

    pk = models.CompositePrimaryKey("account", "number")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    number = models.BigIntegerField(db_default=next_number())
    day = models.DateField()
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        "futures.Product", models.PROTECT, db_index=False, db_constraint=False
    )
    restated_at = models.DateTimeField()
    reason = models.TextField(choices=Reason.choices)
    exec_id = ExecIdField(null=True)
    leg_index = models.PositiveSmallIntegerField(null=True)
    was_pnl_usd = MoneyField(null=True)
    was_gross_usd = MoneyField(null=True)
    was_fees_usd = MoneyField(null=True)
    was_realized_usd = MoneyField(null=True)
    was_trade_count = models.PositiveIntegerField(null=True)
    was_held_count = models.PositiveIntegerField(null=True)
    pnl_usd = MoneyField(null=True)
    gross_usd = MoneyField(null=True)
    fees_usd = MoneyField(null=True)
    realized_usd = MoneyField(null=True)
    trade_count = models.PositiveIntegerField(null=True)
    held_count = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "day"], name="restatement_by_day"),
            models.Index(fields=["-restated_at"], name="restatement_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.was_pnl_usd} -> {self.pnl_usd}"
