"""What is noted about a trade, and where it went when the trade did."""

from __future__ import annotations

from django.db import models

from common.fields import MoneyField, PriceField


class TradeNote(models.Model):
    """A trader's words about one trade, markdown. The trade need not exist: see TradeTag."""

    pk = models.CompositePrimaryKey("account", "trade")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, related_name="+"
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    text = models.TextField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.trade_id)


class Detached(models.Model):
    """A trade that the books no longer hold and that no other trade follows, as it was last.

    What was written about it is kept under its id, and comes back with it: a row whose trade is
    there again tells nothing. One that was open when it went has no exit.
    """

    pk = models.CompositePrimaryKey("account", "trade_id")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, related_name="+"
    )
    trade_id = models.UUIDField()
    contract = models.ForeignKey("futures.Contract", models.PROTECT, related_name="+")
    side = models.SmallIntegerField(help_text="+1 long, -1 short")
    quantity = models.BigIntegerField(help_text="contracts")
    entry_price = PriceField()
    exit_price = PriceField(null=True)
    opened_ns = models.BigIntegerField()
    closed_ns = models.BigIntegerField(null=True)
    pnl_usd = MoneyField(null=True)
    detached_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.trade_id)


class Followed(models.Model):
    """What was written about one trade went to another, which holds most of its fills."""

    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, related_name="+"
    )
    old_trade_id = models.UUIDField(db_index=True)
    new_trade_id = models.UUIDField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.old_trade_id} -> {self.new_trade_id}"
