"""Which days must be made or looked at anew; written in the transaction of what changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import connection

from ledger.models import CandlesDue

ALWAYS = date(1, 1, 1)  # since the beginning
_FEW = timedelta(days=3)  # a weekend between two days is no reason for two rows


def of_bars(touched: Iterable[tuple[int, date]]) -> None:
    """Mark contracts' days whose bars changed, for whoever held the contract then.

    Who that was, is asked when the days are made: fills that another transaction is writing now
    are seen then.
    """
    CandlesDue.objects.bulk_create(
        CandlesDue(contract_id=contract, since=day, until=day) for contract, day in touched
    )


def of_lines(rows: Collection[tuple[int, int, date, date | None]]) -> None:
    """Mark days of accounts in contracts: (account, contract, since, until). 1 query."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_candlesdue (account_id, contract_id, since, until) SELECT * "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def to_reconcile(rows: Collection[tuple[int, int, date]]) -> None:
    """Mark accounts' contracts to be reconciled from the first of these days on. 1 query."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_reconciledue (account_id, contract_id, since) SELECT a, c, min(s) "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS r (a, c, s) GROUP BY 1, 2",
            [list(column) for column in zip(*rows, strict=True)],
        )


def of_rates(days: Iterable[tuple[str, date]]) -> None:
    """Mark days of currencies whose rate changed: also what was only held on them is worth more."""
    rows = [(*key, *span) for key, span in _spans(days)]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_candlesdue (contract_id, since, until)
            SELECT c.id, r.since, r.until
            FROM unnest(%s::text[], %s::date[], %s::date[]) AS r (currency, since, until)
            JOIN futures_contract c ON c.currency = r.currency
            WHERE EXISTS (SELECT FROM ledger_position p WHERE p.contract_id = c.id)""",
            [list(column) for column in zip(*rows, strict=True)],
        )


def of_contract(contract_id: int) -> None:
    """Mark all days of a contract that is worth something else now."""
    CandlesDue.objects.create(contract_id=contract_id, since=ALWAYS)


def of_traders(trader_ids: Collection[int]) -> None:
    """Mark all days of the traders' accounts: which of them are merged is not as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_candlesdue (account_id, since) "
            "SELECT id, %s FROM trader_platforms WHERE trader_id = ANY(%s) ORDER BY id",
            [ALWAYS, list(trader_ids)],
        )


def _spans(days: Iterable[tuple[str, date]]) -> list[tuple[tuple[str], tuple[date, date]]]:
    """Join days of a currency that lie near each other."""
    spans: list[tuple[tuple[str], tuple[date, date]]] = []
    for currency, day in sorted(set(days)):
        if spans and spans[-1][0] == (currency,) and day - spans[-1][1][1] <= _FEW:
            spans[-1] = ((currency,), (spans[-1][1][0], day))
        else:
            spans.append(((currency,), (day, day)))
    return spans
