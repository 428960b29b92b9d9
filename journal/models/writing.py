"""Entries of the journal, images and comments."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Concat

# Words as they stand, of whatever language: no ending is cut off, and none is too common to find.
# Whatever joins two of them stands apart: ES/NQ is no file, 5400.25 no version.
SEARCHED = SearchVector(
    Func(
        Concat("title", Value(" "), "body", output_field=models.TextField()),
        Value(r"\W+"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    ),
    config="simple",
)


class Entry(models.Model):
    """A dated page of a trader's journal."""

    trader = models.ForeignKey("traders.Trader", models.PROTECT, related_name="+")
    date = models.DateField(help_text="the UTC day that it speaks of")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, help_text="markdown")
    mood = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["trader", "-date", "-id"], name="entry_by_day"),
            GinIndex(SEARCHED, name="entry_search"),
        ]

    def __str__(self) -> str:
        return str(self.title)


class EntryTrade(models.Model):
    """An entry speaks of a trade. The trade need not exist: see TradeTag."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="entry_trades")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, db_index=False, related_name="+"
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "trade"], name="entry_trade_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.trade_id}"


class EntryTag(models.Model):
    """An entry bears a tag."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="entry_tags")
    tag = models.ForeignKey("journal.Tag", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "tag"], name="entry_tag_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.tag_id}"


class Image(models.Model):
    """A picture of a trade or of an entry; made anew from what was uploaded."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    trader = models.ForeignKey("traders.Trader", models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="images")
    path = models.TextField(unique=True, help_text="in the storage; random")
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField(help_text="pixels")
    height = models.PositiveIntegerField(help_text="pixels")
    size = models.PositiveIntegerField(help_text="bytes in the storage")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=True, trade__isnull=False, account__isnull=False)
                | Q(entry__isnull=False, trade__isnull=True, account__isnull=True),
                name="image_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Comment(models.Model):
    """What a coach and a trader say to each other about a trade or an entry of the trader's."""

    trader = models.ForeignKey("traders.Trader", models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "traders.PlatformAccount", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    trade = models.ForeignKey(
        "ledger.Trade", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="comments")
    author = models.ForeignKey("accounts.CustomUser", models.SET_NULL, null=True, related_name="+")
    author_name = models.TextField(help_text="when it was written")
    by_coach = models.BooleanField()
    text = models.TextField()
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        "accounts.CustomUser", models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=True, trade__isnull=False, account__isnull=False)
                | Q(entry__isnull=False, trade__isnull=True, account__isnull=True),
                name="comment_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.author_name} {self.created_at:%Y-%m-%d %H:%M}"
