"""How rows come in: connections, their schedule, what they know, and what could not be used."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator
from django.db import models

from common.sealed import seal, unseal

LEAST_ONE = [MinValueValidator(1)]


class Stream(models.TextChoices):
    """What a feed brings, in the order in which a poll brings it; the last two come by file."""

    ACCOUNTS = "accounts", "accounts"
    FILLS = "fills", "fills"
    FX = "fx", "daily rates"
    BARS = "bars", "one-minute bars"
    POSITIONS = "positions", "positions, for reconciliation"
    CALENDAR = "calendar", "calendar events"
    DROP_COPY = "drop_copy", "a second feed of fills, to compare with"


class Connection(models.Model):
    """A provider's environment that the house polls, and the group that its new traders join."""

    name = models.TextField(unique=True)
    platform = models.ForeignKey("traders.Platform", models.PROTECT, related_name="connections")
    environment = models.TextField(help_text="e.g. ext_prod_live; accounts of *_sim are sim")
    base_url = models.TextField(help_text="e.g. https://ttrestapi.trade.tt")
    app_key = models.TextField(blank=True, help_text="the key's public half")
    sealed_secret = models.TextField(blank=True, editable=False)
    app_name = models.TextField(default="skyll", help_text="named in each request")
    company_name = models.TextField(default="skyll", help_text="named in each request")
    group = models.ForeignKey("traders.Group", models.PROTECT, related_name="connections")
    is_active = models.BooleanField(default=True)
    history_from = models.DateField(help_text="first UTC day to bring in; TT keeps about 93 days")
    requests_per_second = models.PositiveSmallIntegerField(
        default=3, validators=LEAST_ONE, help_text="of the plan: 3, 5, 10 or 25"
    )
    requests_per_day = models.PositiveIntegerField(
        default=10_000, validators=LEAST_ONE, help_text="of the plan: 10,000 to 75,000"
    )
    poll_seconds = models.PositiveIntegerField(
        default=30, validators=LEAST_ONE, help_text="between two polls of the fills"
    )
    price_feed = models.BooleanField(default=False, help_text="bring in one-minute bars as well")
    bars_days = models.PositiveSmallIntegerField(
        default=92,
        help_text="days back for which bars are brought in, of what was traded or held then",
    )
    alarm = models.TextField(blank=True, editable=False, help_text="what an operator must mend")
    alarm_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """The key's secret half. SealBroken when SEALING_KEY has changed."""
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed_secret = seal(value)


class Feed(models.Model):
    """One stream of a connection: when it is due, how far it has come. This is the schedule.

    watermark_ns  fills: everything that the provider received before it has been read
    rescan_ns     where the nightly re-scan stands, up to rescan_until_ns; null = none under way
    stuck_ns      fills: a stamp of which the provider tells a full page and no more
    passed_ns     such stamps that an operator let be read past
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="feeds")
    stream = models.TextField(choices=Stream.choices)
    watermark_ns = models.BigIntegerField(null=True)
    step_seconds = models.PositiveIntegerField(default=86_400, help_text="next window of history")
    history_done_at = models.DateTimeField(null=True, help_text="when the history was in")
    rescan_due_at = models.DateTimeField(null=True)
    rescan_ns = models.BigIntegerField(null=True)
    rescan_until_ns = models.BigIntegerField(null=True)
    stuck_ns = models.BigIntegerField(null=True)
    passed_ns = ArrayField(models.BigIntegerField(), default=list)
    due_at = models.DateTimeField()
    hinted_at = models.DateTimeField(null=True, help_text="when a worker was last told")
    claimed_until = models.DateTimeField(null=True, help_text="a poll is under way")
    attempts = models.PositiveIntegerField(default=0, help_text="failures since the last success")
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    rows_read = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("connection", "stream", name="feed_once")]
        indexes = [models.Index("due_at", name="feed_due")]

    def __str__(self) -> str:
        return f"{self.connection} {self.stream}"


class KeyUse(models.Model):
    """How many calls a provider's key has made on the last day of which any are remembered."""

    key = models.TextField(primary_key=True, help_text="its print; never the key itself")
    day = models.PositiveIntegerField(help_text="UTC days since 1970")
    used = models.PositiveIntegerField(help_text="calls, to the last twenty of each worker")

    def __str__(self) -> str:
        return f"{self.key} {self.used}"


