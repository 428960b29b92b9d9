"""How long cached answers live, and how often a thing may be tried: two tables of the settings."""

from __future__ import annotations

# Seconds that a cached answer lives; the data version in the key makes it stale sooner. The list of
# `traders` is not cached: three short queries, and whom a coach links is there at once.
CACHE_TTL = {
    "products": 3600,
    "calendar-events": 3600,
    "futures-price-data": 7200,
    "welcome-prompt": 3600,  # last week's results; who may see them is asked each time
    "traders.overview": 300,
    "personal": 300,
    "personal.positions": 60,
    "personal.calendar-events": 600,
    "personal.intraday-pnl": 3600,
    "personal.intraday-pnl.today": 60,
    "personal.trades.chart-data": 3600,
    "comparative": 900,
    "journal": 300,
    "ingestion.fills": 60,
}

# Tries per account and per address; kept in PostgreSQL. An office shares one address.
LIMITS = {
    "login.account": "10/15m",
    "login.address": "100/15m",
    "registration.account": "5/1h",
    "registration.address": "120/1h",
    "verification.address": "240/1h",
    "resend.account": "5/1h",
    "resend.address": "60/1h",
    "reset.account": "5/1h",
    "reset.address": "60/1h",
    "confirm.account": "10/1h",
    "confirm.address": "60/1h",
    "password.account": "10/1h",
    "refresh.account": "240/1h",
    "refresh.address": "6000/1h",
    "second_factor.account": "5/15m",
}
