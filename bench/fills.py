"""Synthetic fills like a desk's: many groups, flips, partial exits, trades held overnight."""

from __future__ import annotations

import numpy as np

from calc.matching import Fills

FILLS_PER_GROUP = 555  # 20 M fills over 600 accounts and 60 products
FILLS_PER_DAY = 7
TICK = 250_000_000  # nanopoints
FLIP, EXIT = 0.12, 0.45  # shares of the fills that cross zero, that leave exactly


def desk(count: int, seed: int = 1) -> Fills:
    """Return so many fills in order; about 12 % cross zero."""
    random = np.random.default_rng(seed)
    group = np.arange(count) // FILLS_PER_GROUP
    groups = int(group[-1]) + 1
    start = random.integers(2_000, 80_000, groups)[group]
    price = (start + np.cumsum(random.integers(-3, 4, count)) % 400) * TICK
    day = 19_000 + (np.arange(count) % FILLS_PER_GROUP) // FILLS_PER_DAY
    return Fills(group, _signed(group, random), price, random.integers(0, 5_000_000, count), day)


def _signed(group: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Walk each group's position: open, add, leave, or turn round."""
    luck = random.random(len(group)).tolist()
    size = random.integers(1, 6, len(group)).tolist()
    signed, position, current = [], 0, -1
    for number, chance, contracts in zip(group.tolist(), luck, size, strict=True):
        if number != current:
            position, current = 0, number
        side = 1 if position > 0 else -1
        if position == 0:
            step = contracts if chance < 0.5 else -contracts
        elif chance < FLIP * 1.3:  # flat positions cannot turn: a little more often elsewhere
            step = -position - side * contracts
        elif chance < FLIP * 1.3 + EXIT:
            step = -position
        elif chance < 0.8:
            step = -side * max(1, abs(position) // 2)
        else:
            step = side * contracts
        signed.append(step)
        position += step
    return np.array(signed, np.int64)
