"""What is said of days that cannot be priced: those with prices, and no others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from common.api import Period
from futures.models import FxRate
from ledger.candles import day_candles, keep
from tests.factories import make_bar
from tests.ledger.conftest import AT, make_contract

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


def test_a_missing_rate_is_told_for_days_with_prices_alone(books):
    bund = make_contract("FGBL", "FGBL Jun26", date(2026, 6, 1))
    books.record(books.buy(1, "130", "2026-03-06 10:00:00", contract_id=bund.pk))
    for day in (FRIDAY, MONDAY):
        make_bar(bund, f"{day}T10:00Z", "130")
    FxRate.objects.create(currency="EUR", day=FRIDAY, usd_per_unit=Decimal("1.08"))
    keep(at=AT)

    told = day_candles(account_ids=(books.account.id,), period=Period(FRIDAY, date(2199, 1, 1)))

    assert told.notes == (f"Candles are held back: no EUR rate for {MONDAY}",)
    assert {row.day for row in told.rows} == {FRIDAY}
