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
