"""Shapes of the group's readings."""

from comparative.serializers.calendar_events import (
    GroupEventOut,
    GroupEventsParams,
    GroupTradedProductOut,
)
from comparative.serializers.figures import FigureOut
from comparative.serializers.performance import (
    GroupDayOut,
    GroupProductOut,
    GroupProductResultOut,
)
from comparative.serializers.record import (
    GroupRatesOut,
    GroupWinLossOut,
    OverviewParams,
    StandingOut,
    TraderLineOut,
)
from comparative.serializers.tags import GroupTagMetaOut, GroupTagOut
from comparative.serializers.top_intraday import (
    SeriesOut,
    TopIntradayParams,
    TopMetaOut,
    TopTradeOut,
)

__all__ = [
    "FigureOut",
    "GroupDayOut",
    "GroupEventOut",
    "GroupEventsParams",
    "GroupProductOut",
    "GroupProductResultOut",
    "GroupRatesOut",
    "GroupTagMetaOut",
    "GroupTagOut",
    "GroupTradedProductOut",
    "GroupWinLossOut",
    "OverviewParams",
    "SeriesOut",
    "StandingOut",
    "TopIntradayParams",
    "TopMetaOut",
    "TopTradeOut",
    "TraderLineOut",
]
