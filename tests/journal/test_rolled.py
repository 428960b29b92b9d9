"""A group's sums by tag are, at every moment and for whatever accounts, what a join gives."""

from __future__ import annotations

import random
from datetime import date
from itertools import product

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.access import Accounts
from common.api import Period
from journal import actions
from journal.actions import rolled
from journal.models import CountedTrade, Tag, TagDay, TradeTag
from journal.queries.rolled import atoms_of_group, sums_of_group
from journal.queries.tagged import sums_by_set, sums_by_set_and_day
from ledger.models import Trade
from ledger.rebuild import rebuild
from tests.factories import AT, make_group, make_trade, make_trader
from tests.journal.steps import journal_of
from traders.actions import merge, move_account
from traders.models import PlatformAccount

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
BY = {"by": "olga@desk.test", "at": AT}


def sql(statement, *given):
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall() if cursor.description else []


def holds():
    """Assert that nothing is amiss, and return how many trades are counted."""
    assert rolled.check() == rolled.Mended((), ())
    return CountedTrade.objects.count()


def same(account_ids, period=MARCH):
    """Assert that the sums tell of these accounts what the join does, and return it."""
    accounts = Accounts(tuple(account_ids), "")
    told = sums_of_group(accounts=accounts, period=period)
    assert told == sums_by_set(accounts=accounts, period=period, custom=False)
    own = tuple(account_ids[:1])
    atoms = atoms_of_group(accounts=accounts, period=period, own=own)
    assert atoms == sums_by_set_and_day(accounts=accounts, period=period, own=own)
    return told


def put(trade, *tags):
    actions.tagging._put({trade.id: trade.account_id}, tags, at=AT)


@pytest.fixture
def floor(db):
    """Six traders of a group, with a tagged trade each, the first also on another day."""
    group = make_group("Floor")
    found = [make_trader(group) for _ in range(6)]
    for n, trader in enumerate(found):
        put(make_trade(trader, pnl=f"{25 * (n + 1)}"), 6, 8 + n % 2)
    put(make_trade(found[0], pnl="12.5", day=3), 6, 9)
    make_trade(found[0], day=3)
    rolled.keep()
    return found


@pytest.fixture
def ids(floor):
    return [trader.accounts.get().pk for trader in floor]


def test_readings_of_any_accounts_are_those_of_the_join(floor, ids, django_assert_num_queries):
    stranger = make_trade(make_trader(make_group("Elsewhere")))
    put(stranger, 7)
    assert holds() == 7
    with django_assert_num_queries(2):
        told = sums_of_group(accounts=Accounts(tuple(ids), ""), period=MARCH)
    assert sum(one.trade_count for one in told) == 7
    for those in (ids, ids[1:], [*ids, stranger.account_id], [*ids[2:], stranger.account_id],
                  ids[:1], [stranger.account_id], []):  # fmt: skip
        same(those)
    assert same(ids, Period(date(2026, 3, 3), date(2026, 3, 3)))
    assert same(ids, Period(date(2025, 3, 3), date(2025, 3, 3))) == ()


def test_it_is_not_the_join_that_answers(ids):
    TagDay.objects.update(pnl_usd=1)
    told = sums_of_group(accounts=Accounts(tuple(ids), ""), period=MARCH)
    assert told != sums_by_set(accounts=Accounts(tuple(ids), ""), period=MARCH, custom=False)
    CountedTrade.objects.update(pnl_usd=1)
    atoms = atoms_of_group(accounts=Accounts(tuple(ids), ""), period=MARCH, own=())
    assert {one.pnl for one in atoms} <= {1, 2, 3}


def test_a_plan_that_others_overtook_is_made_anew(ids, monkeypatch):
    from journal.queries import rolled as reading

    plan = reading._plan
    first = []

    def overtaken(account_ids):
        made = plan(account_ids)
        if not first:
            first.append(made)
            rolled.roll(ids[:1], group_id=None)
        return made

    monkeypatch.setattr(reading, "_plan", overtaken)
    same(ids)
    assert reading._read(first[0], MARCH) is None


