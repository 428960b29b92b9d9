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
