"""Shapes of day figures that changed after their day was over."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Usd, UtcDateTime
from ingestion.queries import REASONS
from ledger.history import Figures, Restated


class DayFiguresOut(serializers.Serializer[Figures]):
    """What a day of an account in a contract came to."""

    pnl = Usd(source="pnl_usd", help_text="of the trades that closed on the day, net, USD")
    gross_pnl = Usd(source="gross_usd", help_text="of them before fees, USD")
    fees = Usd(source="fees_usd", help_text="of them, USD")
    realized_pnl = Usd(
        source="realized_usd", help_text="what the day's own fills realised, fees included, USD"
    )
    trade_count = serializers.IntegerField(help_text="trades that closed on the day")
    held_count = serializers.IntegerField(help_text="of them such as wait for a rate")


class RestatementOut(serializers.Serializer[Restated]):
    """A day figure that changed after its day was over: what it was, what it became, and why."""

    number = serializers.IntegerField(help_text="names it for good; a later one is greater")
    restated_at = UtcDateTime(help_text="when the books came to say the new figure")
    date = serializers.DateField(source="day", help_text="UTC day whose figure it is")
    trader = serializers.IntegerField(source="trader_id", help_text="id of the trader")
    trader_name = serializers.CharField(source="trader", help_text="for display")
    account = serializers.CharField(help_text="the account's name on its platform")
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    reason = serializers.ChoiceField(
        choices=REASONS,
        help_text="late: a fill was reported late; correction, bust: of a fill; rate: a daily rate "
        "came or changed; fees: a schedule; instrument: it became known; terms: the account "
        "came under others; rebuild: the books were made anew",
    )
    exec_id = serializers.CharField(
        allow_null=True, help_text="the fill that caused it; null where none did"
    )
    was = DayFiguresOut(allow_null=True, help_text="before; null: nothing stood there")
    became = DayFiguresOut(allow_null=True, help_text="after; null: nothing stands there any more")
