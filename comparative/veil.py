"""What stands for money where a trader's own result shows: an index, and names for one reader.

Product, direction and minutes of a trade, with public prices, give what one contract of it made.
Only the number of contracts is secret. So nothing that leaves may hold it:

- Each trade is told in hundredths of its own largest move, before fees: with any other number of
  contracts the index is the same, to the last digit. A scale that two trades share, were it secret
  or noisy, gives the number back to who knows one of them; and so does a fixed fee.
- Its name, and with it its place in the list, is a keyed hash of viewer, day and trade. It does not
  follow the results, and two viewers, or two days, have no name in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import numpy as np
from django.utils.crypto import salted_hmac

from calc.candles import Candles, Column, index
from ledger.candles.words import Minutes

SALT = "comparative.veil"
COLUMNS = ("open", "high", "low", "close")
BYTES = 16


def indexed(points: Mapping[UUID, Minutes]) -> dict[UUID, Minutes]:
    """Return each trade's gross points as whole numbers from -100 to 100 of its own largest."""
    whole = index(
        Candles(
            series=np.repeat(np.arange(len(points)), [len(one.at) for one in points.values()]),
            minute=_column(points, "at") // 60,
            **{name: _column(points, name) for name in COLUMNS},
        )
    )
    columns = {name: getattr(whole, name).tolist() for name in COLUMNS}
    told, first = {}, 0
    for trade, one in points.items():
        last = first + len(one.at)
        told[trade] = Minutes(
            at=one.at, **{name: tuple(column[first:last]) for name, column in columns.items()}
        )
        first = last
    return told


def _column(points: Mapping[UUID, Minutes], name: str) -> Column:
    figures = [figure for one in points.values() for figure in getattr(one, name)]
    try:
        return np.array(figures, np.int64)
    except OverflowError:
        return np.array(figures, object)


def pseudonym(trade: UUID, *, viewer: int, day: date) -> UUID:
    """Return the name of a trade for one viewer on one day, the same each time."""
    text = f"{viewer}|{day.isoformat()}|{trade}"
    return UUID(bytes=salted_hmac(SALT, text, algorithm="sha256").digest()[:BYTES])
