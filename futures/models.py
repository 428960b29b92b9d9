"""Public market facts: products, contracts, daily rates, one-minute bars, calendar events."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from common.fields import PriceField

CURRENCY = RegexValidator(r"^[A-Z]{3}$", "Three capital letters, e.g. EUR")


class Product(models.Model):
    """A future without its month: ES, CL, FGBL."""

    symbol = models.TextField()
    exchange = models.TextField()
    name = models.TextField()
    color = models.CharField(
        max_length=7, unique=True, validators=[RegexValidator(r"^#[0-9A-F]{6}$", "e.g. #7A004C")]
    )
    currency = models.CharField(max_length=3, validators=[CURRENCY])
    tick_size = models.DecimalField(max_digits=18, decimal_places=9)
    tick_value = models.DecimalField(
        max_digits=18, decimal_places=9, help_text="currency per tick and contract"
    )
    point_value = models.DecimalField(
        max_digits=18, decimal_places=6, help_text="currency per point and contract"
    )
    session_tz = models.TextField(blank=True)
    session_open = models.TextField(blank=True)
    session_close = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["symbol", "exchange"], name="product_once"),
            models.CheckConstraint(
                condition=Q(tick_size__gt=0) & Q(point_value__gt=0), name="product_values_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.symbol


class Contract(models.Model):
    """A product's month, named as Trading Technologies does: "ES Mar26".

    `point_value` comes from the provider; null = not known yet, and its fills wait.
    `bars_version` grows with every change to its bars: caches carry it in their keys.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="contracts")
    name = models.TextField(unique=True)
    expiry_month = models.DateField(help_text="first day of the month")
    expires_on = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3, validators=[CURRENCY])
    tick_size = models.DecimalField(max_digits=18, decimal_places=9)
    point_value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    bars_version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        indexes = [models.Index(fields=["product", "expiry_month"], name="contract_product_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expiry_month__day=1), name="contract_month_starts_on_day_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FxRate(models.Model):
    """USD for one unit of a currency on one UTC day."""

    currency = models.CharField(max_length=3, validators=[CURRENCY])
    day = models.DateField()
    usd_per_unit = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="fx_rate_once"),
            models.CheckConstraint(condition=Q(usd_per_unit__gt=0), name="fx_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day} {self.usd_per_unit}"


class Bar(models.Model):
    """One minute of a contract, stamped at its start. A partition per UTC month: `futures.bars`."""

    pk = models.CompositePrimaryKey("contract", "start_at")
    contract = models.ForeignKey(Contract, models.PROTECT, db_index=False, db_constraint=False)
    start_at = models.DateTimeField()
    open = PriceField()
    high = PriceField()
    low = PriceField()
    close = PriceField()
    volume = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(high__gte=F("low"))
                & Q(high__gte=F("open"))
                & Q(high__gte=F("close"))
                & Q(low__lte=F("open"))
                & Q(low__lte=F("close")),
                name="bar_consistent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.start_at:%Y-%m-%d %H:%M}"


class Roll(models.Model):
    """The contract that leads its product from a UTC day on, until the product's next roll."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="rolls")
    from_day = models.DateField()
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="+")
    source = models.TextField(help_text="volume, rule or hand; one by hand is never overwritten")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "from_day"], name="roll_once")]

    def __str__(self) -> str:
        return f"{self.contract_id} from {self.from_day}"


class Importance(models.TextChoices):
    """How much an event tends to move markets."""

    LOW = "low", "low"
    MEDIUM = "medium", "medium"
    HIGH = "high", "high"


class CalendarEvent(models.Model):
    """A release or a decision that markets wait for.

    Area, name and instant name it, so that a file that comes again finds it again. Figures are kept
    as their source prints them: "0.3%", "215K", "5.25-5.50%"; null = not told.
    """

    name = models.CharField(max_length=200)
    event_type = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*\Z", "Small letters, digits, _; e.g. cpi")],
        help_text="what it is in every country: cpi, employment, gdp ...; a new one is welcome",
    )
    country = models.CharField(
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", "Two capital letters, e.g. US")],
        help_text="ISO 3166 alpha-2; EU for the euro area",
    )
    importance = models.CharField(max_length=6, choices=Importance.choices)
    at = models.DateTimeField("instant", help_text="UTC")
    actual = models.CharField(max_length=60, null=True, blank=True, help_text="as printed")
    forecast = models.CharField(max_length=60, null=True, blank=True, help_text="as printed")
    previous = models.CharField(max_length=60, null=True, blank=True, help_text="as printed")
    source = models.CharField(max_length=200, blank=True, help_text="who told it")

    class Meta:
        indexes = [models.Index(fields=["at"], name="calendar_event_at")]
        constraints = [
            models.UniqueConstraint(fields=["country", "name", "at"], name="calendar_event_once"),
            models.CheckConstraint(
                condition=Q(importance__in=Importance.values), name="calendar_event_importance"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.name} {self.at:%Y-%m-%d %H:%M}"


class CalendarEdition(models.Model):
    """One row: how often the calendar was written to. The database counts, whoever writes."""

    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)
