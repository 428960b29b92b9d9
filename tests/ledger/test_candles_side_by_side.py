"""Keepers beside each other and beside writers, and what a crash leaves."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ledger.actions import record_fills
from ledger.candles import keep, kept, rebuild_all, todo
from ledger.models import CandlesDue, DayCandle, Trade
from ledger.tasks import keep_candles
from tests.factories import make_account, make_bar
from tests.ledger.candle_books import check
from tests.ledger.conftest import AT, NS, ns
from tests.ledger.test_candles_against_twin import START
from tests.ledger.test_candles_kept import everything
from tests.ledger.test_side_by_side import closing

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def some_fills(books, chance, count):
    start = ns("2026-03-02 20:00:00")
    return [
        books.fill(
            chance.choice((1, -1)), chance.randint(1, 3), str(100 + chance.randint(-8, 8)),
            executed_ns=start + n * 700 * NS, exec_id=f"e{n:03}",
            contract=chance.choice((books.es, books.cl)),
            account_id=chance.choice(books.accounts).pk,
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def desk(books):
    books.accounts = [books.account, make_account(books.account.trader), books.other]
    return books


def test_writers_and_keepers_at_once_end_in_what_the_twin_says(desk, monkeypatch):
    monkeypatch.setattr(kept, "ACCOUNT_DAYS", 2)
    chance = random.Random(7)
    fills = some_fills(desk, chance, 160)

    def trade():
        for start in range(0, len(fills), 8):
            record_fills(fills[start : start + 8], at=AT)

    def quote(contract):
        for step in range(24):
            make_bar(contract, START + step * timedelta(hours=1), str(100 + chance.randint(-9, 9)))

    def work():
        for _ in range(8):
            keep(at=AT)

    jobs = [trade, lambda: quote(desk.es), lambda: quote(desk.cl), work, work, rebuild_all]
    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(closing, jobs))
    keep(at=AT)

    assert not CandlesDue.objects.exists()
    assert Trade.objects.exists()
    assert DayCandle.objects.exists()
    check()


def test_a_crash_anywhere_leaves_the_days_due(desk, monkeypatch):
    record_fills(some_fills(desk, random.Random(3), 30), at=AT)
    make_bar(desk.es, START, "101")
    marked = CandlesDue.objects.count()
    assert marked > 1
    for place in ("tell_accounts", "lock_desks", "days_of", "settle"):
        with monkeypatch.context() as broken:
            broken.setattr(todo, place, crash)
            with pytest.raises(Crash):
                keep(at=AT)
        assert CandlesDue.objects.count()
        assert not DayCandle.objects.exists()
    keep(at=AT)
    check()
    before = everything()
    with pytest.raises(Crash):
        bar_and_crash(desk.es)
    assert not CandlesDue.objects.exists()
    keep(at=AT)
    assert everything() == before


def test_a_second_worker_does_nothing_meanwhile(desk):
    record_fills(some_fills(desk, random.Random(3), 30), at=AT)
    make_bar(desk.es, START, "101")
    with transaction.atomic():
        kept.alone(wait=True)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(closing, keep_candles).result(timeout=30)
    assert CandlesDue.objects.exists()
    assert not DayCandle.objects.exists()
    keep_candles()
    assert not CandlesDue.objects.exists()
    check()
    connection.close()


class Crash(BaseException):
    """Nothing can catch it: the process is gone."""


@transaction.atomic
def bar_and_crash(contract):
    make_bar(contract, START, "105")
    raise Crash


def crash(*_, **__):
    raise Crash
