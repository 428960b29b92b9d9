"""Names that survive a rebuild."""

from __future__ import annotations

import uuid

# Fixed for good: a new namespace would part every trade from its tags, notes and images.
TRADES = uuid.UUID("6f1c7d0e-52a4-5b0b-9d53-0c1f6a7e4b18")


def trade_id(
    platform: str, environment: str, account: str, contract: str, exec_id: str, leg_index: int
) -> uuid.UUID:
    """Return the id of the trade that this execution opened, the same at every rebuild.

    The six values name one execution on one contract; each is written behind its length, so that
    no two different ones read alike.
    """
    values = (platform, environment, account, contract, exec_id, str(leg_index))
    return uuid.uuid5(TRADES, "".join(f"{len(value)}:{value}," for value in values))
