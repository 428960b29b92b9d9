"""Shapes of sums: traded products, by time, by product."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Usd
from futures.queries import ProductName
from personal.queries.performance import DayPnl, ProductPnl, ProductResult


class TradedProductOut(serializers.Serializer[ProductName]):
    """A product with a closed trade."""

    symbol = serializers.CharField(help_text="e.g. ES")
    id = serializers.IntegerField(help_text="for `product=`")


class ProductPnlOut(serializers.Serializer[ProductPnl]):
    """One product's part of a sum."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")


class DayPnlOut(serializers.Serializer[DayPnl]):
    """A day with a closed trade."""

    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(
        min_value=1, max_value=7, help_text="1 = Monday ... 7 = Sunday"
    )
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    products = ProductPnlOut(many=True, help_text="from most to least profitable")


class ProductResultOut(serializers.Serializer[ProductResult]):
    """One product in the whole period."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    name = serializers.CharField(help_text="e.g. E-mini S&P 500")
    color = serializers.CharField(help_text="hex code, the same in every chart")
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_rate = serializers.FloatField(help_text="wins / trades")
    quantity = serializers.IntegerField(help_text="contracts, sum of the opening fills")
