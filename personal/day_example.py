"""An answer as Swagger shows it: a day with the fills behind it."""

from __future__ import annotations

from typing import Any


def _part(moment: str, side: str, price: float, quantity: int, number: int) -> dict[str, Any]:
    return {
        "datetime": f"2026-03-02T{moment}Z",
        "side": side,
        "price": price,
        "quantity": quantity,
        "filled": quantity,
        "exec_id": f"7f3a-{number}",
        "leg_index": 0,
        "corrects": None,
        "fees": 2.25 * quantity,
    }


_RUN: dict[str, Any] = {
    "id": "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801",
    "account": "FUT-0012",
    "product": "ES",
    "product_id": 31,
    "contract": "ES Mar26",
    "currency": "USD",
    "point_value": 50.0,
    "side": "long",
    "quantity": 2,
    "position": 0,
    "opened_at": "2026-03-02T14:30:20Z",
    "closed_at": "2026-03-02T14:33:40Z",
    "pnl": 203.5,
    "held": "",
    "is_copied": False,
    "days": [{"date": "2026-03-02", "rate": 1.0, "realized": 203.5}],
    "fills": [
        _part("14:30:20", "buy", 5000.0, 2, 1),
        _part("14:32:10", "sell", 5003.0, 1, 2),
        _part("14:33:40", "sell", 5001.25, 1, 3),
    ],
}
DAY_FILLS = {
    "data": {
        "date": "2026-03-02",
        "pnl": 203.5,
        "trade_count": 1,
        "held_count": 0,
        "realized": 201.25,
        "products": [
            {
                "product": "ES",
                "product_id": 31,
                "pnl": 203.5,
                "trade_count": 1,
                "held_count": 0,
                "realized": 201.25,
            }
        ],
        "trades": [_RUN],
        "open": [
            {
                **_RUN,
                "id": "b9a1a0a5-3c3b-5d0e-8a55-9d4a2f1c7e02",
                "quantity": 1,
                "position": 1,
                "opened_at": "2026-03-02T20:10:00Z",
                "closed_at": None,
                "pnl": -2.25,
                "days": [{"date": "2026-03-02", "rate": 1.0, "realized": -2.25}],
                "fills": [_part("20:10:00", "buy", 5010.25, 1, 5)],
            }
        ],
        "unused": [
            {
                "account": "FUT-0012",
                "datetime": "2026-03-02T19:00:00Z",
                "contract": "ES Mar26",
                "instrument": "8412",
                "side": "buy",
                "price": 5008.0,
                "quantity": 1,
                "exec_id": "7f3a-4",
                "leg_index": 0,
                "corrects": None,
                "state": "busted",
                "reason": "busted by 7f3a-9",
            }
        ],
    },
    "meta": {
        "start_date": "2026-03-02",
        "end_date": "2026-03-02",
        "trader": 12,
        "currency": "USD",
        "obfuscated": False,
        "data_through": "2026-03-31",
        "notes": [],
    },
}