def test_many_rows_become_one_and_none(ids):
    TradeTag.objects.filter(account=ids[0]).delete()
    before = same(ids)
    rolled.compact()
    assert same(ids) == before
    assert not TagDay.objects.filter(is_sum=False).exists()
    assert TagDay.objects.count() == 2
    TradeTag.objects.all().delete()
    rolled.compact()
    assert not TagDay.objects.exists()
    assert holds() == 0


def test_statements_of_every_kind_are_followed(floor, ids):
    trade = Trade.objects.filter(account=ids[0]).earliest("closed_ns")
    TradeTag.objects.filter(trade=trade).delete()
    put(trade, 6)
    for statement in (
        "WITH gone AS (DELETE FROM journal_tradetag RETURNING *) INSERT INTO journal_tradetag "
        "(account_id, trade_id, tag_id, tagged_at) "
        "SELECT account_id, trade_id, tag_id + 1, tagged_at FROM gone",
        "UPDATE journal_tradetag SET tag_id = tag_id + 1 WHERE tag_id = 7",
        "UPDATE ledger_trade SET pnl_usd = NULL WHERE closed_on = '2026-03-03'",
        "UPDATE ledger_trade SET pnl_usd = 7, closed_on = closed_on + 1 WHERE pnl_usd IS NULL",
        "UPDATE ledger_trade SET mae_usd = 0",
        "INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at) "
        "SELECT account_id, id, 9, now() FROM ledger_trade "
        "ON CONFLICT DO NOTHING",
        "DELETE FROM ledger_trade WHERE closed_on = '2026-03-02'",
    ):
        sql(statement)
        holds()
        assert same(ids), statement
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE journal_tradetag")
    assert holds() == 0
    assert not TagDay.objects.exists()


def test_a_custom_tag_counts_where_it_hangs(desk):
    trade = make_trade(desk.ana)
    own = Tag.objects.create(trader=desk.ana.trader, parent_id=6, layer=3, name="mine")
    put(trade, own.pk)
    rolled.keep()
    put(trade, 7)
    assert [one.tags for one in same([trade.account_id])] == [(6, 7)]
    journal = journal_of(desk.ana)
    actions.change_tag(journal=journal, tag_id=own.pk, name="mine", parent_id=7)
    assert [one.tags for one in same([trade.account_id])] == [(7,)]
    assert holds() == 1
    actions.change_tag(journal=journal, tag_id=own.pk, name="mine", parent_id=8)
    actions.delete_tag(journal=journal, tag_id=own.pk, **BY)
    assert [one.tags for one in same([trade.account_id])] == [(7,)]
    assert holds() == 1


def test_who_moves_opts_out_or_is_archived_is_read_rightly_before_and_after(floor, ids):
    other = make_trader(make_group("Other"))
    mine = make_trade(other)
    put(mine, 9)
    move_account(account=floor[0].accounts.get(), trader=other, **BY)
    merge(kept=floor[1], gone=floor[2], **BY)
    floor[3].opt_out = True
    floor[3].save()
    floor[4].is_archived = True
    floor[4].save()
    before = [same(those) for those in (ids, ids[1:3], ids[5:], [mine.account_id, ids[0]])]
    assert rolled.keep().accounts == 4
    homes = dict(PlatformAccount.objects.values_list("id", "rolled_group_id"))
    assert [homes[one] for one in ids] == [
        other.group_id, floor[1].group_id, floor[1].group_id, None, None, floor[5].group_id,
    ]  # fmt: skip
    assert [same(those) for those in (ids, ids[1:3], ids[5:], [mine.account_id, ids[0]])] == before
    holds()
    assert rolled.keep() == rolled.Kept(0, 0)


