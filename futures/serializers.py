"""Shapes of market facts, and the parameters that choose products and events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from common.api import (
    Id,
    ListMetaOut,
    Number,
    Params,
    PeriodParams,
    Price,
    Repeated,
    UtcDateTime,
)
from futures import queries
from futures.kinds import EVENT_TYPES, IMPORTANCES
from futures.queries import Choices, Event, Kinds, ProductRow, Timeframe, Window

MOST_MINUTES = 1440
MOST_DAYS_OF_MINUTES = 31
_TIMEFRAMES = [one.value for one in Timeframe]


class ProductOut(serializers.Serializer[ProductRow]):
    """A futures product: what its contracts of all months have in common."""

    id = serializers.IntegerField(help_text="for `product=` of every reading")
    symbol = serializers.CharField(help_text="e.g. ES")
    exchange = serializers.CharField(help_text="where it is traded, e.g. CME")
    name = serializers.CharField(help_text="e.g. E-mini S&P 500")
    color = serializers.CharField(help_text="hex code, distinct and fixed per product")
    currency = serializers.CharField(help_text="of tick_value and point_value, ISO 4217")
    tick_size = Price(help_text="smallest step of the price")
    tick_value = Price(help_text="currency per tick and contract")
    point_value = Price(help_text="currency per point and contract")


def _known(*ids: int) -> None:
    if unknown := queries.unknown_products(ids):
        raise serializers.ValidationError(f"There is no product {unknown[0]}")


class ProductParams(Params):
    """One product, or all: None."""

    product = Id(default=None, help_text="id of a product")

    def validate_product(self, product: int | None) -> int | None:
        if product is not None:
            _known(product)
        return product


class ProductsParams(Params):
    """Some products, or all: ()."""

    product = Repeated(child=Id(), help_text="ids of products; may be repeated")

    def validate_product(self, products: tuple[int, ...]) -> tuple[int, ...]:
        _known(*products)
        return products


class EventOut(serializers.Serializer[Event]):
    """An economic event: past with its figures, or still to come."""

    id = serializers.IntegerField(help_text="number of the event")
    name = serializers.CharField(help_text="as its source prints it")
    event_type = serializers.CharField(help_text=f"{', '.join(EVENT_TYPES)}, or another")
    country = serializers.CharField(help_text="ISO 3166 alpha-2; EU is the euro area")
    importance = serializers.ChoiceField(
        choices=IMPORTANCES, help_text="how much it tends to move the markets"
    )
    datetime = UtcDateTime(source="at", help_text="when it is published, UTC")
    actual = serializers.CharField(
        allow_null=True, help_text='as its source prints it, e.g. "0.3%"; null = not told'
    )
    forecast = serializers.CharField(
        allow_null=True, help_text="what was expected, written likewise; null = not told"
    )
    previous = serializers.CharField(
        allow_null=True, help_text="the figure before, written likewise; null = not told"
    )


class ChoicesOut(serializers.Serializer[Choices]):
    """Values that occur in the period, whatever else was chosen."""

    event_type = serializers.ListField(child=serializers.CharField(), help_text="for `event_type=`")
    country = serializers.ListField(child=serializers.CharField(), help_text="for `country=`")
    importance = serializers.ListField(
        child=serializers.ChoiceField(choices=IMPORTANCES), help_text="for `importance=`"
    )


class EventListMetaOut(ListMetaOut):
    """Meta of the calendar."""

    start_date = serializers.DateField(help_text="as asked for")
    end_date = serializers.DateField(help_text="as asked for")
    filters = ChoicesOut(help_text="the values to choose from")


class KindsParams(Params):
    """Which events; adds `kinds` to what was read."""

    event_type = Repeated(
        child=serializers.CharField(max_length=40),
        help_text=f"may be repeated; {', '.join(EVENT_TYPES)}, or another that is stored",
    )
    country = Repeated(
        child=serializers.CharField(max_length=2),
        help_text="may be repeated; ISO 3166 alpha-2, EU is the euro area",
    )
    importance = Repeated(
        child=serializers.ChoiceField(choices=IMPORTANCES),
        help_text="may be repeated; how much it tends to move the markets",
    )

    def validate_event_type(self, words: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := queries.unknown_event_types(words):
            raise serializers.ValidationError(f"There is no type of event called {unknown[0]}")
        return words

    def validate_country(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := queries.unknown_countries(codes):
            raise serializers.ValidationError(f"There is no event of a country {unknown[0]}")
        return codes

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["kinds"] = Kinds(attrs["event_type"], attrs["country"], attrs["importance"])
        return attrs


class EventsParams(KindsParams, PeriodParams):
    """The calendar of a period."""


class WindowParams(Params):
    """Adds `window` to what was read; None where neither end is given."""

    before = Number(
        required=False, min_value=0, max_value=MOST_MINUTES,
        help_text="minutes before the event; with it or `after` only trades count that closed "
        "between the two, both ends included, else those of the event's UTC day; 0 if left out",
    )  # fmt: skip
    after = Number(
        required=False, min_value=0, max_value=MOST_MINUTES,
        help_text="minutes after the event; 0 if only `before` is given",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        before, after = attrs.get("before"), attrs.get("after")
        given = before is not None or after is not None
        attrs["window"] = Window(before or 0, after or 0) if given else None
        return attrs


class PricesParams(PeriodParams):
    """A contract's candles of a period."""

    contract = serializers.CharField(
        max_length=100, help_text="its name in whatever case, as a trade tells it, e.g. ES Mar26"
    )
    timeframe = serializers.ChoiceField(
        choices=_TIMEFRAMES, default=Timeframe.MINUTE.value, help_text="length of a candle"
    )

    def validate_timeframe(self, word: str) -> Timeframe:
        return Timeframe(word)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        days = attrs["period"].days
        if attrs["timeframe"] == Timeframe.MINUTE and days > MOST_DAYS_OF_MINUTES:
            last = attrs["start_date"] + timedelta(days=MOST_DAYS_OF_MINUTES - 1)
            sentence = (
                f"1min covers at most {MOST_DAYS_OF_MINUTES} days, these are {days}: "
                f"end by {last}, or ask for timeframe=5min"
            )
            raise serializers.ValidationError({"end_date": [sentence]})
        return attrs


class PriceOut(serializers.Serializer[Any]):
    """A candle of a contract's price."""

    datetime = UtcDateTime(help_text="when it starts, UTC")
    open = Price(help_text="first price, contract points")
    high = Price(help_text="highest price")
    low = Price(help_text="lowest price")
    close = Price(help_text="last price")
    volume = serializers.IntegerField(help_text="contracts traded")


class PriceMetaOut(ListMetaOut):
    """Meta of a contract's candles."""

    contract = serializers.CharField(help_text="its name as it is stored")
    product = serializers.CharField(help_text="symbol of its product")
    product_id = serializers.IntegerField(help_text="id of its product")
    timeframe = serializers.ChoiceField(choices=_TIMEFRAMES, help_text="length of a candle")
    start_date = serializers.DateField(help_text="as asked for")
    end_date = serializers.DateField(help_text="as asked for")
