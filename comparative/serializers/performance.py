"""The shapes of the group's readings."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Usd
from comparative.queries import GroupDay, GroupProduct


class GroupProductOut(serializers.Serializer[GroupProduct]):
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField()
    pnl = Usd(allow_null=True, help_text="of all visible traders, net of fees; null if suppressed")
    trade_count = serializers.IntegerField(allow_null=True, help_text="null if suppressed")
    suppressed = serializers.BooleanField(
        help_text="true where fewer other traders than the group's min_cohort stand behind the sum"
    )


class GroupDayOut(serializers.Serializer[GroupDay]):
    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(help_text="1 = Monday ... 7 = Sunday")
    products = GroupProductOut(
        many=True, help_text="from most to least profitable, all of them; suppressed ones last"
    )
