"""What the ledger makes of fills; `rebuild_ledger` remakes it from them, to the byte."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q

from common.clock import from_ns
from common.fields import MoneyField, PriceField
from ledger.models.fills import ExecIdField

BEFORE_HISTORY = datetime(1970, 1, 1, tzinfo=UTC)  # of what was booked before versions were kept


class TradeColumns(models.Model):
    """What is told of a trade, by the books of now and by their history alike."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        "futures.Product", models.PROTECT, db_index=False, db_constraint=False
    )
    side = models.SmallIntegerField(help_text="+1 long, -1 short: the side of the first fill")
    quantity = models.BigIntegerField(help_text="contracts, sum of the opening fills")
    max_position = models.BigIntegerField(help_text="contracts, largest absolute position")
    entry_price = PriceField(help_text="quantity-weighted, to the billionth")
    exit_price = PriceField(help_text="quantity-weighted, to the billionth")
    opened_ns = models.BigIntegerField()
    opened_received_ns = models.BigIntegerField()
    opened_exec_id = ExecIdField()
    opened_leg_index = models.PositiveSmallIntegerField()
    closed_ns = models.BigIntegerField()
    closed_received_ns = models.BigIntegerField()
    closed_exec_id = ExecIdField()
    closed_leg_index = models.PositiveSmallIntegerField()
    closed_used = models.BigIntegerField(
        help_text="contracts of the last fill; the rest of it opened the next trade"
    )
    closed_on = models.DateField(help_text="UTC day of the closing fill")
    fill_count = models.PositiveIntegerField()
    gross_native = MoneyField(help_text="contract currency")
    fees_native = MoneyField(help_text="contract currency")
    gross_usd = MoneyField(null=True)
    fees_usd = MoneyField(null=True)
    pnl_usd = MoneyField(null=True)
    earlier_usd = MoneyField(null=True, help_text="part of pnl_usd booked before closed_on")
    outcome = models.SmallIntegerField(null=True, help_text="1 win, 0 scratch, -1 loss")
    held = models.TextField(blank=True, help_text="why there is no pnl yet")
    mae_usd = MoneyField(null=True, help_text="lowest open PnL; null = no bars, or due")
    mfe_usd = MoneyField(null=True, help_text="highest open PnL; null = no bars, or due")
    is_copied = models.BooleanField(default=False, help_text="copied from production; no fills")
    booked_at = models.DateTimeField(
        db_default=BEFORE_HISTORY, help_text="when the books came to say this of the trade"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)

    @property
    def opened_at(self) -> datetime:
        return from_ns(self.opened_ns)

    @property
    def closed_at(self) -> datetime:
        return from_ns(self.closed_ns)


class Trade(TradeColumns):
    """A round trip, flat to flat, of one account in one contract.

    `pnl_usd` and its parts are null while a daily rate is missing; `held` says which. In the
    database its key is (account, id), for the account is the distribution key.
    """

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "closed_on", "product"],
                include=("pnl_usd", "outcome"),
                name="trade_by_day",
            ),
            models.Index(fields=["account", "contract", "closed_ns"], name="trade_by_contract"),
            models.Index(
                fields=["account", "closed_ns"],
                include=("product", "pnl_usd"),
                name="trade_by_closing",
            ),
            models.Index(
                fields=["closed_ns"],
                include=("account", "product", "pnl_usd"),
                name="trade_by_time",
            ),
            models.Index(fields=["contract"], name="trade_held", condition=Q(pnl_usd__isnull=True)),
        ]


class Position(models.Model):
    """Where one account stands in one contract; quantity 0 = flat."""

    pk = models.CompositePrimaryKey("account", "contract")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    contract = models.ForeignKey(
        "futures.Contract", models.PROTECT, db_index=False, db_constraint=False
    )
    quantity = models.BigIntegerField(help_text="contracts, + long, - short")
    average_price = PriceField(null=True, help_text="of the lots still open, first in first out")
    opened_ns = models.BigIntegerField(null=True)
    trade_id = models.UUIDField(null=True, help_text="the id that its trade will have")
    realized_usd = MoneyField(null=True, help_text="realised since it was opened, fees included")
    held = models.TextField(blank=True, help_text="why realized_usd is not known")
    fill_count = models.BigIntegerField(help_text="fills since it was opened")
    last_ns = models.BigIntegerField(help_text="execution time of the last fill")

    class Meta:
        indexes = [
            models.Index(fields=["account"], name="position_open", condition=~Q(quantity=0)),
            models.Index(fields=["contract"], name="position_held", condition=~Q(held="")),
            models.Index(fields=["contract"], name="position_by_contract"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.contract_id}"


class DayResult(models.Model):
    """One UTC day of one account in one contract.

    pnl, counts: trades that closed on the day, with their whole PnL. realized: what the day's own
    fills realised, fees included. `held_count` trades of the day wait for a rate.
    """

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
    pnl_usd = MoneyField()
    gross_usd = MoneyField()
    fees_usd = MoneyField()
    profit_usd = MoneyField(help_text="sum of pnl > 0")
    loss_usd = MoneyField(help_text="sum of pnl < 0")
    trade_count = models.PositiveIntegerField()
    win_count = models.PositiveIntegerField()
    loss_count = models.PositiveIntegerField()
    quantity = models.BigIntegerField(help_text="contracts, of the trades closed")
    held_count = models.PositiveIntegerField()
    realized_usd = MoneyField()
    realized_held = models.BooleanField(help_text="realized_usd is short of a missing rate")

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "day", "product"],
                include=(
                    "pnl_usd", "profit_usd", "loss_usd", "trade_count", "win_count", "loss_count",
                ),
                name="day_by_product",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.contract_id} {self.pnl_usd}"


class GroupDay(models.Model):
    """What was added to, or taken off, a group's results of one UTC day in one product.

    The sum of the rows is what its accounts' day results come to. Nothing is ever changed: no two
    writers wait for each other, and each snapshot adds up. Rows of one key become one now and then.
    """

    group = models.ForeignKey(
        "traders.Group", models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    day = models.DateField()
    product = models.ForeignKey(
        "futures.Product", models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    # No BIGINT: absurd results of two accounts must not stop a fold by their sum.
    pnl_usd = models.DecimalField(max_digits=40, decimal_places=0, help_text="micro-USD")
    trade_count = models.BigIntegerField()
    is_sum = models.BooleanField(db_default=False, help_text="stood alone when it was written")

    class Meta:
        indexes = [
            models.Index(
                fields=["group", "day"],
                include=("product", "pnl_usd", "trade_count"),
                name="group_day_read",
            ),
            models.Index(
                fields=["group", "day"], condition=Q(is_sum=False), name="group_day_loose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.day} {self.product_id}"


class MendedSums(models.Model):
    """That the last nightly check found a group's sums wrong, and mended them."""

    class Kind(models.TextChoices):
        DAYS = "days", "by day"
        TAGS = "tags", "by tag"

    group = models.ForeignKey("traders.Group", models.CASCADE, related_name="+")
    kind = models.TextField(choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "kind"], name="mended_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.kind}"
