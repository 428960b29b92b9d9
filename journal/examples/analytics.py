"""What the trades of a journal tell."""

from __future__ import annotations

from typing import Any

_META: dict[str, Any] = {
    "start_date": "2026-03-01",
    "end_date": "2026-03-31",
    "trader": 24,
    "currency": "USD",
    "obfuscated": False,
    "data_through": "2026-03-31",
    "notes": [],
}
_SOME_EMPTY = {**_META, "notes": ["win_rate and average_pnl are null where there is no trade"]}
_PART = {"trade_count": 4, "win_count": 3, "loss_count": 1, "pnl": 500.0}
_SUM = {**_PART, "win_rate": 0.75, "average_pnl": 125.0}
_EMPTY = {
    "trade_count": 0,
    "win_count": 0,
    "loss_count": 0,
    "pnl": 0.0,
    "win_rate": None,
    "average_pnl": None,
}
_TRADE_ID = "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801"

OVERVIEW = {
    "data": {
        "trade_count": 5,
        "win_count": 3,
        "loss_count": 2,
        "scratch_count": 0,
        "day_count": 3,
        "pnl": 600.0,
        "win_rate": 0.6,
        "average_win": 300.0,
        "average_loss": -150.0,
        "payoff_ratio": 2.0,
        "profit_factor": 3.0,
        "expectancy": 120.0,
        "average_r": 0.8,
        "largest_win": 450.0,
        "largest_loss": -200.0,
        "max_consecutive_wins": 2,
        "max_consecutive_losses": 1,
        "max_drawdown": 200.0,
        "average_hold_seconds": 1840.5,
        "median_hold_seconds": 1260.0,
    },
    "meta": _META,
}
EQUITY_CURVE = {
    "data": [
        {
            "datetime": "2026-03-02T14:33:40Z",
            "pnl": 450.0,
            "cumulative_pnl": 450.0,
            "low": 450.0,
            "high": 450.0,
            "trade_count": 1,
        },
        {
            "datetime": "2026-03-03T09:10:00Z",
            "pnl": -200.0,
            "cumulative_pnl": 250.0,
            "low": 250.0,
            "high": 250.0,
            "trade_count": 1,
        },
    ],
    "meta": _META,
}
DAILY_PNL = {"data": [{**_SUM, "date": "2026-03-02", "daynumber": 1}], "meta": _META}
SYMBOL_BREAKDOWN = {
    "data": [
        {
            **_SUM,
            "product": "ES",
            "product_id": 31,
            "name": "E-mini S&P 500",
            "color": "#7A004C",
            "quantity": 9,
        }
    ],
    "meta": _META,
}
DURATION_PROFIT = {
    "data": {
        "bins": [
            {**_EMPTY, "from_seconds": 0, "to_seconds": 60},
            {**_SUM, "from_seconds": 60, "to_seconds": 300},
            {**_EMPTY, "from_seconds": 86400, "to_seconds": None},
        ],
        "points": [
            {
                "id": _TRADE_ID,
                "product": "ES",
                "product_id": 31,
                "hold_seconds": 200.0,
                "pnl": 203.5,
            }
        ],
    },
    "meta": _SOME_EMPTY,
}
RETURN_DISTRIBUTION = {
    "data": [
        {"from": -200.0, "to": 0.0, "pnl": -200.0, "trade_count": 1},
        {"from": 0.0, "to": 200.0, "pnl": 100.0, "trade_count": 1},
    ],
    "meta": _META,
}
TIME_DISTRIBUTION = {
    "data": {
        "hours": [{**_EMPTY, "hour": 13}, {**_SUM, "hour": 14}],
        "weekdays": [{**_SUM, "daynumber": 1}, {**_EMPTY, "daynumber": 2}],
    },
    "meta": _SOME_EMPTY,
}
FILTER_OPTIONS = {
    "data": {
        "products": [{"symbol": "CL", "id": 14}, {"symbol": "ES", "id": 31}],
        "tags": [
            {
                "tag": {"id": 6, "name": "Breakout", "path": ["Tech", "Breakout"]},
                "trade_count": 3,
            }
        ],
        "untagged_count": 2,
        "sides": ["long", "short"],
        "first_date": "2026-03-02",
        "last_date": "2026-03-31",
    },
    "meta": {**_META, "start_date": None, "end_date": None},
}