def test_what_does_not_hold_is_told_and_mended(ids):
    before = same(ids)
    CountedTrade.objects.filter(account=ids[1]).update(pnl_usd=1)
    TagDay.objects.filter(pk=TagDay.objects.earliest("pk").pk).delete()
    group_id = PlatformAccount.objects.get(pk=ids[0]).rolled_group_id
    assert rolled.check() == rolled.Mended((ids[1],), (group_id,))
    assert holds() == 7
    assert same(ids) == before
    sql("UPDATE journal_tagday SET trade_count = 5")
    rolled.rebuild()
    assert holds() == 7
    assert same(ids) == before


def test_sums_beyond_all_measure_stop_nobody(floor, ids):
    """Two trades of nine trillion USD in one day and set: more than 64 bits of millionths hold."""
    most = 9 * 10**12
    trades = [make_trade(trader, day=9) for trader in floor[:3]]
    put(trades[0], 6)
    put(trades[1], 6)
    sql("UPDATE ledger_trade SET pnl_usd = %s WHERE closed_on = '2026-03-09'", most * 10**6)
    assert same(ids)[0].pnl == 2 * most
    rolled.roll(ids, group_id=None)
    rolled.keep()
    put(trades[2], 6)
    rolled.compact()
    sql("DELETE FROM journal_tagday WHERE day = '2026-03-09'")
    assert rolled.check().groups
    assert holds() == 10
    assert same(ids)[0].pnl == 3 * most
    assert same(ids[1:])[0].pnl == 2 * most


def test_the_way_back_and_forth_leaves_the_sums(floor, ids):
    for number, name in enumerate(("0006_tag_rollup", "0007_tag_sums_unbounded")):
        before = same(ids)
        MigrationExecutor(connection).migrate([("journal", name)])
        assert same(ids) == before
        put(make_trade(floor[0], day=4 + number), 6)
        assert holds() == 8 + number
    kinds = sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                "WHERE attrelid = 'journal_tagday'::regclass AND attname = 'pnl_usd'")  # fmt: skip
    assert kinds == [("numeric(40,0)",)]


def test_a_rebuild_of_the_books_leaves_the_sums(ids):
    before = same(ids)
    rebuild(at=AT)
    assert same(ids) == before
    assert holds() == 7


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_whoever_writes_at_once_nothing_is_lost(at_once):
    """Tags by hand and by statement, results that change, rows made few, accounts that come and go;
    no statement here holds an account by itself: the triggers do."""
    trader = make_trader(make_group("Race"), accounts=2)
    ids = [account.pk for account in trader.accounts.order_by("id")]
    trades = [make_trade(account) for account in trader.accounts.order_by("id") for _ in range(2)]
    rolled.keep()
    group_id = trader.group_id

    def write(seed):
        chance = random.Random(seed)
        deeds = [
            *(lambda t=t, g=g: sql(
                "INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at) "
                "VALUES (%s, %s, %s, now()) ON CONFLICT DO NOTHING",
                t.account_id, t.id, g) for t, g in product(trades, (6, 7))),
            *(lambda t=t: sql("DELETE FROM journal_tradetag WHERE trade_id = %s", t.id)
              for t in trades),
            *(lambda t=t, n=n: sql("UPDATE ledger_trade SET pnl_usd = %s WHERE id = %s", n, t.id)
              for t, n in product(trades, (None, 5))),
            rolled.compact,
            rolled.compact,
            lambda: rolled.roll(ids[:1], group_id=None),
            lambda: rolled.roll(ids, group_id=group_id),
        ]  # fmt: skip
        for _ in range(60):
            with transaction.atomic():
                chance.choice(deeds)()

    def read():
        for _ in range(60):
            found = sql(
                "SELECT sum(n) FROM (SELECT trade_count AS n FROM journal_tagday UNION ALL "
                "SELECT -1 FROM journal_countedtrade) s"
            )
            assert found[0][0] in (0, None)

    at_once(lambda number: write(number) if number < 3 else read(), 4)
    holds()
    same(ids)
