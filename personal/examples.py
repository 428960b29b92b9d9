"""What the answers look like, for Swagger."""

from __future__ import annotations

from typing import Any

from futures.examples import EVENT, PRODUCTS

_STATE = {"trader": 12, "currency": "USD", "obfuscated": False, "data_through": "2026-03-31"}
_META = {"start_date": "2026-03-01", "end_date": "2026-03-31", **_STATE, "notes": []}
_NO_DATES = {**_META, "start_date": None, "end_date": None}
_HELD = "2 trades are held back: no EUR rate for 2026-03-02"


def _answer(data: Any, **meta: Any) -> dict[str, Any]:
    return {"data": data, "meta": {**_META, **meta}}


_COUNTS = {"trade_count": 5, "win_count": 3, "loss_count": 2, "scratch_count": 0}
_RATES = {"win_rate": 0.6, "loss_rate": 0.4, "win_loss_ratio": 1.5}
_AVERAGES = {"average_win": 300.0, "average_loss": -150.0, "payoff_ratio": 2.0}

WIN_LOSS_RATIO = _answer({**_COUNTS, **_RATES, **_AVERAGES}, notes=[_HELD])
SUMMARY = _answer(
    {
        **_COUNTS,
        "pnl": 600.0,
        **_RATES,
        "gross_profit": 900.0,
        "gross_loss": -300.0,
        "profit_factor": 3.0,
        **_AVERAGES,
        "expectancy": 120.0,
        "largest_win": 450.0,
        "largest_loss": -200.0,
        "max_consecutive_wins": 2,
        "max_consecutive_losses": 1,
        "max_drawdown": 200.0,
        "recovery_factor": 3.0,
        "sharpe": 4.1,
        "sortino": 9.6,
        "sqn": 1.1,
        "average_hold_seconds": 1840.5,
        "median_hold_seconds": 1260.0,
    },
    as_of=None,
)
TRADED_PRODUCTS = _answer([{"symbol": "6C", "id": 3}, {"symbol": "6E", "id": 4}])
PERFORMANCE_BY_PNL = _answer(
    {
        "days": [
            {"date": "2026-03-02", "pnl": 450.0, "cumulative_pnl": 450.0, "trade_count": 2},
            {"date": "2026-03-03", "pnl": -200.0, "cumulative_pnl": 250.0, "trade_count": 1},
        ],
        "distribution": [
            {"from": -200.0, "to": 0.0, "pnl": -200.0, "trade_count": 1},
            {"from": 0.0, "to": 200.0, "pnl": 100.0, "trade_count": 1},
            {"from": 200.0, "to": 400.0, "pnl": 350.0, "trade_count": 1},
        ],
    }
)
PERFORMANCE_BY_TIME = _answer(
    [
        {
            "date": "2026-03-02",
            "daynumber": 1,
            "pnl": 450.0,
            "trade_count": 2,
            "products": [
                {"product": "ES", "product_id": 31, "pnl": 500.0, "trade_count": 1},
                {"product": "CL", "product_id": 14, "pnl": -50.0, "trade_count": 1},
            ],
        }
    ],
    as_of=None,
)
PERFORMANCE_BY_PRODUCT = _answer(
    [
        {
            "product": "ES",
            "product_id": 31,
            "name": "E-mini S&P 500",
            "color": "#7A004C",
            "pnl": 500.0,
            "trade_count": 4,
            "win_rate": 0.75,
            "quantity": 9,
        }
    ]
)
CALENDAR_EVENTS = _answer(
    [
        {
            "event": EVENT,
            "pnl": 250.0,
            "trade_count": 3,
            "products": [
                {"product": "ES", "product_id": 31, "pnl": 600.0, "trade_count": 2},
                {"product": "CL", "product_id": 14, "pnl": -350.0, "trade_count": 1},
            ],
        }
    ]
)
_PRODUCT: dict[str, Any] = PRODUCTS["data"][0]  # type: ignore[index]
_DAY = {"start_date": "2026-03-02", "end_date": "2026-03-02"}


def _minute(moment: str, *prices: float) -> dict[str, Any]:
    names = ("open", "high", "low", "close")
    return {"datetime": f"2026-03-02T{moment}:00Z", **dict(zip(names, prices, strict=True))}


