"""A group of 200 with a year of closed trades, made in the database: wide, and quick to make.

What readings stand on is trades and day results; they are written as the fold writes them, the
second from the first, without the fills that none of these readings looks at. A trader at a time
is made, so that nothing is sorted on disk, and in bulk: `bench.bulk`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from bench import books
from bench.bulk import in_bulk
from bench.frame import Stand

TRADERS, PRODUCTS, WEEKS = 200, 20, 52
FIRST = date(2025, 1, 6)  # a Monday
LAST = FIRST + timedelta(days=7 * WEEKS - 1)
TRADES = 900_000  # at 1x

# Everybody trades three products, one of them mostly, on five days a week. `luck` is Knuth's
# multiplicative hash of the number: spread evenly, and the same in every run.
_TRADES = """
INSERT INTO ledger_trade (
    id, account_id, contract_id, product_id, side, quantity, max_position, entry_price, exit_price,
    opened_ns, opened_received_ns, opened_exec_id, opened_leg_index, closed_ns, closed_received_ns,
    closed_exec_id, closed_leg_index, closed_used, closed_on, fill_count, gross_native,
    fees_native, gross_usd, fees_usd, pnl_usd, earlier_usd, outcome, held, is_copied
)
SELECT md5(%(name)s || n)::uuid, account_id, c.id, c.product_id, 1 - 2 * (n %% 2), 1 + n %% 5,
    1 + n %% 5, 5000000000000, 5001000000000, closed_ns - 60000000000 * (1 + n %% 90), closed_ns,
    'o' || n, 0, closed_ns, closed_ns, 'c' || n, 0, 1, day, 2, pnl + 4000000, 4000000,
    pnl + 4000000, 4000000, pnl, 0, sign(pnl), '', false
FROM (
    SELECT n, account_id, day, (luck %% 2001 - 950) * 1250000 AS pnl,
        extract(epoch FROM day)::bigint * 1000000000 + (luck %% 86000) * 1000000000 + n %% 1000
            AS closed_ns,
        1 + (who * 7 + CASE WHEN luck %% 10 < 7 THEN 0 ELSE 1 + luck %% 2 END) %% %(products)s
            AS place
    FROM (
        SELECT n, luck, %(who)s AS who, %(account)s AS account_id,
            %(first)s::date + (7 * (luck / 11 %% %(weeks)s) + luck / 7 %% 5)::int AS day
        FROM (
            SELECT n, n * 2654435761 %% 4294967296 AS luck
            FROM generate_series(
                coalesce(nullif(%(who)s, 0), %(traders)s)::bigint, %(trades)s::bigint, %(traders)s
            ) n
        ) a
    ) b
) t JOIN unnest(%(contracts)s::bigint[]) WITH ORDINALITY AS k (id, nth) ON k.nth = t.place
JOIN futures_contract c ON c.id = k.id
ORDER BY day"""
_DAYS = """
INSERT INTO ledger_dayresult (
    account_id, day, contract_id, product_id, pnl_usd, gross_usd, fees_usd, profit_usd, loss_usd,
    trade_count, win_count, loss_count, quantity, held_count, realized_usd, realized_held
)
SELECT account_id, closed_on, contract_id, product_id, sum(pnl_usd), sum(gross_usd), sum(fees_usd),
    coalesce(sum(pnl_usd) FILTER (WHERE pnl_usd > 0), 0),
    coalesce(sum(pnl_usd) FILTER (WHERE pnl_usd < 0), 0),
    count(*), count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = -1),
    sum(quantity), 0, sum(pnl_usd), false
