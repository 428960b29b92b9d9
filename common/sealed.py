"""Secrets at rest: sealed with a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SealBroken(ValueError):
    """The text was sealed with another key, or changed since."""


def seal(secret: str) -> str:
    """Return `secret` sealed with SEALING_KEY; "" stays ""."""
    return _boxes()[0].encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Return what was sealed, with SEALING_KEY or with OLD_SEALING_KEY; SealBroken otherwise."""
    if not sealed:
        return ""
    for box in _boxes():
        with suppress(InvalidToken):
            return box.decrypt(sealed.encode()).decode()
    raise SealBroken("the stored secret was sealed with another SEALING_KEY: enter it again")


def is_present(sealed: str) -> bool:
    """Say whether SEALING_KEY alone opens it: it need not be sealed anew."""
    try:
        _boxes()[0].decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _boxes() -> list[Fernet]:
    """Return the box of SEALING_KEY, then the one that it took the place of."""
    return [_box(key) for key in (settings.SEALING_KEY, settings.OLD_SEALING_KEY) if key]


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
