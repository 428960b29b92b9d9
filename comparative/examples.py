"""What the answers look like, for Swagger."""

from __future__ import annotations

_ES = {"product": "ES", "product_id": 31, "pnl": 1500.0, "trade_count": 9, "suppressed": False}
_CL = {"product": "CL", "product_id": 14, "pnl": -200.0, "trade_count": 4, "suppressed": False}
_GC = {"product": "GC", "product_id": 40, "pnl": None, "trade_count": None, "suppressed": True}

PERFORMANCE_BY_TIME = {
    "data": [{"date": "2026-03-02", "daynumber": 1, "products": [_ES, _CL, _GC]}],
    "meta": {
        "start_date": "2026-03-01",
        "end_date": "2026-03-31",
        "currency": "USD",
        "obfuscated": False,
        "data_through": "2026-03-31",
        "notes": ["pnl is null where suppressed: fewer than 3 other traders traded"],
    },
}
