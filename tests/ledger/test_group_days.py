"""A group's sums by day are, at every moment, what the day results of whom they count come to."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger import group_days
from ledger.models import DayResult, GroupDay
from ledger.rebuild import rebuild
from tests.factories import AT, make_group, make_trade, make_trader
from traders.models import PlatformAccount

SUMS = """
SELECT group_id, day, product_id, sum(pnl_usd), sum(trade_count) FROM ledger_groupday
GROUP BY 1, 2, 3 HAVING sum(pnl_usd) <> 0 OR sum(trade_count) <> 0"""
RESULTS = """
SELECT a.rolled_group_id, d.day, d.product_id, sum(d.pnl_usd), sum(d.trade_count)
FROM ledger_dayresult d JOIN trader_platforms a ON a.id = d.account_id
WHERE a.rolled_group_id IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(d.trade_count) <> 0"""
DIFFERENCE = f"SELECT * FROM (({SUMS} EXCEPT {RESULTS}) UNION ALL ({RESULTS} EXCEPT {SUMS})) x"


def sql(statement, *given):
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall() if cursor.description else []


def home(account_ids, group):
    sql("UPDATE trader_platforms SET rolled_group_id = %s WHERE id = ANY(%s)", group,
        list(account_ids))  # fmt: skip


def holds():
    """Assert that nothing is amiss, and return how many trades the sums count."""
    assert sql(DIFFERENCE) == []
    assert group_days.mend() == ()
    return sum(one.trade_count for one in GroupDay.objects.all())


@pytest.fixture
def floor(books):
    """Two groups; four accounts of the first, with trades on two days in two products."""
    group, other = make_group("Floor"), make_group("Other")
    ids = []
    for n in range(4):
        trader = make_trader(group)
        for symbol in ("ES", "CL"):
            make_trade(trader, pnl=str(50 * (n + 1)), symbol=symbol)
        ids.append(make_trade(trader, pnl="-12.5", day=3).account_id)
    return group.pk, other.pk, ids


def test_they_follow_folds_corrections_and_homes(floor, books):
    """Random fills, late ones, busts, and moves from group to group; rows made few in between."""
    group, other, ids = floor
    chance, sent = random.Random(7), []
    home(ids, group)
    assert holds() == 12
    for _ in range(40):
        match chance.randrange(6):
            case 0:
                some = chance.sample([*ids, books.account.pk], 2)
                home(some, chance.choice((group, other, None)))
            case 1:
                group_days.compact()
            case 2 if sent:
                one = chance.choice(sent)
                books.record(replace(one, exec_id=f"bust {one.exec_id}", action="cancel",
                                          ref_exec_id=one.exec_id))  # fmt: skip
            case _:
                for _ in range(chance.randint(1, 3)):
                    price, minute = chance.randint(4990, 5010), chance.randint(0, 59)
                    at = f"2026-03-{chance.randint(1, 4):02} 10:{minute:02}:00"
                    side = chance.choice((1, -1))
                    account = chance.choice([*ids, books.account.pk])
                    sent.append(books.fill(side, 1, price, at, account_id=account))
                    books.record(sent[-1])
        holds()
    assert holds() > 0
    was = sql(SUMS)
    rebuild(at=AT)
    assert sorted(sql(SUMS)) == sorted(was)
    group_days.compact()
    assert sorted(sql(SUMS)) == sorted(was)
    assert not GroupDay.objects.filter(is_sum=False).exists()
    assert len(was) == GroupDay.objects.count()


def test_statements_of_every_kind_are_followed(floor):
    group, other, ids = floor
    home(ids[:3], group)
    home(ids[3:], other)
    for statement in (
        "UPDATE ledger_dayresult SET pnl_usd = pnl_usd + 7, day = day + 40",
        "UPDATE ledger_dayresult SET fees_usd = 1",
        "UPDATE ledger_dayresult SET trade_count = 0, pnl_usd = 0 WHERE pnl_usd < 0",
        f"UPDATE ledger_dayresult SET account_id = {ids[3]}, day = day + 20 "
        f"WHERE account_id = {ids[0]}",
        "INSERT INTO ledger_dayresult SELECT * FROM ledger_dayresult ON CONFLICT "
        "(account_id, day, contract_id) DO UPDATE SET trade_count = 3, pnl_usd = -1",
        "WITH gone AS (DELETE FROM ledger_dayresult RETURNING *) INSERT INTO ledger_dayresult "
        "SELECT (jsonb_populate_record(NULL::ledger_dayresult, to_jsonb(g) || "
        "jsonb_build_object('day', g.day + 9))).* FROM gone g",
        f"UPDATE trader_platforms SET rolled_group_id = NULL WHERE rolled_group_id = {other}",
        f"DELETE FROM ledger_dayresult WHERE account_id = {ids[1]}",
    ):
        sql(statement)
        assert sql(DIFFERENCE) == [], statement
    assert holds() > 0
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE ledger_dayresult")
    assert holds() == 0
    assert not GroupDay.objects.exists()


def test_what_does_not_hold_is_mended(floor):
    group, other, ids = floor
    home(ids, group)
    was = sorted(sql(SUMS))
    GroupDay.objects.filter(pk=GroupDay.objects.earliest("pk").pk).delete()
    GroupDay.objects.filter(pk=GroupDay.objects.latest("pk").pk).update(trade_count=5)
    day = DayResult.objects.earliest("day")
    GroupDay.objects.create(group_id=other, day=day.day, product=day.product, pnl_usd=9,
                            trade_count=1)  # fmt: skip
    assert group_days.mend() == (group, other)
    assert sorted(sql(SUMS)) == was
    assert holds() == 12


def test_absurd_results_of_two_stop_nobody(floor):
    group, _, ids = floor
    home(ids, group)
    DayResult.objects.filter(account__in=ids[:2]).update(pnl_usd=Decimal(2**63 - 1).scaleb(-6))
    holds()
    home(ids, None)
    assert holds() == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_whoever_writes_at_once_nothing_is_lost(at_once):
    """Results written, changed and deleted, accounts that come and go, rows made few; no statement
    here holds an account by itself: the triggers do."""
    group, other = make_group("Race").pk, make_group("Other").pk
    trader = make_trader(make_group("Own"), accounts=2)
    ids = [account.pk for account in trader.accounts.order_by("id")]
    for account in PlatformAccount.objects.filter(pk__in=ids):
        for day in (2, 3):
            make_trade(account, day=day)
    rows = list(DayResult.objects.values_list("account_id", "day"))
    home(ids, group)
    again = (
        "INSERT INTO ledger_dayresult SELECT (jsonb_populate_record(d, jsonb_build_object("
        "'day', d.day + %s::int))).* FROM ledger_dayresult d WHERE account_id = %s AND day = %s "
        "ON CONFLICT DO NOTHING"
    )

    def mended():
        assert group_days.mend() == ()

    def write(seed):
        chance = random.Random(seed)
        deeds = [
            *(lambda a=a, d=d: sql("UPDATE ledger_dayresult SET pnl_usd = pnl_usd + 1 "
                                   "WHERE account_id = %s AND day = %s", a, d) for a, d in rows),
            *(lambda a=a, d=d, n=n: sql(again, n, a, d) for a, d in rows for n in (7, 8)),
            *(lambda a=a, n=n: sql("DELETE FROM ledger_dayresult WHERE account_id = %s "
                                   "AND day = %s", a, f"2026-03-{n:02}")
              for a in ids for n in (9, 10, 11)),
            group_days.compact, group_days.compact, mended,
            *(lambda a=a, g=g: home([a], g) for a in ids for g in (None, group, other)),
            *(lambda a=a, g=g: home([a], g) for a in ids for g in (group, other)),
        ]  # fmt: skip
        for _ in range(80):
            with transaction.atomic():
                chance.choice(deeds)()

    def read():
        for _ in range(60):
            assert sql(DIFFERENCE) == []

    at_once(lambda number: write(number) if number < 3 else read(), 4)
    holds()
