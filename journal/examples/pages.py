"""Entries, images and comments."""

from __future__ import annotations

from typing import Any

MINE: dict[str, Any] = {"trader": 24}
_TRADE = "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801"
_IMAGE = "6f1f2a7e-7d0c-4e0b-8f43-9a1d2c3b4e5f"
_META: dict[str, Any] = {
    "start_date": None, "end_date": None, "trader": 24, "currency": "USD", "obfuscated": False,
    "data_through": "2026-03-31", "notes": [],
}  # fmt: skip
_PAGE = {**_META, "count": 1, "page": 1, "page_size": 100, "next": None, "previous": None}

ONE_IMAGE = {
    "id": _IMAGE,
    "url": f"https://api.example.com/api/v1/journal/images/{_IMAGE}?key=5d0e...:1774958460:Yb3x...",
    "content_type": "image/png",
    "width": 1920,
    "height": 1080,
    "size": 214_332,
    "created_at": "2026-03-31T12:00:00Z",
}
IMAGE = {"data": ONE_IMAGE, "meta": MINE}
UPLOAD = {"image": "chart.png", "trade": _TRADE}
STORAGE = {"data": {"used": 214_332, "quota": 104_857_600, "count": 1}, "meta": MINE}

ONE_COMMENT: dict[str, Any] = {
    "id": 310,
    "trader": 24,
    "trade": _TRADE,
    "entry": None,
    "author": "Cora Whitfield",
    "by_coach": True,
    "is_own": False,
    "text": "Why not half of it at the first target?",
    "created_at": "2026-03-31T14:10:00Z",
    "acknowledged_at": None,
    "to_acknowledge": True,
}
SAY = {"text": ONE_COMMENT["text"]}
COMMENTS = {"data": [ONE_COMMENT], "meta": {**_PAGE, "unacknowledged": 1}}
COMMENT = {"data": {**ONE_COMMENT, "is_own": True, "to_acknowledge": False}, "meta": MINE}
ACKNOWLEDGED = {
    "data": {**ONE_COMMENT, "acknowledged_at": "2026-03-31T15:00:00Z", "to_acknowledge": False},
    "meta": MINE,
}
DELETED = {"data": {"id": 310}, "meta": MINE}

WORDS = {
    "date": "2026-03-31",
    "title": "Two good breakouts, one bad idea",
    "body": "Waited for the **retest** both times.",
    "mood": "calm",
    "trades": [_TRADE],
    "tags": [6],
}
_ENTRY = {
    "id": 57,
    **WORDS,
    "tags": [{"id": 6, "name": "Breakout", "path": ["Tech", "Breakout"]}],
    "images": [],
    "comments": [{**ONE_COMMENT, "trade": None, "entry": 57}],
    "to_acknowledge": 1,
    "created_at": "2026-03-31T20:15:00Z",
    "updated_at": "2026-03-31T20:15:00Z",
}
ENTRY = {"data": _ENTRY, "meta": MINE}
ENTRIES = {"data": [_ENTRY], "meta": _PAGE}
WORDS_ANEW = {**WORDS, "updated_at": "2026-03-31T20:15:00Z"}
DELETED_ENTRY = {"data": {"id": 57, "images": 0, "comments": 1}, "meta": MINE}
