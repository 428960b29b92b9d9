"""Writers beside each other: pollers that deliver the same fills, and a rebuild in between."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from futures.models import FxRate
from ledger.actions import record_fills, release_held
from ledger.models import Fill, Trade
from ledger.rebuild import rebuild
from tests.ledger.conftest import AT, NS, make_contract, ns
from tests.ledger.test_record_fills import assert_rebuild_agrees, everything

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def closing(call):
    """Run in a thread of its own, with a connection of its own."""
    try:
        return call()
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(3))
def test_many_writers_of_the_same_fills_book_each_once(books, seed):
    chance = random.Random(seed)
    start = ns("2026-03-02 22:00:00")
    fills = [
        books.fill(
            chance.choice((1, -1)), chance.randint(1, 3), Decimal(chance.randint(-8, 8)) / 4,
            executed_ns=start + n * 40 * NS, exec_id=f"e{n:03}",
            contract=chance.choice((books.es, books.cl)),
            account_id=chance.choice((books.account.id, books.other.id)),
        )
        for n in range(300)
    ]  # fmt: skip
    jobs = []
    for _ in range(4):
        order = fills[:]
        chance.shuffle(order)
        batches = [order[n : n + 25] for n in range(0, len(order), 25)]
        jobs.append(lambda batches=batches: [record_fills(b, at=AT).new for b in batches])
    jobs.append(lambda: [rebuild(at=AT) for _ in range(5)])

    with ThreadPoolExecutor(len(jobs)) as pool:
        news = list(pool.map(closing, jobs))

    assert sum(map(sum, news[:4])) == Fill.objects.count() == len(fills)
    assert_rebuild_agrees()


def test_a_rate_that_comes_while_its_fills_do_holds_nothing_back_for_good(books):
    fesx = make_contract("FESX", "FESX Mar26", date(2026, 3, 1))
    start = ns("2026-03-02 10:00:00")
    rounds = [
        (
            books.buy(1, "5000", executed_ns=start + 2 * n * NS, contract=fesx),
            books.sell(1, "5001", executed_ns=start + (2 * n + 1) * NS, contract=fesx),
        )
        for n in range(40)
    ]

    def set_rate():
        FxRate.objects.create(currency="EUR", day=date(2026, 3, 2), usd_per_unit="1.1")
        release_held(currency="EUR", days=[date(2026, 3, 2)], at=AT)

    def trade():
        for pair in rounds:
            record_fills(pair, at=AT)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(closing, (trade, set_rate)))
    release_held(at=AT)  # what every poll of rates ends with

    assert set(Trade.objects.values_list("pnl_usd", flat=True)) == {Decimal(11)}
    before = everything()
    rebuild(at=AT)
    assert everything() == before
