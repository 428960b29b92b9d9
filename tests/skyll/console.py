"""An operator at the console, and the authenticator app in the operator's hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time

from django.test import Client

from accounts.models import CustomUser
from tests.factories import make_user

PASSWORD = "correct horse battery"


def make_operator(name: str = "olga", **given) -> CustomUser:
    return make_user(name, **{"password": PASSWORD, "is_staff": True, "is_superuser": True} | given)


def log_in(client: Client, user: CustomUser, password: str = PASSWORD):
    return client.post("/admin/account/login/", {"login": user.email, "password": password})


def code(secret: str, *, ahead: int = 0) -> str:
    """Return what the app shows (RFC 6238), or will show `ahead` steps later."""
    step = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def set_up_app(client: Client) -> str:
    """Set up an app for whoever is logged in; return its secret."""
    page = client.get("/admin/account/second-factor/set/")
    secret = page.context["form"].secret
    answer = client.post("/admin/account/second-factor/set/", {"code": code(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    return secret
