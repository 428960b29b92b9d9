"""Groups, traders and accounts of a copy: known by their ids, and by when they were made.

Whoever was made in the same microsecond under the same id is the same one; anything else under an
id, or under a name, of the copy is another one and stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models

from accounts.actions import move_trader
from audit.actions import note
from audit.deeds import kind_of
from audit.values import facts
from ledger.copying.file import CopyRefused
from ledger.copying.tables import ACCOUNTS, GROUPS, TRADERS, Table
from traders.actions import move_account
from traders.models import Group, PlatformAccount, Trader

BY = "import_trades"  # who did it, as the log names people
FIRST_OWN = 1_000_000_000  # ids of what is made here begin above what production will reach
MOST_TOLD = 10
_ELSEWHERE = "bring the copy into a database of its own (manage.py prepare, without --demo)"

_CLASHES = (
    (
        """SELECT s.id, s.name, h.name FROM copied_groups s JOIN groups h ON h.id = s.id
        WHERE h.created_at <> s.created_at ORDER BY 1""",
        f'Group {{}} of the copy, "{{}}", is not the group of that id here, "{{}}": {_ELSEWHERE}',
    ),
    (
        """SELECT s.id, s.name, h.id FROM copied_groups s JOIN groups h ON h.name = s.name
        WHERE h.id <> s.id AND h.id NOT IN (SELECT id FROM copied_groups) ORDER BY 1""",
        'Group {} of the copy is named "{}", and so is group {} here: give that one another name',
    ),
    (
        """SELECT s.id, s.name, h.name FROM copied_traders s JOIN traders h ON h.id = s.id
        WHERE h.created_at <> s.created_at ORDER BY 1""",
        f'Trader {{}} of the copy, "{{}}", is not the trader of that id here, "{{}}": {_ELSEWHERE}',
    ),
    (
        """SELECT s.id, s.account, h.account
        FROM copied_accounts s JOIN trader_platforms h ON h.id = s.id
        WHERE h.created_at <> s.created_at ORDER BY 1""",
        f'Account {{}} of the copy, "{{}}", is not the account of that id here, "{{}}": '
        f"{_ELSEWHERE}",
    ),
    (
        """SELECT s.id, s.account, h.id FROM copied_accounts s
        JOIN platforms p ON p.code = s.platform
        JOIN trader_platforms h ON h.platform_id = p.id AND h.environment = s.environment
            AND h.account = s.account
        WHERE h.id <> s.id AND h.id NOT IN (SELECT id FROM copied_accounts) ORDER BY 1""",
        'Account {} of the copy is "{}" at its provider, and so is account {} here, which a '
        f"connection or a file made: take a masked copy, or {_ELSEWHERE}",
    ),
    (
        """SELECT s.id, s.account FROM copied_accounts s
        WHERE EXISTS (SELECT FROM ledger_fill f WHERE f.account_id = s.id)
            OR EXISTS (SELECT FROM ledger_trade t WHERE t.account_id = s.id AND NOT t.is_copied)
        ORDER BY 1""",
        'Account {}, "{}", has fills of its own here, which a copy would contradict: '
        f"{_ELSEWHERE}",
    ),
)  # fmt: skip


class _Kept(NamedTuple):
    """A table of places, and how a copy's rows come into it.

    own      columns of the real table, as the staged table `s` tells them
    renamed  the column whose values are unique: they may be swapped
    """

    table: Table
    model: type[models.Model]
    own: dict[str, str]
    renamed: str | None


_GROUPS = _Kept(GROUPS, Group, {name: f"s.{name}" for name in GROUPS.columns.split(", ")}, "name")
_TRADERS = _Kept(TRADERS, Trader, {name: f"s.{name}" for name in TRADERS.columns.split(", ")}, None)
_ACCOUNTS = _Kept(
    ACCOUNTS,
    PlatformAccount,
    {
        "id": "s.id",
        "trader_id": "s.trader_id",
        "platform_id": "(SELECT id FROM platforms p WHERE p.code = s.platform)",
        "environment": "s.environment",
        "account": "s.account",
        "name": "s.name",
        "is_sim": "s.is_sim",
        "created_at": "s.created_at",
        "books_version": "0",
        "candles_version": "0",
        "journal_version": "0",
    },
    "account",
)


def refuse_clashes() -> None:
    """CopyRefused where other rows of this database stand in the way of the staged places."""
    told: list[str] = []
    with connection.cursor() as cursor:
        for sql, sentence in _CLASHES:
            cursor.execute(sql)
            told += [sentence.format(*row) for row in cursor.fetchall()]
    if len(told) > MOST_TOLD:
        told = [*told[:MOST_TOLD], f"... and {len(told) - MOST_TOLD} more"]
    if told:
        raise CopyRefused("\n".join(told))


def keep_places(*, at: datetime) -> None:
    """Bring the staged groups, traders and accounts in, every change written down.

    Whoever is linked to them here stays linked: a log-in follows its trader into another group,
    what was written about an account's trades follows it to another trader.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platforms (code, name) SELECT code, name FROM copied_platforms "
            "ON CONFLICT (code) DO NOTHING"
        )
    _keep(_GROUPS, at)
    for trader, group in _moved(Trader, TRADERS, "group"):
        move_trader(trader=trader, group=group, by=BY, at=at, source="console")
    _keep(_TRADERS, at)
    for account, trader in _moved(PlatformAccount, ACCOUNTS, "trader"):
        move_account(account=account, trader=trader, by=BY, at=at)
    _keep(_ACCOUNTS, at)


