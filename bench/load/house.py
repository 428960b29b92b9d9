"""Whom the load asks about: groups with their books, bars, log-ins; the same for the same size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bench import books

GROUPS = 4
BAR_DAYS = 14  # before the last day of the books
MINUTES = 1440
TICK = 250_000_000
TRADES = 24  # of each trader that may be asked for
NAME = "load"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Member:
    """Somebody who asks; a coach has no trades of her own."""

    token: str
    trades: tuple[str, ...]
    is_coach: bool


@dataclass(frozen=True)
class House:
    members: list[Member]
    last_day: date
    fills: int


def furnish(fills: int, say: Say) -> None:
    """Fill empty tables: so many fills, matched, with bars and candles; a log-in for each trader.

    What a former run has finished stays.
    """
    from accounts.models import CustomUser
    from futures.models import Bar
    from ledger.models import Fill
    from ledger.rebuild import rebuild

    if CustomUser.objects.filter(username=f"{NAME}-{fills}").exists():
        return
    stored = Fill.objects.count()
    if stored not in (0, fills // GROUPS * GROUPS):
        raise SystemExit("These books are half made or others': remove their directory first")
    for n in range(0 if stored else GROUPS):
        say(f"group {n + 1} of {GROUPS}: {fills // GROUPS:,} fills")
        books.fill_books(fills // GROUPS)
    if not Bar.objects.exists():  # they come after all is matched
        say("matching")
        rebuild(
            at=books.AT, tell=lambda done: say(f"matched {done.done:,} of {done.total:,} fills")
        )
        _trade_on(say)
    say("statistics")
    _tidy()
    _candles(say)
    say("states of days")
    _reconcile()
    say("log-ins")
    _log_ins(fills)


def keep_up(say: Say) -> None:
    """Do what beat has done by the time anybody asks, also where a release came in between."""
    from journal.actions import rolled
    from ledger.models import CandlesDue

    say("sums of groups")
    rolled.keep()
    if CandlesDue.objects.exists():
        _candles(say)
    _tidy()


def open_doors(fills: int) -> House:
    """Give everybody a token; to make one costs no password."""
    from django.db import connection

    from accounts.models import CustomUser
    from accounts.sessions import open_session
    from common import clock

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(day) FROM ledger_dayresult")
        last_day = cursor.fetchone()[0]
        cursor.execute(
            """
            SELECT t.trader_id, array_agg(t.id::text) FROM (
                SELECT p.trader_id, t.id, row_number() OVER (
                    PARTITION BY p.trader_id ORDER BY t.closed_ns DESC, t.id) AS n
                FROM ledger_trade t JOIN trader_platforms p ON p.id = t.account_id
                WHERE t.closed_on > %s
            ) t WHERE n <= %s GROUP BY 1""",
            [last_day - timedelta(days=BAR_DAYS), TRADES],
        )
        trades = dict(cursor.fetchall())
    now = clock.now()
    users = CustomUser.objects.filter(username__startswith=f"{NAME}-").exclude(group=None)
    members = [
        Member(
            open_session(user, at=now).access_token,
            tuple(trades.get(user.trader_id, ())),
            user.is_admin,
        )
        for user in users.order_by("id")
    ]
    return House(members, last_day, fills)


def _trade_on(say: Say) -> None:
    from futures.bars import BarColumns
    from futures.models import Contract
    from ledger.actions import record_bars
    from ledger.fold.facts import number_of
    from ledger.models import DayResult

    last = DayResult.objects.order_by("-day").values_list("day", flat=True)[0]
    first = number_of(last) - BAR_DAYS + 1
    chance = np.random.default_rng(1)
    for contract in Contract.objects.order_by("id").values_list("id", flat=True):
        say(f"{BAR_DAYS} days of bars of contract {contract}")
        minute = first * MINUTES + np.flatnonzero(chance.random(BAR_DAYS * MINUTES) < 0.95)
        close = (20_000 + np.cumsum(chance.integers(-2, 3, len(minute)))) * TICK
        record_bars(
            BarColumns(
                contract=np.full(len(minute), contract), minute=minute, open=close,
                high=close + chance.integers(0, 4, len(minute)) * TICK,
                low=close - chance.integers(0, 4, len(minute)) * TICK,
                close=close, volume=chance.integers(1, 500, len(minute)),
            )
        )  # fmt: skip


def _candles(say: Say) -> None:
    from ledger.candles import rebuild_all
    from ledger.models import CandlesDue

    rebuild_all(tell=lambda done: say(f"candles of {done.done:,} of {done.total:,} account-days"))
    CandlesDue.objects.all().delete()


def _reconcile() -> None:
    """Put some days in doubt; what is open since 2022 would have states up to today otherwise."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_reconciledue")
        cursor.execute(
            """
            INSERT INTO ledger_reconciledday (account_id, day, contract_id, product_id, state,
                reason, fill_count, bought, sold, position, opened_as_leg, is_spread, is_passing,
                checked_at)
            SELECT account_id, day, contract_id, product_id,
                CASE WHEN n % 50 = 0 THEN 'mismatch' WHEN n % 10 = 0 THEN 'unverifiable'
                    ELSE 'flat' END,
                CASE WHEN n % 10 = 0 THEN 'made for the load' ELSE '' END,
                1, 1, 1, 0, false, false, false, now()
            FROM (
                SELECT *, row_number() OVER (ORDER BY account_id, day, contract_id) AS n
                FROM ledger_dayresult
            ) d"""
        )


def _log_ins(fills: int) -> None:
    """A log-in for each trader, a coach for each group; the last one says that all is there."""
    from accounts.models import CustomUser
    from traders.models import Group, Trader

    users = [
        CustomUser(
            username=f"{NAME}-trader-{trader.pk}", email=f"trader{trader.pk}@load.test",
            group_id=trader.group_id, trader=trader,
        )
        for trader in Trader.objects.order_by("id")
    ]  # fmt: skip
    users += [
        CustomUser(
            username=f"{NAME}-coach-{group.pk}", email=f"coach{group.pk}@load.test", group=group,
            is_admin=True,
        )
        for group in Group.objects.filter(traders__isnull=False).distinct().order_by("id")
    ]  # fmt: skip
    users.append(CustomUser(username=f"{NAME}-{fills}", email="done@load.test"))
    for user in users:
        user.set_unusable_password()
    CustomUser.objects.bulk_create(users)


def _tidy() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