class BarDay(models.Model):
    """A contract's UTC day whose bars a connection was asked for, and how far it has told them.

    It is settled, and left alone, once it was read whole when it was over for a while.
    """

    SETTLES_AFTER = timedelta(hours=1)

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="bar_days")
    contract = models.ForeignKey("futures.Contract", models.CASCADE, related_name="+")
    day = models.DateField()
    read_until = models.DateTimeField(help_text="minutes that start before it were asked for")
    bars = models.PositiveIntegerField(default=0, help_text="minutes that are stored")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "contract", "day"], name="bar_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.day}"

    @property
    def is_settled(self) -> bool:
        end = datetime.combine(self.day, time(), UTC) + timedelta(days=1)
        return self.read_until >= end + self.SETTLES_AFTER


class Instrument(models.Model):
    """What the house knows of a provider's instrument."""

    class State(models.TextChoices):
        KNOWN = "known", "known"
        UNKNOWN = "unknown", "not known to the provider yet"
        REFUSED = "refused", "described in a way that is not priced"
        UNPRICED = "unpriced", "no point value is known"

    platform = models.ForeignKey("traders.Platform", models.PROTECT)
    environment = models.TextField()
    external_id = models.TextField()
    contract = models.ForeignKey("futures.Contract", models.PROTECT, null=True, blank=True)
    is_option = models.BooleanField(default=False)
    kind = models.TextField(blank=True, help_text="future, option, spread or other")
    state = models.TextField(choices=State.choices)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    notes = models.TextField(blank=True, help_text="where its facts disagree with the product's")
    tries = models.PositiveIntegerField(default=0)
    last_tried_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True, help_text="null = nothing left to ask")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "platform", "environment", "external_id", name="instrument_once"
            )
        ]
        indexes = [
            models.Index("next_try_at", name="instrument_open", condition=~models.Q(state="known"))
        ]

    def __str__(self) -> str:
        return self.external_id


class MissingRate(models.Model):
    """A daily rate that the provider did not tell; asked for again later."""

    currency = models.CharField(max_length=3)
    day = models.DateField()
    tries = models.PositiveIntegerField(default=1)
    next_try_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("currency", "day", name="missing_rate_once")]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class QuarantinedRow(models.Model):
    """A row that could not be used: kept as it came, counted, shown with its reason."""

    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, related_name="quarantine", help_text="null = a file"
    )
    stream = models.TextField(choices=Stream.choices)
    source = models.TextField(blank=True, help_text="the file's name")
    line = models.PositiveIntegerField(null=True, help_text="of the file")
    reason = models.TextField()
    raw = models.JSONField()
    digest = models.CharField(max_length=32, editable=False, help_text="of content and reason")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    times_seen = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "stream", "digest"],
                name="quarantined_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["-last_seen_at"],
                name="quarantine_open",
                condition=models.Q(resolved_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.reason


class RawFill(models.Model):
    """A fill's row as the provider sent it, kept for 90 days."""

    id = models.UUIDField(primary_key=True, help_text="made of connection and content")
    connection = models.ForeignKey(Connection, models.CASCADE, db_index=False)
    exec_id = models.TextField(db_index=True)
    received_at = models.DateTimeField(db_index=True)
    raw = models.JSONField()

    def __str__(self) -> str:
        return self.exec_id


class ImportRun(models.Model):
    """One file that was brought in."""

    stream = models.TextField(choices=Stream.choices)
    file = models.TextField()
    sha256 = models.CharField(max_length=64)
    options: models.JSONField[Any, Any] = models.JSONField(default=dict)
    ran_at = models.DateTimeField()
    rows_read = models.BigIntegerField()
    rows_new = models.BigIntegerField()
    rows_duplicate = models.BigIntegerField()
    rows_rejected = models.BigIntegerField()
    rows_waiting = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.file