_MINUTES = [
    _minute("14:31", 0.0, 0.0, -50.0, -50.0),
    _minute("14:32", -50.0, 100.0, -200.0, 50.0),
    _minute("14:33", 50.0, 100.0, 50.0, 100.0),
]
INTRADAY_PNL = _answer(
    {
        "Individual": [
            {
                "product": _PRODUCT,
                "trades": [
                    {
                        "trade_info": {
                            "id": "1b7d2f90-2f0c-5a0e-8a52-6a0b7c3f9d11",
                            "contract": "CL Apr26",
                            "side": "short",
                            "quantity": 1,
                            "opened_at": "2026-03-02T14:31:05Z",
                            "closed_at": "2026-03-02T14:33:30Z",
                            "entry_price": 70.0,
                            "exit_price": 69.9,
                            "pnl": 100.0,
                            "total_fills": 2,
                        },
                        "candles": _MINUTES,
                    }
                ],
            }
        ],
        "Aggregated": {"candles": _MINUTES},
    },
    **_DAY,
)


def _day(date: str, high: float, low: float, close: float, *booked: float) -> dict[str, Any]:
    pnl = {"open_pnl": 0.0, "high_pnl": high, "low_pnl": low, "close_pnl": close}
    trades, realized = booked
    return {"date": date, **pnl, "total_trades": trades, "close_pnl_from_fills": realized}


_DAYS = [
    _day("2026-03-02", 100.0, -200.0, 100.0, 1, 100.0),
    _day("2026-03-03", 0.0, 0.0, 0.0, 0, -62.5),
]
INTRADAY_DAILY_PNL = _answer(
    {
        "Individual": [{"product": _PRODUCT, "candles": _DAYS}],
        "Aggregated": {"candles": _DAYS},
    }
)
_BREAKOUT = {
    "id": 6,
    "type": "fixed",
    "name": "Breakout",
    "pnl": 950.5,
    "trade_count": 10,
    "children": [],
}
_OTHER = {
    "id": 11,
    "type": "fixed",
    "name": "Other",
    "pnl": 300.0,
    "trade_count": 4,
    "children": [
        {
            "id": 45,
            "type": "custom",
            "name": "morning-session",
            "pnl": 180.0,
            "trade_count": 2,
            "children": [],
        }
    ],
}
PERFORMANCE_BY_TAG = _answer(
    [
        {
            "id": 1,
            "type": "fixed",
            "name": "Tech",
            "pnl": 1250.5,
            "trade_count": 14,
            "children": [_BREAKOUT, _OTHER],
        }
    ],
    total_categories=5,
    total_subcategories=30,
    total_custom_tags=8,
)
POSITIONS = {
    "data": [
        {
            "product": "ES",
            "product_id": 31,
            "contract": "ES Mar26",
            "account": "FUT-0012",
            "side": "long",
            "quantity": 2,
            "average_price": 5000.25,
            "opened_at": "2026-03-02T14:30:20.123456Z",
            "realized_pnl": -4.5,
            "mark": 5003.5,
            "marked_at": "2026-03-02T15:12:00Z",
            "unrealized_pnl": 325.0,
        }
    ],
    "meta": _NO_DATES,
}
_TRADE: dict[str, Any] = {
    "id": "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801",
    "product": "ES",
    "product_id": 31,
    "contract": "ES Mar26",
    "side": "long",
    "quantity": 2,
    "opened_at": "2026-03-02T14:30:20Z",
    "closed_at": "2026-03-02T14:33:40Z",
    "entry_price": 5000.0,
    "exit_price": 5002.125,
    "gross_pnl": 212.5,
    "fees": 9.0,
    "pnl": 203.5,
    "mae": -4.5,
    "mfe": 295.5,
    "tags": [],
    "has_notes": False,
}
TRADES = _answer([_TRADE], count=1, page=1, page_size=100, next=None, previous=None)


def _fill(moment: str, side: str, price: float, quantity: int, number: int) -> dict[str, Any]:
    return {
        "datetime": f"2026-03-02T{moment}Z",
        "side": side,
        "price": price,
        "quantity": quantity,
        "exec_id": f"7f3a-{number}",
        "fees": 2.25 * quantity,
        "corrects": None,
    }


_FILLS = [
    _fill("14:30:20", "buy", 5000.0, 2, 1),
    _fill("14:32:10", "sell", 5003.0, 1, 2),
    _fill("14:33:40", "sell", 5001.25, 1, 3),
]
TRADE = {
    "data": {**_TRADE, "fills": _FILLS, "unused_fills": [], "notes": "", "images": []},
    "meta": _NO_DATES,
}
CHART_DATA = {
    "data": {
        "trade": _TRADE,
        "contract": "ES Mar26",
        "fills": [
            {name: fill[name] for name in ("datetime", "side", "price", "quantity")}
            for fill in _FILLS
        ],
        "timeframe": "1min",
        "start_date": "2026-03-02",
        "end_date": "2026-03-02",
    },
    "meta": _NO_DATES,
}
