"""What a fill costs where the provider does not tell."""

from __future__ import annotations

from django.db import models

from common.fields import MoneyField


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
