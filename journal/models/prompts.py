"""Welcome prompts: a sentence a week."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class PromptType(models.TextChoices):
    """Made each Monday from last week's results, or somebody's own words."""

    WEEKLY = "weekly", "weekly"
    CUSTOM = "custom", "custom"


class WelcomePrompt(models.Model):
    """A sentence that greets a trader, or where trader is null a whole group, for one week.

    A weekly one that nobody has edited is made anew when what it was made of changes.
    """

    date = models.DateField(help_text="the Monday of its week, UTC")
    group = models.ForeignKey("traders.Group", models.CASCADE, related_name="+")
    trader = models.ForeignKey(
        "traders.Trader",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty: for the whole group",
    )
    prompt_type = models.CharField(
        max_length=6, choices=PromptType.choices, default=PromptType.CUSTOM
    )
    prompt_message = models.CharField(max_length=1000)
    product = models.ForeignKey(
        "futures.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="that it speaks of, if any",
    )
    made_at = models.DateTimeField()
    edited_by_hand = models.BooleanField(default=False, help_text="never overwritten")
    fingerprint = models.CharField(
        max_length=40, blank=True, help_text="of the results and the words that it was made of"
    )

    class Meta:
        indexes = [models.Index(fields=["group", "date"], name="prompt_group_date")]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "group", "trader"],
                condition=Q(prompt_type=PromptType.WEEKLY),
                nulls_distinct=False,
                name="prompt_weekly_once",
                violation_error_message="There is a weekly prompt of this week: edit that one",
            ),
            models.CheckConstraint(condition=Q(date__iso_week_day=1), name="prompt_on_monday"),
            models.CheckConstraint(
                condition=Q(prompt_type__in=PromptType.values), name="prompt_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_type} of {self.date}"
