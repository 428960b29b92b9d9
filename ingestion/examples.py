"""What the answers look like, for Swagger."""

from __future__ import annotations

from typing import Any

_META: dict[str, Any] = {
    "start_date": None,
    "end_date": None,
    "currency": "USD",
    "obfuscated": False,
    "data_through": "2026-03-31",
    "notes": [],
}
STATUS: dict[str, Any] = {
    "data": {
        "connections": [
            {
                "name": "TT live",
                "platform": "tt",
                "environment": "ext_prod_live",
                "is_active": True,
                "alarm": "",
                "alarm_at": None,
                "feeds": [
                    {
                        "stream": "fills",
                        "due_at": "2026-03-31T14:30:30Z",
                        "last_ok_at": "2026-03-31T14:30:00Z",
                        "lag_seconds": 12.4,
                        "history_percent": 100,
                        "failures": 0,
                        "last_error": "",
                        "rows_read": 91204,
                        "rows_new": 45310,
                    }
                ],
                "quarantined": 1,
                "quarantine": [
                    {
                        "reason": "quantity is 0",
                        "count": 1,
                        "last_seen_at": "2026-03-30T09:12:44Z",
                    }
                ],
                "open_instruments": 1,
            }
        ],
        "fills": {"usable": 45280, "replaced": 12, "void": 9, "excluded": 7, "waiting": 2},
        "waiting": [{"reason": "unknown instrument 7310", "count": 2}],
        "problems": {"skipped": 0, "mismatch": 1, "unverifiable": 3},
        "oldest_unreconciled_day": "2026-03-30",
        "candles_due": 0,
        "states_due": 1,
    },
    "meta": _META,
}
_PAGE = {"count": 1, "page": 1, "page_size": 100, "next": None, "previous": None}
_ES = {"product": "ES", "product_id": 31, "contract": "ES Mar26"}
_NOVAK = {"trader": 12, "trader_name": "A. Novak", "account": "TT-4471"}
RECONCILIATION: dict[str, Any] = {
    "data": {
        "totals": {"skipped": 0, "mismatch": 1, "unverifiable": 0, "open": 4, "flat": 512},
        "open_runs": [
            {
                **_NOVAK,
                "is_sim": False,
                **_ES,
                "state": "mismatch",
                "quantity": 2,
                "opened_at": "2026-03-16T14:30:20.123456Z",
                "opened_by": "a91c-7",
                "age_days": 15,
                "is_spread": False,
            }
        ],
        "days": [
            {
                **_NOVAK,
                "is_sim": False,
                **_ES,
                "state": "mismatch",
                "date": "2026-03-30",
                "reason": "the provider told a position of 1, the books another",
                "fill_count": 14,
                "bought": 20,
                "sold": 18,
                "position": 2,
                "opened_at": "2026-03-16T14:30:20.123456Z",
                "is_spread": False,
                "provider_position": 1,
                "second_bought": None,
                "second_sold": None,
                "checked_at": "2026-03-31T02:50:11Z",
            }
        ],
    },
    "meta": {**_META, "start_date": "2026-03-04", "end_date": "2026-03-31", **_PAGE},
}
RESTATEMENTS: dict[str, Any] = {
    "data": [
        {
            "number": 4711,
            "restated_at": "2026-03-31T08:02:17.904112Z",
            "date": "2026-03-30",
            **_NOVAK,
            **_ES,
            "reason": "bust",
            "exec_id": "a91c-9",
            "was": {
                "pnl": 1250.0,
                "gross_pnl": 1268.0,
                "fees": 18.0,
                "realized_pnl": 1250.0,
                "trade_count": 4,
                "held_count": 0,
            },
            "became": {
                "pnl": 1000.0,
                "gross_pnl": 1013.5,
                "fees": 13.5,
                "realized_pnl": 1000.0,
                "trade_count": 3,
                "held_count": 0,
            },
        }
    ],
    "meta": {**_META, **_PAGE},
}
