"""Rows as they came from the provider: told, and erased; what still waits loses the names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.persons import File, Keeper, Person, Rows
from accounts.persons.telling import rows_of
from ingestion.models import QuarantinedRow, RawFill
from traders.models import PlatformAccount

# Of a row that cannot be used yet: what the books will never need.
NAMES = frozenset({"account", "name", "accountName", "currUserId", "user", "userName", "trader"})
_RAW = """
SELECT r.id FROM ledger_fill f
JOIN trader_platforms a ON a.id = f.account_id
JOIN ingestion_rawfill r ON r.exec_id = f.exec_id
JOIN ingestion_connection c ON c.id = r.connection_id
    AND c.platform_id = a.platform_id AND c.environment = a.environment
WHERE f.account_id = ANY(%s) AND coalesce(r.raw ->> 'accountId', a.account) = a.account"""
_QUARANTINED = """
SELECT q.id FROM ingestion_quarantinedrow q
WHERE jsonb_typeof(q.raw) = 'object' AND EXISTS (
    SELECT FROM jsonb_each_text(CASE jsonb_typeof(q.raw) WHEN 'object' THEN q.raw ELSE '{}' END) e
    WHERE e.value = ANY(%s))
ORDER BY q.id"""


def export(person: Person) -> Iterator[Rows | File]:
    raw = RawFill.objects.filter(id__in=_ids(_RAW, list(person.account_ids)))
    yield Rows("raw_fills", "rows as the provider sent them, of the last 90 days", rows_of(raw))
    rows = QuarantinedRow.objects.filter(id__in=_ids(_QUARANTINED, _called(person)))
    yield Rows("unusable_rows", "that could not be used", rows_of(rows.order_by("id")))


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    """Delete what is settled; of what is not, only the names: no fill is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM ingestion_rawfill WHERE id IN ({_RAW})",  # noqa: S608  constant text
            [list(person.account_ids)],
        )
        raw: int = cursor.rowcount
    settled = unnamed = 0
    for row in QuarantinedRow.objects.filter(id__in=_ids(_QUARANTINED, _called(person))):
        if row.resolved_at is not None:
            settled += row.delete()[0]
            continue
        told = {key: _blank(key, value, person) for key, value in row.raw.items()}
        reason = person.unnamed(row.reason)
        if (told, reason) != (row.raw, row.reason):
            row.raw, row.reason = told, reason
            row.save(update_fields=["raw", "reason"])
            unnamed += 1
    return {"raw_fills": raw, "unusable_rows": settled, "unusable_rows_unnamed": unnamed}


def _blank(key: str, value: Any, person: Person) -> Any:
    known = key in NAMES and isinstance(value, str)
    return "" if known or value in person.names else value


def _called(person: Person) -> list[str]:
    """Return by what rows name the person's accounts, and the person."""
    ids = PlatformAccount.objects.filter(id__in=person.account_ids).values_list(
        "account", flat=True
    )
    return [*ids, *person.names]


def _ids(sql: str, given: Iterable[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(given)])
        return [row[0] for row in cursor.fetchall()]


KEEPER = Keeper(
    name="ingestion",
    export=export,
    erase=erase,
    tables=("ingestion.QuarantinedRow", "ingestion.RawFill"),
    kept={
        "ingestion.ImportRun": "which file was brought in, and with which options",
        "ingestion.Instrument": "what the provider says of a contract",
    },
    again=True,
)
