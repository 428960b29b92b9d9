"""What stands beside a reading: in one statement what several say."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.access import Accounts
from common.api import Period
from ledger import queries
from ledger.models import Trade
from tests.factories import make_reconciled, make_trade

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize("period", [MARCH, Period(date(2026, 3, 3), date(2026, 3, 3)), None])
@pytest.mark.parametrize("some", [(), (0,)])
def test_it_is_what_is_held_back_and_the_last_day(desk, django_assert_num_queries, period, some):
    for day in (2, 3):
        make_reconciled(make_trade(desk.ana, day=day))
    trade = make_trade(desk.ana, day=4)
    make_reconciled(trade)
    peers = make_trade(desk.bo, day=9)
    Trade.objects.filter(pk__in=(trade.pk, peers.pk)).update(pnl_usd=None, held="no rate")
    make_trade(desk.ana, day=3, side=-1)
    products = tuple(trade.product_id for _ in some)
    asked = {"accounts": Accounts((trade.account_id,), "0"), "period": period, "products": products}

    with django_assert_num_queries(1):
        found = queries.state(**asked)

    held = queries.held_back(**asked)
    assert held
    assert found == (queries.last_day(accounts=asked["accounts"]), held)
    assert queries.state(**asked, side=trade.side) == found
    of_other = queries.state(**asked, side=-trade.side)[1]
    assert of_other == tuple(one for one in held if "held back" not in one)
