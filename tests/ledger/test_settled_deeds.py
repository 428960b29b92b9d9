"""Whatever changes what is told of past days ends what is kept of them, for everybody.

Each deed below first makes what it needs, and then, after its `yield`, does what has to be felt.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts import persons
from accounts.actions import merge_traders, move_trader
from futures.models import Contract, FxRate
from ledger.actions import (
    follow_accounts,
    refold_accounts,
    release_contract,
    release_held,
    reprice_fees,
    resolve_instrument,
)
from ledger.copying import bring_in, write_copy
from ledger.models import FeeSchedule, Fill, Position, Trade
from ledger.rebuild import rebuild
from ledger.reconciliation import check, keep
from tests.ledger.conftest import AT, make_contract
from tests.ledger.reconciled import sql
from traders.actions import move_account
from traders.models import Group, PlatformAccount

pytestmark = pytest.mark.django_db

MARCH_2 = date(2026, 3, 2)
MOVED = {"by": "olga@desk.test", "at": AT, "source": "console"}


def a_late_fill(books):
    yield
    books.record(books.sell(at="2026-03-02 16:00:00"))


def a_correction(books):
    yield
    books.record(books.sell(price="5002", at="2026-03-02 15:00:00", exec_id="c",
                            action="correct", ref_exec_id="out"))  # fmt: skip


def a_bust(books):
    yield
    books.record(books.fill(-1, at="2026-03-20 15:00:00", action="cancel", ref_exec_id="out"))


def an_instrument(books):
    books.record(books.buy(contract=None), books.sell(contract=None))
    yield
    resolve_instrument(
        platform_id=books.account.platform_id, environment="ext_prod_live", is_option=False,
        instrument_id="i-unknown", contract_id=books.cl.id, at=AT,
    )  # fmt: skip


def a_point_value(books):
    contract = make_contract("CL", "CL May26", date(2026, 5, 1), point_value=None)
    books.record(books.buy(contract=contract), books.sell(contract=contract))
    yield
    Contract.objects.filter(pk=contract.pk).update(point_value=1000)
    release_contract(contract_id=contract.pk, at=AT)


def a_rate(books):
    contract = make_contract("FESX", "FESX Mar26", date(2026, 3, 1))
    books.record(books.buy(contract=contract), books.sell(price="5010", contract=contract))
    yield
    FxRate.objects.create(currency="EUR", day=MARCH_2, usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", at=AT)


def another_rate(books):
    list(a_rate(books))
    yield
    FxRate.objects.update(usd_per_unit=Decimal("1.2"))
    release_held(currency="EUR", days=[MARCH_2], at=AT)


def fees(books):
    group, product = books.account.trader.group, books.es.product
    FeeSchedule.objects.create(group=group, product=product, from_day=MARCH_2, per_side=1)
    yield
    reprice_fees(group_id=group.pk, product_id=product.pk, from_day=MARCH_2, at=AT)


def terms(books):
    Group.objects.update(scratch_ticks=100)
    yield
    refold_accounts([books.account.pk], at=AT)


def a_rebuild(books):
    Trade.objects.update(pnl_usd=1)
    yield
    rebuild(at=AT)


def another_trader(books):
    yield
    move_account(account=books.account, trader=books.other.trader, **MOVED)


def one_trader_of_two(books):
    yield
    merge_traders(kept=books.other.trader, gone=books.account.trader, **MOVED)


def another_group(books):
    group = Group.objects.create(name="Floor two", scratch_ticks=100)
    yield
    follow_accounts(move_trader(trader=books.account.trader, group=group, **MOVED), at=AT)


def erasure(books):
    yield
    persons.erase(persons.person_of_trader(books.account.trader), **MOVED)


def a_verdict(books):
    keep(at=AT)
    sql("DELETE FROM ledger_trade")
    yield
    assert check(at=AT).changed


def a_verdict_withdrawn(books):
    list(a_verdict(books))
    rebuild(at=AT)
    yield
    assert keep(at=AT).changed


def copied(books, folder):
    """Take a copy; afterwards the database is one that has its trades from it."""
    path = write_copy(folder, at=AT, masked=False).path
    for table in (Fill, Position):
        table.objects.all().delete()
    Trade.objects.update(is_copied=True)
    return path


def a_copy_that_tells_otherwise(books, folder):
    path = copied(books, folder)
    Trade.objects.update(pnl_usd=1)
    yield
    bring_in(path, at=AT)


def a_copy_that_tells_no_more(books, folder):
    trade = Trade.objects.get()
    Trade.objects.all().delete()
    path = copied(books, folder)
    trade.is_copied = True
    trade.save(force_insert=True)
    yield
    bring_in(path, at=AT)


def a_copy_of_somebody_elses(books, folder):
    path = copied(books, folder)
    move_account(account=books.account, trader=books.other.trader, **MOVED)
    yield
    bring_in(path, at=AT)


DEEDS = [
    a_late_fill, a_correction, a_bust, an_instrument, a_point_value, a_rate, another_rate, fees,
    terms, a_rebuild, another_trader, one_trader_of_two, another_group, erasure, a_verdict,
    a_verdict_withdrawn,
]  # fmt: skip
COPIES = [a_copy_that_tells_otherwise, a_copy_that_tells_no_more, a_copy_of_somebody_elses]
RAISED = re.compile(r"""(books|settled)_version(?:"\))? \+ (?:1|\()""")


@pytest.mark.parametrize("deed", DEEDS + COPIES, ids=lambda deed: deed.__name__)
def test_what_is_kept_of_past_days_ends(books, deed, tmp_path):
    books.record(
        books.buy(at="2026-03-02 14:30:00", exec_id="in"),
        books.sell(price="5001", at="2026-03-02 15:00:00", exec_id="out"),
    )
    doing = deed(books, tmp_path) if deed in COPIES else deed(books)
    next(doing)
    was = PlatformAccount.objects.get(pk=books.account.pk)
    next(doing, None)
    now = PlatformAccount.objects.get(pk=books.account.pk)
    assert now.books_version > was.books_version
    assert now.settled_version > was.settled_version


def test_no_place_raises_one_version_and_forgets_the_other():
    places = 0
    for app in apps.get_app_configs():
        if Path(app.path).parent != settings.BASE_DIR:
            continue
        for path in Path(app.path).rglob("*.py"):
            found = Counter(RAISED.findall(path.read_text()))
            if "migrations" not in path.parts and found["books"]:
                places += 1
                assert found["settled"] >= found["books"], path
    assert places == 5, "A new place: does a deed above go by it?"
