"""Colours far apart: each next one is where the eye sees the widest gap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Column: TypeAlias = npt.NDArray[Any]

# Readable on white and on black, and never a grey
LIGHTNESS = (0.45, 0.85)
LEAST_CHROMA = 0.06
STEP = 8  # of 256 per channel: 32,768 colours to choose from


def distinct_colors(number: int) -> tuple[str, ...]:
    """Return hex codes "#RRGGBB", the same ones each time; a longer list begins with a shorter.

    errors  ValueError: more are asked for than there are
    """
    return _farthest(number, ())


def next_color(taken: Collection[str]) -> str:
    """Return the colour that lies farthest from all that are taken.

    taken    hex codes "#RRGGBB" in either case
    returns  a hex code in capitals
    errors   ValueError: not a hex code, or no colour is left
    """
    return _farthest(1, taken)[0]


def _farthest(number: int, taken: Collection[str]) -> tuple[str, ...]:
    """Choose colours one by one, each the farthest from those before it."""
    codes, places = _palette()
    gaps = np.full(len(codes), np.inf)
    for place in oklab(list(taken)):
        np.minimum(gaps, _gaps(places, place), out=gaps)
    chosen: list[str] = []
    for _ in range(number):
        best = int(gaps.argmax())
        if not gaps[best]:
            raise ValueError("every colour is taken")
        chosen.append(codes[best])
        np.minimum(gaps, _gaps(places, places[best]), out=gaps)
    return tuple(chosen)


def _gaps(places: Column, place: Column) -> Column:
    gaps: Column = ((places - place) ** 2).sum(axis=1)
    return gaps


def oklab(codes: Sequence[str]) -> Column:
    """Return places in OKLab, where distance is how different two colours look; shape (codes, 3).

    codes   "#RRGGBB"
    errors  ValueError: not a hex code
    """
    if any(len(code) != 7 or code[0] != "#" for code in codes):
        raise ValueError("a colour is written #RRGGBB")
    return _oklab(np.array([list(bytes.fromhex(code[1:])) for code in codes]).reshape(-1, 3))


def _oklab(rgb: Column) -> Column:
    """Björn Ottosson's OKLab (2020) of sRGB bytes, shape (colours, 3)."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ _TO_CONES.T)
    places: Column = cones @ _TO_LAB.T
    return places


@lru_cache(maxsize=1)
def _palette() -> tuple[list[str], Column]:
    channel = np.arange(0, 256, STEP)
    rgb = np.stack(np.meshgrid(channel, channel, channel, indexing="ij"), axis=-1).reshape(-1, 3)
    places = _oklab(rgb)
    light, chroma = places[:, 0], np.hypot(places[:, 1], places[:, 2])
    good = (light >= LIGHTNESS[0]) & (light <= LIGHTNESS[1]) & (chroma >= LEAST_CHROMA)
    return [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in rgb[good].tolist()], places[good]


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
