"""What a group's tagged trades made, day by day; triggers keep it with every change they see."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.fields import MoneyField


class CountedTrade(models.Model):
    """A tagged trade with a result, as its group's sums count it: what a change takes off them.

    Of accounts with a `rolled_group_id` alone, of those every one. Written by triggers and by
    `journal.actions.rolled`, which hold the account while they do.
    """

    pk = models.CompositePrimaryKey("account", "trade")
    account = models.ForeignKey(
        "traders.PlatformAccount",
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    day = models.DateField(help_text="UTC day of its closing")
    tags = ArrayField(
        models.BigIntegerField(), help_text="sorted, each once; a custom one as that above it"
    )
    pnl_usd = MoneyField()

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "day"], include=("tags", "pnl_usd"), name="counted_by_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.trade_id)


class TagDay(models.Model):
    """What was added to, or taken off, a group's trades of one day that bear exactly these tags.

    The sum of the rows is what holds. Nothing is ever changed: no two writers wait for each other,
    and each snapshot adds up. Rows of one key become one now and then.
    """

    group = models.ForeignKey(
        "traders.Group", models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    day = models.DateField()
    tags = ArrayField(models.BigIntegerField(), help_text="as in CountedTrade")
    # No BIGINT: absurd results of two trades must not stop a fold by their sum.
    pnl_usd = models.DecimalField(max_digits=40, decimal_places=0, help_text="micro-USD")
    trade_count = models.BigIntegerField()
    is_sum = models.BooleanField(db_default=False, help_text="stood alone when it was written")

    class Meta:
        indexes = [
            models.Index(
                fields=["group", "day"],
                include=("tags", "pnl_usd", "trade_count"),
                name="tag_day_read",
            ),
            models.Index(
                fields=["group", "day"], condition=models.Q(is_sum=False), name="tag_day_loose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.day} {self.tags}"
