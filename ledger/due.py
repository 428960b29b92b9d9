"""Which days' candles must be made anew; written in the transaction of what changed them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.models import CandlesDue


def of_bars(touched: Iterable[tuple[int, date]]) -> None:
    """Mark contracts' days whose bars changed, for whoever held the contract then.

    Who that was, is asked when the days are made: fills that another transaction is writing now
    are seen then.
    """
    CandlesDue.objects.bulk_create(
        CandlesDue(contract_id=contract, since=day, until=day) for contract, day in touched
    )
