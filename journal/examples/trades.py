"""Trades with what was written about them."""

from __future__ import annotations

from typing import Any

from journal.examples.tags import BORNE, MINE

_TRADE_ID = "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801"
NOTES = {"notes": "Waited for the **retest**, then took it. Out too early."}
NOTES_ANSWER = {"data": NOTES, "meta": MINE}
_WRITTEN = {"tags": BORNE, **NOTES, "images": [], "comments": []}
_SEEN = {
    "product": "ES",
    "contract": "ES Mar26",
    "side": "long",
    "quantity": 2,
    "opened_at": "2026-03-02T14:30:20Z",
    "closed_at": "2026-03-02T14:33:40Z",
    "entry_price": 5000.0,
    "exit_price": 5002.125,
    "pnl": 203.5,
}
_TRADE = {
    "id": _TRADE_ID,
    **_SEEN,
    "product_id": 14,
    "gross_pnl": 212.5,
    "fees": 9.0,
    "mae": -50.0,
    "mfe": 300.0,
    **_WRITTEN,
}
_PAGE: dict[str, Any] = {
    "start_date": None,
    "end_date": None,
    "trader": 24,
    "currency": "USD",
    "obfuscated": False,
    "data_through": "2026-03-31",
    "notes": [],
    "count": 1,
    "page": 1,
    "page_size": 100,
    "next": None,
    "previous": None,
}
JOURNAL_TRADES = {"data": [_TRADE], "meta": _PAGE}
JOURNAL_TRADE = {"data": _TRADE, "meta": MINE}
DETACHED = {
    "data": [
        {"id": _TRADE_ID, **_SEEN, "detached_at": "2026-03-03T06:00:00Z", **_WRITTEN},
    ],
    "meta": _PAGE,
}
ATTACH = {"trade": "1ce94d55-38ef-5c7e-8d9b-7d4b6a1f0c02"}
