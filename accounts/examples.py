"""What the answers look like, for Swagger; sentences are what is answered, to the letter."""

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
REGISTERED = {"detail": "Follow the link in the mail that is on its way to this address"}
VERIFIED = {"detail": "The address is verified: log in"}
RESENT = {"detail": "If this address waits to be verified, another mail is on its way to it"}
RESET_ASKED = {"detail": "If this address has a log-in, a mail with a link is on its way to it"}
RESET_DONE = {"detail": "The new password is set: log in"}
PASSWORD_CHANGED = {"detail": "The password is changed: log in again, on every device"}
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