def number_apart() -> None:
    """Let what is made here from now on have ids that production will not meet."""
    with connection.cursor() as cursor:
        for name in ("groups", "traders", "trader_platforms"):
            cursor.execute(
                f"SELECT setval(s, greatest(%s, (SELECT max(id) FROM {name}))) "  # noqa: S608
                "FROM pg_get_serial_sequence(%s, 'id') AS s",
                [FIRST_OWN, name],
            )


def _moved(model: type[Any], table: Table, owner: str) -> Iterator[tuple[Any, Any]]:
    """Yield the rows that are somebody else's in the copy, each with whose."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.id, s.{owner}_id FROM {table.staged} s "  # noqa: S608  constant names
            f"JOIN {model._meta.db_table} h ON h.id = s.id "
            f"WHERE h.{owner}_id <> s.{owner}_id ORDER BY s.id"
        )
        pairs = cursor.fetchall()
    owners = model._meta.get_field(owner).related_model._default_manager
    for pk, owner_id in pairs:
        yield model._default_manager.get(pk=pk), owners.get(pk=owner_id)


def _keep(kept: _Kept, at: datetime) -> None:
    staged, real = kept.table.staged, kept.model._meta.db_table
    told = [name for name in kept.own if not name.endswith("_version")]
    values = ", ".join(f"{kept.own[name]}" for name in told)
    mine = ", ".join(f"h.{name}" for name in told)
    before = _facts(kept, staged)
    with connection.cursor() as cursor:
        if kept.renamed:  # two may have swapped their names
            cursor.execute(
                f"UPDATE {real} h SET {kept.renamed} = 'copied ' || h.id || ' ' || h.created_at "  # noqa: S608
                f"FROM {staged} s WHERE s.id = h.id AND s.{kept.renamed} <> h.{kept.renamed}"
            )
        cursor.execute(
            f"UPDATE {real} h SET ({', '.join(told)}) = ROW({values}) FROM {staged} s "  # noqa: S608
            f"WHERE h.id = s.id AND ROW({mine}) IS DISTINCT FROM ROW({values})"
        )
        cursor.execute(
            f"INSERT INTO {real} ({', '.join(kept.own)}) "  # noqa: S608  constant names
            f"SELECT {', '.join(kept.own.values())} FROM {staged} s "
            f"WHERE s.id NOT IN (SELECT id FROM {real}) ORDER BY s.id"
        )
    kind = kind_of(kept.model)
    assert kind is not None, "The log speaks of groups, traders and accounts"
    for pk, after in _facts(kept, staged).items():
        note(entity=(kind, pk), before=before.get(pk), after=after, by=BY, at=at, source="console")


def _facts(kept: _Kept, staged: str) -> dict[int, dict[str, Any]]:
    table = kept.model._meta.db_table
    ours = f"{table}.id IN (SELECT id FROM {staged})"  # noqa: S608  constant names
    rows = kept.model._default_manager.extra(where=[ours]).order_by("pk")  # noqa: S610
    return {row.pk: facts(row) for row in rows}
