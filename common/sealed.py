"""Secrets at rest: sealed with a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SealBroken(ValueError):
    """The text was sealed with another key, or changed since."""


def seal(secret: str) -> str:
    """Return `secret` sealed with SEALING_KEY; "" stays ""."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Return what was sealed. SealBroken when SEALING_KEY is not the one it was sealed with."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken(
            "the stored secret was sealed with another SEALING_KEY: enter it again"
        ) from None


def _box() -> Fernet:
    digest = hashlib.sha256(settings.SEALING_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
