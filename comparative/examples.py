"""What the answers look like, for Swagger."""

from __future__ import annotations

from typing import Any

from futures.examples import EVENT

_META = {
    "start_date": "2026-03-01",
    "end_date": "2026-03-31",
    "currency": "USD",
    "obfuscated": False,
    "data_through": "2026-03-31",
}
_FEW = "fewer than 3 other traders traded"


def _answer(data: Any, *notes: str) -> dict[str, Any]:
    return {"data": data, "meta": {**_META, "notes": list(notes)}}


_ES = {"product": "ES", "product_id": 31, "pnl": 1500.0, "trade_count": 9, "suppressed": False}
_CL = {"product": "CL", "product_id": 14, "pnl": -200.0, "trade_count": 4, "suppressed": False}
_GC = {"product": "GC", "product_id": 40, "pnl": None, "trade_count": None, "suppressed": True}

PERFORMANCE_BY_TIME = _answer(
    [{"date": "2026-03-02", "daynumber": 1, "products": [_ES, _CL, _GC]}],
    f"pnl is null where suppressed: {_FEW}",
)
PERFORMANCE_BY_PRODUCT = _answer(
    [
        {
            "product": "ES",
            "product_id": 31,
            "name": "E-mini S&P 500",
            "color": "#7A004C",
            "pnl": 21450.0,
            "trade_count": 310,
            "suppressed": False,
            "traders": 14,
            "days_left_out": 2,
        },
        {
            "product": "GC",
            "product_id": 40,
            "name": "Gold",
            "color": "#E3FFFD",
            "pnl": None,
            "trade_count": None,
            "suppressed": True,
            "traders": None,
            "days_left_out": 3,
        },
    ],
    f"pnl is null where suppressed: {_FEW}",
    f"Sums leave out the days on which {_FEW}",
)
PERFORMANCE_BY_TAG = _answer(
    [
        {
            "id": 1,
            "type": "fixed",
            "name": "Tech",
            "pnl": 2400.0,
            "trade_count": 23,
            "suppressed": False,
            "children": [
                {
                    "id": 11,
                    "type": "fixed",
                    "name": "Other",
                    "pnl": 400.0,
                    "trade_count": 5,
                    "suppressed": False,
                    "children": [],
                }
            ],
        }
    ]
)
PERFORMANCE_BY_TAG["meta"] |= {"total_categories": 5, "total_subcategories": 30}
WIN_LOSS_RATIO = _answer(
    {
        "trade_count": 310,
        "win_count": 160,
        "loss_count": 140,
        "scratch_count": 10,
        "win_rate": 0.5161290322580645,
        "loss_rate": 0.45161290322580644,
        "win_loss_ratio": 1.1428571428571428,
        "suppressed": False,
    }
)
STANDING = _answer(
    {
        "pnl": {"rank": 3, "percentile": 84.61538461538461, "ranked": 14},
        "win_rate": {"rank": 6, "percentile": 61.53846153846154, "ranked": 14},
        "profit_factor": {"rank": None, "percentile": None, "ranked": 13},
        "expectancy": {"rank": 4, "percentile": 76.92307692307693, "ranked": 14},
    },
    "The rank by profit_factor is null: there is no losing trade",
)
TRADERS_OVERVIEW = _answer(
    [
        {
            "id": 12,
            "name": "A. Novak",
            "opt_out": False,
            "pnl": 6120.0,
            "trade_count": 48,
            "win_rate": 0.5625,
            "profit_factor": 1.61,
            "expectancy": 127.5,
            "max_drawdown": 1840.0,
            "last_trade_at": "2026-03-31T14:33:40Z",
        },
        {
            "id": 17,
            "name": "B. Ito",
            "opt_out": True,
            "pnl": 0.0,
            "trade_count": 0,
            "win_rate": None,
            "profit_factor": None,
            "expectancy": None,
            "max_drawdown": 0.0,
            "last_trade_at": None,
        },
    ],
    "expectancy is null: no trade was closed in the period",
    "profit_factor is null: no trade was closed in the period",
    "win_rate is null: no trade was closed in the period",
)
CALENDAR_EVENTS = _answer(
    [
        {
            "event": EVENT,
            "products": [_ES, _CL, _GC],
            "pnl": 1300.0,
            "trade_count": 13,
            "suppressed": False,
        }
    ],
    f"pnl is null where suppressed: {_FEW}",
)
TRADED_PRODUCTS = _answer([{"symbol": "CL", "id": 14}, {"symbol": "ES", "id": 31}])
TOP_INTRADAY: dict[str, Any] = {
    "data": [
        {
            "id": "5f1c0c9a-7d1e-4b0f-8a3e-2b6d90417c55",
            "product": "ES",
            "opened_at": "2026-03-31T14:30:20Z",
            "closed_at": "2026-03-31T14:33:40Z",
            "is_own": False,
            "candles": [
                {"datetime": "2026-03-31T14:30:00Z", "open": 0, "high": 33, "low": 0, "close": 33},
                {
                    "datetime": "2026-03-31T14:31:00Z",
                    "open": 33,
                    "high": 100,
                    "low": 17,
                    "close": 83,
                },
                {
                    "datetime": "2026-03-31T14:32:00Z",
                    "open": 83,
                    "high": 100,
                    "low": 83,
                    "close": 83,
                },
                {
                    "datetime": "2026-03-31T14:33:00Z",
                    "open": 83,
                    "high": 83,
                    "low": 71,
                    "close": 71,
                },
            ],
        }
    ],
    "meta": {
        **_META,
        "start_date": "2026-03-31",
        "obfuscated": True,
        "notes": [],
        "unit": "index",
        "limit": 5,
    },
}
