"""What waited or was held back comes in when the missing fact does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from futures.models import FxRate
from ledger.actions import release_contract, release_held, reprice_fees, resolve_instrument
from ledger.models import DayResult, FeeSchedule, Fill, Position, Trade
from tests.ledger.conftest import AT, make_contract
from tests.ledger.test_record_fills import assert_rebuild_agrees

pytestmark = pytest.mark.django_db


@pytest.fixture
def fesx(books):
    return make_contract("FESX", "FESX Mar26", date(2026, 3, 1))


def rate(day: date, usd: str) -> None:
    FxRate.objects.create(currency="EUR", day=day, usd_per_unit=Decimal(usd))


def test_each_part_is_turned_into_usd_at_the_rate_of_its_own_day(books, fesx):
    rate(date(2026, 3, 2), "1.1")
    rate(date(2026, 3, 3), "1.2")
    books.record(
        books.buy(2, "5000", "2026-03-02 10:00:00", contract=fesx, fees=Decimal("1")),
        books.sell(1, "5010", "2026-03-02 11:00:00", contract=fesx),
        books.sell(1, "5010", "2026-03-03 11:00:00", contract=fesx, fees=Decimal("1")),
    )

    trade = Trade.objects.get()
    assert trade.gross_usd == 100 * Decimal("1.1") + 100 * Decimal("1.2")
    assert trade.fees_usd == Decimal("2.3")
    assert (trade.gross_native, trade.fees_native) == (200, 2)
    assert trade.earlier_usd == Decimal("108.9")


def test_a_missing_rate_holds_the_result_back_and_says_so(books, fesx):
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", contract=fesx),
        books.sell(1, "5010", "2026-03-02 11:00:00", contract=fesx),
    )
    trade = Trade.objects.get()
    assert (trade.pnl_usd, trade.held) == (None, "no EUR rate for 2026-03-02")
    day = DayResult.objects.get()
    assert (day.trade_count, day.held_count, day.realized_held) == (0, 1, True)

    rate(date(2026, 3, 2), "1.1")
    assert release_held(currency="EUR", at=AT) == 1

    assert Trade.objects.get().pnl_usd == 110
    assert DayResult.objects.get().held_count == 0
    assert release_held(at=AT) == 0
    assert_rebuild_agrees()


def test_opening_without_fees_needs_no_rate(books, fesx):
    books.record(books.buy(1, "5000", "2026-03-02 10:00:00", contract=fesx))
    assert (Position.objects.get().held, Position.objects.get().realized_usd) == ("", 0)


def test_an_edited_rate_reprices_its_days_only(books, fesx):
    for day, usd in ((2, "1.1"), (3, "1.1")):
        rate(date(2026, 3, day), usd)
        books.record(
            books.buy(1, "5000", f"2026-03-0{day} 10:00:00", contract=fesx),
            books.sell(1, "5010", f"2026-03-0{day} 11:00:00", contract=fesx),
        )
    FxRate.objects.filter(day=date(2026, 3, 2)).update(usd_per_unit="1.3")

    changed = release_held(currency="EUR", days=[date(2026, 3, 2)], at=AT)

    assert changed == 1
    assert sorted(Trade.objects.values_list("pnl_usd", flat=True)) == [110, 130]


def test_an_unknown_instrument_waits_for_its_contract(books):
    books.record(
        books.buy(exec_id="a", contract=None), books.sell(at="2026-03-02 15:00:00", contract=None)
    )
    given = {
        "platform_id": books.account.platform_id, "environment": "ext_prod_live",
        "instrument_id": "i-unknown", "is_option": False, "at": AT,
    }  # fmt: skip

    assert resolve_instrument(**given, contract_id=None) == 0
    assert resolve_instrument(**given, contract_id=books.es.id) == 2
    assert resolve_instrument(**given, contract_id=books.es.id) == 0

    assert Trade.objects.count() == 1
    assert_rebuild_agrees()


def test_an_unknown_instrument_that_proves_to_be_an_option_is_put_aside(books):
    books.record(books.buy(exec_id="a", contract=None))
    resolve_instrument(
        platform_id=books.account.platform_id, environment="ext_prod_live",
        instrument_id="i-unknown", contract_id=None, is_option=True, at=AT,
    )  # fmt: skip
    assert Fill.objects.get().state == "excluded"


def test_a_contract_without_a_point_value_keeps_its_fills_waiting(books):
    dark = make_contract("NQ", "NQ Mar26", date(2026, 3, 1), point_value=None)
    books.record(
        books.buy(contract=dark), books.sell(contract=dark, price="5001", at="2026-03-02 15:00:00")
    )
    assert set(Fill.objects.values_list("state", flat=True)) == {"waiting"}
    assert release_contract(contract_id=dark.id, at=AT) == 0

    dark.point_value = Decimal(20)
    dark.save()
    assert release_contract(contract_id=dark.id, at=AT) == 2
    assert Trade.objects.get().pnl_usd == 20

    dark.point_value = Decimal(2)  # the provider mended its own mistake
    dark.save()
    release_contract(contract_id=dark.id, at=AT)
    assert Trade.objects.get().pnl_usd == 2


def test_untold_fees_come_from_the_groups_schedule(books):
    group = books.account.trader.group
    product = books.es.product
    FeeSchedule.objects.create(
        group=group, product=product, from_day=date(2026, 3, 1), per_side=Decimal("2.5")
    )
    for day in (2, 3):
        books.record(
            books.buy(2, at=f"2026-03-0{day} 10:00:00"),
            books.sell(2, at=f"2026-03-0{day} 11:00:00", fees=Decimal("0")),
        )
    assert list(Trade.objects.order_by("closed_ns").values_list("fees_usd", flat=True)) == [5, 5]

    FeeSchedule.objects.create(
        group=group, product=product, from_day=date(2026, 3, 3), per_side=Decimal("1")
    )
    changed = reprice_fees(
        group_id=group.id, product_id=product.id, from_day=date(2026, 3, 3), at=AT
    )

    assert changed == 1
    assert list(Trade.objects.order_by("closed_ns").values_list("fees_usd", flat=True)) == [5, 2]


def test_a_scratch_tolerance_is_counted_in_ticks(books):
    group = books.account.trader.group
    group.scratch_ticks = 1
    group.save()
    books.record(
        books.buy(2, "5000", "2026-03-02 10:00:00"),
        books.sell(2, "5000.25", "2026-03-02 10:01:00"),
        books.buy(2, "5000", "2026-03-02 11:00:00"),
        books.sell(2, "5000.50", "2026-03-02 11:01:00"),
    )
    assert list(Trade.objects.order_by("closed_ns").values_list("outcome", flat=True)) == [0, 1]