FROM ledger_trade WHERE account_id = ANY(%(accounts)s) GROUP BY 1, 2, 3, 4"""
# Two trades in three are tagged, with one tag or two of different categories.
_TAGS = """
INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at)
SELECT t.account_id, t.id, g.id, now()
FROM ledger_trade t
CROSS JOIN LATERAL (SELECT ('x' || left(t.id::text, 7))::bit(28)::int AS luck) l
CROSS JOIN LATERAL (
    VALUES (luck %% 15), (CASE WHEN luck %% 2 = 0 THEN 15 + luck %% 15 END)
) k (nth)
JOIN (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS nth FROM journal_tag
    WHERE layer = %(layer)s
) g USING (nth)
WHERE t.account_id = ANY(%(accounts)s) AND luck %% 3 > 0"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A group's accounts, one a trader, and how many trades they have."""

    account_ids: tuple[int, ...]
    trades: int


def year(stand: Stand) -> Desk:
    """Return the desk of this size, its trades tagged and counted in the sums; made if need be.

    Where several rows read it, `python -m bench` makes it once and gives each row a copy.
    """
    books.open_books()
    from traders.models import Group, PlatformAccount

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # references take their time
    trades = stand.count(TRADES)
    name = f"a year of {trades:,} trades"
    theirs = PlatformAccount.objects.filter(trader__group__name=name).order_by("id")
    if found := tuple(theirs.values_list("id", flat=True)):
        return Desk(found, trades)
    desk = trade_for_a_year(trades, tagged=True, tell=stand.say)
    stand.say("taking the group into its sums, as beat does")
    count_in()
    Group.objects.filter(traders__accounts=desk.account_ids[0]).update(name=name)
    return desk


def trade_for_a_year(
    trades: int, *, tagged: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Desk:
    """Make a group with so many trades between FIRST and LAST; its tables are analyzed."""
    accounts, contracts = _made()
    given: dict[str, Any] = {
        "name": f"{accounts[0]}-", "trades": trades, "traders": TRADERS, "products": PRODUCTS,
        "weeks": WEEKS, "first": FIRST, "accounts": accounts, "contracts": contracts,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with in_bulk("ledger_trade"):
            for who, account in enumerate(accounts):
                tell(f"making {trades:,} trades: trader {who + 1} of {TRADERS}")
                cursor.execute(_TRADES, {**given, "who": who, "account": account})
            tell("indexes of trades")
        tell("their day results")
        with in_bulk("ledger_dayresult"):
            cursor.execute(_DAYS, given)
        if tagged:
            from journal.models import Layer

            tell("their tags")
            with in_bulk("journal_tradetag"):
                cursor.execute(_TAGS, {**given, "layer": Layer.TAG.value})
        cursor.execute("VACUUM (ANALYZE) ledger_trade, ledger_dayresult, journal_tradetag")
    return Desk(tuple(accounts), trades)


def log_in(account_id: int) -> str:
    """Make a log-in for the trader of this account; return a token."""
    from accounts.models import CustomUser
    from accounts.sessions import open_session
    from common import clock
    from traders.models import PlatformAccount

    trader = PlatformAccount.objects.get(pk=account_id).trader
    name = f"bench{account_id}"
    user = CustomUser(username=name, email=f"{name}@bench.test", group=trader.group, trader=trader)
    user.set_unusable_password()
    user.save()
    return open_session(user, at=clock.now()).access_token


def count_in() -> None:
    """Let the groups' sums count all that was made, as beat does; as autovacuum leaves them."""
    from journal.actions import rolled

    at_once, rolled.AT_ONCE = rolled.AT_ONCE, TRADERS  # nobody waits for what is held meanwhile
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '256MB'")
            rolled.keep()
            cursor.execute("RESET work_mem")
            cursor.execute(
                "VACUUM (ANALYZE) trader_platforms, ledger_groupday, journal_tagday, "
                "journal_countedtrade"
            )
    finally:
        rolled.AT_ONCE = at_once


def _made() -> tuple[list[int], list[int]]:
    """Make the group's accounts and the contracts; return their ids."""
    places = books.places_for(TRADERS * PRODUCTS)
    return (
        list(dict.fromkeys(account for account, _ in places)),
        list(dict.fromkeys(contract for _, contract in places)),
    )
