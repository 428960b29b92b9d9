"""Files of real fills beside the project; a test that needs one is skipped where it is absent."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calc.matching import Matched, match
from calc.money import usd_micros
from tests.calc.twins import as_fills

FILLS = Path(__file__).resolve().parents[3] / "shared" / "data" / "fills"


def path(name: str) -> Path:
    found = FILLS / name
    if not found.exists():
        pytest.skip(f"no real fills here: {name} is not at ../shared/data/fills")
    return found


def table(name: str) -> list[dict[str, str]]:
    with path(name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def document(name: str) -> Any:
    return json.loads(path(name).read_text(), parse_float=Decimal)


def stamp(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)


def dollars(text: str) -> Decimal:
    """Read "$62.50", "$(41.25)" for a loss, or "-12.50"."""
    bare = text.replace("$", "").replace(",", "")
    return -Decimal(bare[1:-1]) if bare.startswith("(") else Decimal(bare)


def nanos(price: str | int | Decimal) -> int:
    exact = Decimal(price) * 10**9
    assert exact == int(exact)
    return int(exact)


def micros(money: str | int | Decimal) -> int:
    exact = Decimal(money) * 10**6
    assert exact == int(exact)
    return int(exact)


def matched(executions: Sequence[tuple[str, datetime, int, str | int | Decimal]]) -> Matched:
    """Match (contract, at, signed, price) as an importer would: by time, then order in the file."""
    numbers = {name: n for n, name in enumerate(sorted({row[0] for row in executions}))}
    rows = sorted(executions, key=lambda row: (row[0], row[1]))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return match(
        as_fills(
            [
                (numbers[name], signed, nanos(price), 0, (at - epoch).days)
                for name, at, signed, price in rows
            ]
        )
    )


def gross_usd(found: Matched, point_value: str) -> list[Decimal]:
    """Return the USD of each cycle."""
    scaled = usd_micros(found.cycles.gross_points, Decimal(point_value))
    return [Decimal(int(amount)).scaleb(-6) for amount in scaled]
