"""What the answers look like, for Swagger."""

from __future__ import annotations

PRODUCTS = {
    "data": [
        {
            "id": 14,
            "symbol": "CL",
            "exchange": "CME",
            "name": "Crude Oil",
            "color": "#7A004C",
            "currency": "USD",
            "tick_size": 0.01,
            "tick_value": 10.0,
            "point_value": 1000.0,
        }
    ],
    "meta": {"count": 1},
}

EVENT = {
    "id": 217,
    "name": "CPI",
    "event_type": "cpi",
    "country": "US",
    "importance": "high",
    "datetime": "2026-03-11T12:30:00Z",
    "actual": "0.3%",
    "forecast": "0.2%",
    "previous": "0.4%",
}
CALENDAR_EVENTS = {
    "data": [EVENT],
    "meta": {
        "count": 1,
        "start_date": "2026-03-01",
        "end_date": "2026-03-31",
        "filters": {
            "event_type": ["cpi", "employment", "fomc"],
            "country": ["US"],
            "importance": ["high"],
        },
    },
}

FUTURES_PRICE_DATA = {
    "data": [
        {
            "datetime": "2026-03-02T14:30:00Z",
            "open": 4999.5,
            "high": 5001.5,
            "low": 4998.75,
            "close": 5001.0,
            "volume": 8214,
        },
        {
            "datetime": "2026-03-02T14:31:00Z",
            "open": 5001.0,
            "high": 5003.0,
            "low": 5000.5,
            "close": 5002.5,
            "volume": 6032,
        },
    ],
    "meta": {
        "count": 2,
        "contract": "ES Mar26",
        "product": "ES",
        "product_id": 23,
        "timeframe": "1min",
        "start_date": "2026-03-02",
        "end_date": "2026-03-02",
    },
}
