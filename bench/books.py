"""Books of a given size in an empty database, and new fills that continue them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import django
import numpy as np
from django.core.management import call_command
from django.db import connection

from bench.bulk import in_bulk
from bench.fills import desk
from calc.matching import Fills
from common.clock import NS_PER_DAY

CONTRACTS = 20
AT_ONCE = 100_000  # fills in a piece of COPY
AT = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


def open_books() -> None:
    """Make the tables; the database is the one that the environment names, and empty."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
    django.setup()
    call_command("migrate", verbosity=0)


def fill_books(
    fills: int, tell: Callable[[int], None] = lambda _: None
) -> list[tuple[int, int, int]]:
    """Store so many fills by plain COPY; return (account, contract, last day) of each group.

    Nothing is matched yet: `ledger.rebuild.rebuild` does that. `tell` is told how many are stored.
    """
    columns = desk(fills)
    places = places_for(int(columns.group[-1]) + 1)
    with in_bulk("ledger_fill"), connection.cursor() as cursor, cursor.copy(FILL_COPY) as copy:
        for first in range(0, fills, AT_ONCE):
            copy.write(_lines(columns.rows(first, min(first + AT_ONCE, fills)), first, places))
            tell(min(first + AT_ONCE, fills))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [(*place, day) for place, day in zip(places, _last_days(columns), strict=True)]


def _lines(columns: Fills, first: int, places: list[tuple[int, int]]) -> str:
    """Return these fills as COPY reads them; made by hand, for they are millions."""
    made = []
    for row, (n, signed, price, fee, day) in enumerate(
        zip(columns.group.tolist(), columns.signed.tolist(), columns.price.tolist(),
            columns.fees.tolist(), columns.day.tolist(), strict=True), first,
    ):  # fmt: skip
        account, contract = places[n]
        stamp = day * NS_PER_DAY + (row % 1_000_000) * 80_000_000
        exec_id = f"bench-{next(_numbers):012}"
        made.append(
            f"{account}\t{exec_id}\t0\t{exec_id}\tnew\toutright\tf\tbench\t{contract}\t"
            f"{1 if signed > 0 else -1}\t{abs(signed)}\t{price}\t{stamp}\t{stamp}\t{fee}\t"
            f"usable\t\t{AT}\n"
        )
    return "".join(made)


def new_fills(places: list[tuple[int, int, int]], number: int) -> list[Any]:
    """Return fills of today for ten accounts, as a poll hands them to the ledger."""
    from ledger.words import NewFill

    busy = places[:: max(1, len(places) // 10)][:10]
    return [
        NewFill(
            account, f"poll-{n:012}", 0, None, "new", "outright", False, "bench", contract,
            False, 1 if n % 2 else -1, 1, Decimal(5_000) + n % 7, stamp, stamp, None, None,
        )
        for n, (account, contract, _), stamp in zip(
            (next(_numbers) for _ in range(number)), busy * number, _stamps(), strict=False
        )
    ][:number]  # fmt: skip


def _stamps() -> Iterator[int]:
    return (21_000 * NS_PER_DAY + next(_numbers) * 1_000_000 for _ in count())


def _last_days(columns: Fills) -> list[int]:
    ends = np.flatnonzero(np.diff(columns.group, append=columns.group[-1] + 1))
    days: list[int] = columns.day[ends].tolist()
    return days


def places_for(groups: int) -> list[tuple[int, int]]:
    """Make accounts and contracts enough for so many groups."""
    from futures.models import Contract, Product
    from traders.models import Group, Platform, PlatformAccount, Trader

    run = Group.objects.count() + 1  # another process may have made some
    floor = Group.objects.create(name=f"bench {run}")
    platform = Platform.objects.get_or_create(code="bench", defaults={"name": "bench"})[0]
    accounts = [
        PlatformAccount.objects.create(
            trader=Trader.objects.create(group=floor, name=f"trader {run} {n}"),
            platform=platform, environment="bench", account=f"{run}-{n}",
        )
        for n in range(-(-groups // CONTRACTS))
    ]  # fmt: skip
    products = Product.objects.filter(currency="USD").order_by("id")[:CONTRACTS]
    contracts = [
        Contract.objects.get_or_create(
            name=f"{product.symbol} Mar26",
            defaults={
                "product": product, "expiry_month": date(2026, 3, 1), "currency": "USD",
                "tick_size": product.tick_size, "point_value": product.point_value,
            },
        )[0]
        for product in products
    ]  # fmt: skip
    return [(a.pk, c.pk) for a in accounts for c in contracts][:groups]


FILL_COPY = (
    "COPY ledger_fill (account_id, exec_id, leg_index, root_exec_id, action, kind, synthetic, "
    "instrument_id, contract_id, side, quantity, price, executed_ns, received_ns, fees, state, "
    "reason, stored_at) FROM STDIN"
)
