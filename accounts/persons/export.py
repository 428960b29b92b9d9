"""A person's data as a zip: a JSON file for each kind, images as they are, and what is what."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db import transaction

from accounts.persons.erasure import put_on_record
from accounts.persons.words import File, Person, keepers
from audit.actions import Source


def file_name(person: Person) -> str:
    """Return what an export is called: it names nobody."""
    if person.user_id is None:
        return f"trader-{person.trader_id}.zip"
    return f"person-{person.user_id}.zip"


@transaction.atomic
def write(person: Person, file: IO[bytes], *, by: str, at: datetime, source: Source) -> int:
    """Write all that is kept of a person, and that it was told; return how many rows.

    Rows are read and written one after the other: the size of the books does not matter.
    """
    told: list[dict[str, Any]] = []
    with ZipFile(file, "w") as zipped:
        for keeper in keepers():
            for part in keeper.export(person):
                if isinstance(part, File):
                    if (content := part.content()) is not None:
                        zipped.writestr(_info(part.name, at, ZIP_STORED), content)
                    continue
                name = f"{part.name}.json"
                with zipped.open(_info(name, at), "w", force_zip64=True) as out:
                    count = _list(out, part.rows)
                told.append({"file": name, "rows": count, "says": part.says})
        about = {
            "made_at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "email": person.email or None,
            "trader": person.trader_id,
            "times": "UTC; *_at to the nanosecond where an exchange tells it so",
            "money": "exact decimals as text; of the currency that the column or contract names",
            "files": told,
        }
        zipped.writestr(_info("about.json", at), json.dumps(about, indent=2, ensure_ascii=False))
    rows = sum(int(one["rows"]) for one in told)
    put_on_record("export", person, {"rows": rows}, by=by, at=at, source=source)
    return rows


def _list(out: IO[bytes], rows: Iterable[Any]) -> int:
    count = 0
    out.write(b"[")
    for count, row in enumerate(rows, 1):
        line = json.dumps(row, ensure_ascii=False, default=str)
        out.write(f"{',' if count > 1 else ''}\n{line}".encode("utf-8", "replace"))
    out.write(b"\n]\n")
    return count


def _info(name: str, at: datetime, kind: int = ZIP_DEFLATED) -> ZipInfo:
    info = ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    info.compress_type = kind
    info.external_attr = 0o600 << 16
    return info
