"""Shapes of sums: traded products, by time, by product."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Usd
from personal.queries.performance import DayPnl, ProductPnl, ProductResult, TradedProduct


class TradedProductOut(serializers.Serializer[TradedProduct]):
    symbol = serializers.CharField()
    id = serializers.IntegerField()


class ProductPnlOut(serializers.Serializer[ProductPnl]):
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField()
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField()


class DayPnlOut(serializers.Serializer[DayPnl]):
    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(help_text="1 = Monday ... 7 = Sunday")
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField()
    products = ProductPnlOut(many=True, help_text="from most to least profitable")


class ProductResultOut(serializers.Serializer[ProductResult]):
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField()
    name = serializers.CharField()
    color = serializers.CharField(help_text="hex code, the same in every chart")
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField()
    win_rate = serializers.FloatField(help_text="wins / trades")
    quantity = serializers.IntegerField(help_text="contracts, sum of the opening fills")
