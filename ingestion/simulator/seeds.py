"""Randomness that depends on names alone: the same parts give the same stream, in any order."""

from __future__ import annotations

import random
from hashlib import blake2b

import numpy as np

_SPAN = 1 << 64
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(*parts: object) -> int:
    """Return 64 bits that belong to `parts`."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def share(*parts: object) -> float:
    """Return a number in [0, 1) that belongs to `parts`."""
    return number(*parts) / _SPAN


def dice(*parts: object) -> random.Random:
    """Return a source of single draws (a market needs no cryptography)."""
    return random.Random(number(*parts))  # noqa: S311


def stream(*parts: object) -> np.random.Generator:
    """Return a source of whole columns."""
    return np.random.Generator(np.random.PCG64(number(*parts)))


def word(length: int, *parts: object) -> str:
    """Return lower-case letters and digits that belong to `parts`; at most 12."""
    rest = number(*parts)
    letters = []
    for _ in range(length):
        rest, digit = divmod(rest, 36)
        letters.append(_LETTERS[digit])
    return "".join(letters)
