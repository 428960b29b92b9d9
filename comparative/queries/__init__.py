"""The group's numbers; each query takes the accounts that one viewer may compare."""

from comparative.queries.calendar_events import calendar_events, calendar_events_traded_products
from comparative.queries.performance_by_product import performance_by_product
from comparative.queries.performance_by_tag import performance_by_tag
from comparative.queries.performance_by_time import performance_by_time
from comparative.queries.standing import standing
from comparative.queries.top_intraday import top_series, top_trades
from comparative.queries.traders_overview import traders_overview
from comparative.queries.win_loss_ratio import win_loss_rates, win_loss_ratio

__all__ = [
    "calendar_events",
    "calendar_events_traded_products",
    "performance_by_product",
    "performance_by_tag",
    "performance_by_time",
    "standing",
    "top_series",
    "top_trades",
    "traders_overview",
    "win_loss_rates",
    "win_loss_ratio",
]
