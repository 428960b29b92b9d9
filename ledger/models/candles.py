"""Day candles, and which days of them must be made anew."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from common.fields import MoneyField


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
