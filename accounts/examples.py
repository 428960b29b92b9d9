"""What the answers look like, for Swagger."""

from __future__ import annotations

USER = {
    "id": 2,
    "username": "ana",
    "email": "ana@example.com",
    "first_name": "Ana",
    "last_name": "Brandt",
    "is_admin": False,
    "group": 1,
    "trader": 12,
    "opt_out": False,
}
TOKENS = {"access_token": "eyJhbGciOiJIUzI1NiJ9...", "refresh_token": "eyJhbGciOiJIUzI1NiJ9..."}
SESSION = {**TOKENS, "user": USER}
TRADERS = {
    "data": [
        {
            "id": 12,
            "name": "Ana Brandt",
            "accounts": [{"platform": "tt", "account": "10001", "is_sim": False}],
            "user": 2,
            "opt_out": False,
            "is_archived": False,
            "offices": "Chicago",
            "floor": 3,
            "stage": 2,
            "style": "scalper",
        }
    ],
    "meta": {"count": 1},
}
