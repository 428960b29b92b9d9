"""Why a trade was made: the taxonomy, and what is tagged."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Layer(models.IntegerChoices):
    """How deep a tag lies; the first two are fixed and everybody's, the third one trader's own."""

    CATEGORY = 1, "category"
    TAG = 2, "tag"
    CUSTOM = 3, "custom tag"


class Tag(models.Model):
    """A place in the taxonomy: category, fixed tag, or a custom tag that hangs under a fixed one.

    A retired tag keeps its history and takes no new trades.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    layer = models.PositiveSmallIntegerField(choices=Layer.choices)
    trader = models.ForeignKey("traders.Trader", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0, help_text="among its siblings")
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("parent"), F("trader"), Lower("name"), nulls_distinct=False, name="tag_once"
            ),
            models.CheckConstraint(
                condition=Q(layer=Layer.CATEGORY, parent__isnull=True, trader__isnull=True)
                | Q(layer=Layer.TAG, parent__isnull=False, trader__isnull=True)
                | Q(layer=Layer.CUSTOM, parent__isnull=False, trader__isnull=False),
                name="tag_layer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class TradeTag(models.Model):
    """A trade bears a tag of the second or third layer.

    The trade need not exist: while the books are matched anew it may be gone for a time, or for
    good; then its tags follow another trade, or are kept as detached.
    """

    pk = models.CompositePrimaryKey("account", "trade", "tag")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, related_name="+"
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="+")
    tagged_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.trade_id} {self.tag_id}"
