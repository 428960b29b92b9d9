"""What bodies and answers look like, for Swagger; sentences are what is answered, to the letter."""

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
LOGIN = {"email": "ana@example.com", "password": "seven green boats"}
REGISTRATION = {"username": "ana", **LOGIN}
KEY = {"key": "Mg:1wB2cD:4fQk9..."}
ADDRESS = {"email": "ana@example.com"}
NEW_PASSWORD = {"new_password1": "eight red boats", "new_password2": "eight red boats"}
RESET = {"uid": "2", "token": "d8x2k1-5c0f...", **NEW_PASSWORD}
CHANGE = {"old_password": "seven green boats", **NEW_PASSWORD}
REFRESH = {"refresh": "eyJhbGciOiJIUzI1NiJ9..."}
TOKEN = {"token": "eyJhbGciOiJIUzI1NiJ9..."}
NAMES = {"first_name": "Ana", "last_name": "Brandt"}
OPT_OUT = {"opt_out": True}
TOKENS = {"access_token": "eyJhbGciOiJIUzI1NiJ9...", "refresh_token": "eyJhbGciOiJIUzI1NiJ9..."}
SESSION = {**TOKENS, "user": USER}
GOOD_TOKEN = {"detail": "The token is good"}
SESSION_OVER = {"detail": "The session is over"}
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
