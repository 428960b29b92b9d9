"""The books: fills as reported, and what the ledger makes of them.

Fills are precious. Trades, positions and day results are remade from fills by `rebuild_ledger`, to
the byte. The platform account leads every key: it is the distribution key of the big tables.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from common.clock import from_ns
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
    """One reported execution, written once; only state, reason and contract are settled later."""

    pk = models.CompositePrimaryKey("account", "exec_id", "leg_index")
    account = models.ForeignKey("traders.PlatformAccount", models.PROTECT, db_index=False)
    exec_id = ExecIdField()
    leg_index = models.PositiveSmallIntegerField(default=0)
    ref_exec_id = ExecIdField(null=True, help_text="the execution that this row replaces or voids")
    root_exec_id = ExecIdField(help_text="the first execution of its chain of corrections")
    action = models.TextField(help_text="new, correct or cancel")
    kind = models.TextField(help_text="outright, leg, spread or admin")
    synthetic = models.BooleanField(default=False)
    instrument_id = models.TextField(help_text="the provider's instrument")
    contract = models.ForeignKey("futures.Contract", models.PROTECT, null=True, db_index=False)
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
                fields=["account", "executed_ns"],
                name="fill_spreads",
                condition=Q(kind__in=("spread", "leg")),
            ),
            models.Index(
                fields=["instrument_id"], name="fill_waiting", condition=Q(state=State.WAITING)
            ),
        ]

    def __str__(self) -> str:
        return str(self.exec_id)


class Trade(models.Model):
    """A round trip, flat to flat, of one account in one contract.

    `pnl_usd` and its parts are null while a daily rate is missing; `held` says which.
    """

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
            models.Index(fields=["contract"], name="trade_held", condition=Q(pnl_usd__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def opened_at(self) -> datetime:
        return from_ns(self.opened_ns)

    @property
    def closed_at(self) -> datetime:
        return from_ns(self.closed_ns)


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

    def __str__(self) -> str:
        return f"{self.day} {self.contract_id} {self.pnl_usd}"


class DayCandle(models.Model):
    """One UTC day of PnL, minute by minute, of one account in one product or in all of them.

    It opens at 0. Candles of several accounts are no sum of single ones: where more than one of a
    trader's accounts (live, or sim) was active on the day, rows with `merged` stand beside each
    account's own.
    """

    pk = models.CompositePrimaryKey("account", "day", "product_id", "merged")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, db_constraint=False
    )
    day = models.DateField()
    product_id = models.BigIntegerField(help_text="0 = all products together")
    merged = ArrayField(
        models.BigIntegerField(),
        help_text="the trader's other accounts in it, rising, all above `account`; mostly none",
    )
    high_usd = MoneyField(help_text=">= 0")
    low_usd = MoneyField(help_text="<= 0")
    close_usd = MoneyField()

    def __str__(self) -> str:
        return f"{self.day} {self.product_id} {self.close_usd}"


class CandlesDue(models.Model):
    """Days whose candles must be made anew; written in the transaction of what changed them.

    account null   every account that held the contract on those days (its bars changed)
    contract null  every contract of the account (its terms or its trader changed)
    until null     without end
    """

    account = models.ForeignKey(
        "traders.PlatformAccount", models.CASCADE, null=True, db_index=False, db_constraint=False
    )
    contract = models.ForeignKey(
        "futures.Contract", models.CASCADE, null=True, db_index=False, db_constraint=False
    )
    since = models.DateField()
    until = models.DateField(null=True)
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["account"], name="candles_due_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.contract_id} {self.since}..{self.until}"


class FeeSchedule(models.Model):
    """What a group pays where the provider does not tell: per contract and side, from a day on."""

    group = models.ForeignKey("traders.Group", models.PROTECT, related_name="fee_schedules")
    product = models.ForeignKey("futures.Product", models.PROTECT)
    from_day = models.DateField()
    per_side = MoneyField(help_text="contract currency, per contract bought or sold")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "product", "from_day"], name="fee_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.product_id} {self.per_side}"
