"""One trader's numbers; each query takes accounts that `accounts.access` allowed."""

from personal.queries.calendar_events import calendar_events, calendar_events_traded_products
from personal.queries.chart_data import chart_data
from personal.queries.day_fills import day_fills
from personal.queries.intraday_daily_pnl import intraday_daily_pnl
from personal.queries.intraday_pnl import intraday_pnl
from personal.queries.performance import (
    performance_by_product,
    performance_by_time,
    traded_products,
)
from personal.queries.performance_by_tag import performance_by_tag
from personal.queries.positions import positions
from personal.queries.record import performance_by_pnl, summary, win_loss_ratio
from personal.queries.trade import trade
from personal.queries.trades import trades

__all__ = [
    "calendar_events",
    "calendar_events_traded_products",
    "chart_data",
    "day_fills",
    "intraday_daily_pnl",
    "intraday_pnl",
    "performance_by_pnl",
    "performance_by_product",
    "performance_by_tag",
    "performance_by_time",
    "positions",
    "summary",
    "trade",
    "traded_products",
    "trades",
    "win_loss_ratio",
]
