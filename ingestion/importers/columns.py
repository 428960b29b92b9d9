"""Columns of text -> columns of numbers, for what is written plainly; the rest goes cell by cell.

Each reader returns the numbers and a mask of what it has read. What it has not read is not wrong:
the strict readers of `instants` and `foreign` decide, and name the reason.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRICE = r"^-?\d{1,9}(\.\d{1,9})?$"
_NANO = r"^-?\d{1,18}$"
_WHOLE = r"^\d{1,18}(\.0+)?$"
_ZONE = r"(Z|[+]00:?00| ?UTC)$"
_TIME = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d"
    r"(:[0-5]\d(\.0{1,9})?)?"
)
_STAMP = r"\d{9,19}"
# A stamp since 1970 in each of these units; from 1990 to 2100 they have no number in common.
_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)
_SINCE, _UNTIL = 631_152_000, 4_102_444_800


def prices(text: pa.Array) -> tuple[Column, Mask]:
    """Return nanopoints."""
    fits = pc.match_substring_regex(text, _PRICE)
    exact = pc.if_else(fits, text, "0").cast(pa.decimal128(18, 9))
    # Sixteen bytes each, the lower eight first; eighteen digits fit into those.
    words = np.frombuffer(exact.buffers()[1], "<i8").reshape(-1, 2)
    return words[exact.offset : exact.offset + len(exact), 0].copy(), _mask(fits)


def nanopoints(text: pa.Array) -> tuple[Column, Mask]:
    """Return prices that are written in nanopoints."""
    fits = pc.match_substring_regex(text, _NANO)
    return _numbers(pc.if_else(fits, text, "0").cast(pa.int64())), _mask(fits)


def wholes(text: pa.Array) -> tuple[Column, Mask]:
    """Return whole numbers, not negative."""
    fits = pc.match_substring_regex(text, _WHOLE)
    plain = pc.replace_substring_regex(pc.if_else(fits, text, "0"), r"\..*", "")
    return _numbers(plain.cast(pa.int64())), _mask(fits)


def instants(text: pa.Array, zone: tzinfo | None) -> tuple[Column, Mask]:
    """Return nanoseconds since 1970 of ISO times and of stamps.

    zone  of times without one (None: they are left to the strict reader); an hour in which its
          clocks change is left to the strict reader too
    """
    stamped = pc.match_substring_regex(text, f"^{_STAMP}$")
    ns, read = _since_1970(_numbers(pc.if_else(stamped, text, "0").cast(pa.uint64())))
    read &= _mask(stamped)
    if read.all():
        return ns, read
    zoned = pc.match_substring_regex(text, _ZONE)
    timed = pc.match_substring_regex(text, rf"{_TIME}({_ZONE})?$")
    plain = pc.utf8_slice_codeunits(pc.replace_substring_regex(text, _ZONE, ""), 0, 19)
    try:
        local = _numbers(pc.if_else(timed, plain, "1970-01-01 00:00").cast(pa.timestamp("s")))
    except pa.ArrowInvalid:  # a 30th of February: somewhere in the block, so each by itself
        return ns, read
    utc, sure = _in_utc(local, zone)
    has_zone = _mask(zoned)
    fits = _mask(timed) & (has_zone | sure)
    return np.where(fits, np.where(has_zone, local, utc) * NS, ns), read | fits


def stamp(text: str) -> int | None:
    """Return the nanoseconds since 1970 of a stamp in s, ms, us or ns; None: it is none."""
    if not re.fullmatch(_STAMP, text, re.ASCII):
        return None
    for unit in _UNITS:
        if _SINCE * unit <= int(text) < _UNTIL * unit:
            return int(text) * (NS // unit)
    return None


def _since_1970(numbers: Column) -> tuple[Column, Mask]:
    ns, read = np.zeros(len(numbers), np.int64), np.zeros(len(numbers), np.bool_)
    for unit in _UNITS:
        fits = (numbers >= _SINCE * unit) & (numbers < _UNTIL * unit)
        ns[fits] = numbers[fits] * (NS // unit)
        read |= fits
    return ns, read


def _in_utc(local: Column, zone: tzinfo | None) -> tuple[Column, Mask]:
    """Move seconds of a zone's clock to UTC, hour by hour of the clock."""
    if zone is None or zone is UTC:
        return local, np.full(len(local), zone is UTC)
    hours, which = np.unique(local // 3600, return_inverse=True)
    offsets = [_offset(int(hour), zone) for hour in hours]
    moved = np.array([offset or 0 for offset in offsets], np.int64)[which]
    return local - moved, np.array([offset is not None for offset in offsets], np.bool_)[which]


def _offset(hour: int, zone: tzinfo) -> int | None:
    """Return the seconds that the zone is ahead of UTC all through an hour of its clock."""
    first = _EPOCH.replace(tzinfo=None) + timedelta(hours=hour)
    told = {
        at.replace(tzinfo=zone, fold=fold).utcoffset()
        for at in (first, first + timedelta(minutes=59, seconds=59))
        for fold in (0, 1)
    }
    offset = told.pop()
    return None if told or offset is None else round(offset.total_seconds())


def _numbers(column: Any) -> Column:
    numbers: Column = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _mask(column: Any) -> Mask:
    mask: Mask = column.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask
