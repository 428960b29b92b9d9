"""Which minutes of a long file have come: a bit each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ingestion.importers.columns import Column, Mask

_DAY = 1440


class Seen:
    """The minutes of contracts that have come so far; 180 bytes for each contract and day."""

    def __init__(self) -> None:
        self._days: dict[tuple[int, int], np.ndarray] = {}

    def again(self, contracts: Column, minutes: Column) -> Mask:
        """Say which of these have come before, among them or earlier; take down the others.

        contracts, minutes  in the order of the file, shape (bars,)
        """
        order = np.lexsort((minutes, contracts))  # stable: the first to come stays the first
        contract, minute = contracts[order], minutes[order]
        again = np.zeros(len(order), np.bool_)
        again[1:] = (contract[1:] == contract[:-1]) & (minute[1:] == minute[:-1])
        day, inside = np.divmod(minute, _DAY)
        turns = np.flatnonzero((np.diff(contract) != 0) | (np.diff(day) != 0)) + 1
        bounds = [0, *turns.tolist(), len(order)] if len(order) else []
        for start, stop in pairwise(bounds):
            key = int(contract[start]), int(day[start])
            packed = self._days.get(key)
            known = np.zeros(_DAY, np.bool_) if packed is None else np.unpackbits(packed) != 0
            again[start:stop] |= known[inside[start:stop]]
            known[inside[start:stop]] = True
            self._days[key] = np.packbits(known)
        told = np.zeros(len(order), np.bool_)
        told[order] = again
        return told
