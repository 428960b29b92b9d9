"""Tags."""

from __future__ import annotations

from typing import Any

MINE: dict[str, Any] = {"trader": 24}


def _node(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "retired": False, **more}


TAGS = {
    "data": [
        _node(
            1,
            "Tech",
            children=[
                _node(
                    6,
                    "Breakout",
                    assignable=True,
                    children=[_node(41, "Failed first, then went", assignable=True)],
                ),
                _node(7, "Pullback", assignable=True, children=[]),
            ],
        )
    ],
    "meta": {
        "count": 1, "trader": 24, "total_categories": 1, "total_subcategories": 2,
        "total_custom_tags": 1,
    },
}  # fmt: skip
TAG = {"name": "Failed first, then went", "parent": 6}
CUSTOM_TAG = {"data": {"id": 41, **TAG}, "meta": MINE}
DELETED_TAG = {"data": {"id": 41, **TAG, "trades": 12, "entries": 1}, "meta": MINE}
ADD_TAGS = {"tags": [41, 30]}
SET_TAGS = {"tags": [41, 30]}
BORNE = [
    {
        "id": 41,
        "name": "Failed first, then went",
        "path": ["Tech", "Breakout", "Failed first, then went"],
    },
    {"id": 30, "name": "Planned", "path": ["Mind", "Planned"]},
]
BORNE_TAGS = {"data": BORNE, "meta": MINE}
TAG_TRADES = {
    "trades": ["0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801", "1ce94d55-38ef-5c7e-8d9b-7d4b6a1f0c02"],
    "tags": [6],
}
TAGGED = {"data": {"trades": 2, "tags": 1, "added": 2}, "meta": MINE}
