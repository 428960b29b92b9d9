"""A day figure that changes after its day was over is written down: what, why, by which fill."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.api import Page, Period
from futures.models import FxRate
from ledger.actions import (
    record_fills,
    refold_accounts,
    release_contract,
    release_held,
    reprice_fees,
    resolve_instrument,
)
from ledger.history import Figures, restatements
from ledger.models import DayResult, FeeSchedule, Restatement, Trade
from ledger.rebuild import rebuild
from tests.ledger.conftest import make_contract, ns

pytestmark = pytest.mark.django_db

D1, D2, D3 = (date(2026, 3, day) for day in (2, 3, 4))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def told(books):
    """Book a round trip of each of three days in its order, every evening."""
    for day in (2, 3, 4):
        fills = [
            books.buy(1, "5000", f"2026-03-0{day} 10:00:00", exec_id=f"in{day}"),
            books.sell(1, "5001", f"2026-03-0{day} 11:00:00", exec_id=f"out{day}"),
        ]
        record_fills(fills, at=at(f"2026-03-0{day} 20:00"))
    assert not Restatement.objects.exists()
    return books


def rows():
    return [
        (row.day, row.reason, row.exec_id, row.was_pnl_usd, row.pnl_usd)
        for row in Restatement.objects.order_by("number")
    ]


def test_growth_is_no_restatement_however_late_it_is_read(books):
    """A poll that was down reads on Thursday what the provider had on Monday."""
    fills = [
        fill
        for day in (2, 3, 4)
        for fill in (
            books.buy(1, "5000", f"2026-03-0{day} 10:00:00"),
            books.sell(1, "5001", f"2026-03-0{day} 11:00:00"),
        )
    ]
    for start in range(0, 6, 3):  # the second batch begins in a day that is told already
        record_fills(fills[start : start + 3], at=at("2026-03-05 09:00"))

    assert DayResult.objects.count() == 3
    assert rows() == []


def test_a_fill_before_the_last_one_is_late(told):
    late = [told.buy(1, "4990", "2026-03-02 12:00:00", exec_id="late")]
    late += [told.sell(1, "4992", "2026-03-02 12:01:00", exec_id="later")]
    record_fills(late, at=at("2026-03-04 21:00"))

    assert rows() == [(D1, "late", "later", 50, 150)]


def test_a_fill_received_after_its_day_is_late(told):
    fills = [
        told.buy(1, "5000", "2026-03-04 12:00:00", exec_id="a"),
        told.sell(
            1, "5004", "2026-03-04 12:01:00", exec_id="b", received_ns=ns("2026-03-05 00:00:01")
        ),
    ]
    record_fills(fills, at=at("2026-03-05 00:01"))

    assert rows() == [(D3, "late", "b", 50, 250)]


def test_the_day_itself_is_never_restated(told):
    """On its own day a figure grows, though fills come out of order; days before it do not."""
    record_fills(
        [told.buy(1, "5000", "2026-03-04 09:00:00"), told.sell(1, "5009", "2026-03-04 09:01:00")],
        at=at("2026-03-04 23:59"),
    )
    assert rows() == []


def test_a_bust_names_its_own_row(told):
    bust = told.buy(
        1, "5000", "2026-03-03 10:00:00", exec_id="bust", ref_exec_id="in3", action="cancel"
    )
    record_fills([bust], at=at("2026-03-05 08:00"))

    # What is left of the third is sold short and bought back on the fourth: another trade, which
    # makes of that day what it was.
    assert rows() == [(D2, "bust", "bust", 50, 0)]
    assert Trade.objects.filter(closed_on=D2).count() == 0


def test_a_correction_names_its_own_row(told):
    fix = told.sell(
        1, "5003", "2026-03-02 11:00:00", exec_id="fix", ref_exec_id="out2", action="correct"
    )
    record_fills([fix], at=at("2026-03-05 08:00"))

    assert rows() == [(D1, "correction", "fix", 50, 150)]


def test_each_day_names_the_latest_cause_up_to_it(told):
    batch = [
        told.buy(1, "5000", "2026-03-02 12:00:00", exec_id="one"),
        told.sell(
            1, "5001", "2026-03-04 11:00:00", exec_id="two", ref_exec_id="out4", action="cancel"
        ),
    ]
    record_fills(batch, at=at("2026-03-05 08:00"))

    # On the first day the late fill only opened: its figures stand.
    assert [row[:3] for row in rows()] == [(D2, "late", "one"), (D3, "bust", "two")]


def test_a_trade_that_ends_on_another_day_leaves_nothing_and_makes_something(books):
    record_fills(
        [
            books.buy(1, "5000", "2026-03-02 10:00:00"),
            books.sell(1, "5002", "2026-03-02 11:00:00", exec_id="out"),
        ],
        at=at("2026-03-02 20:00"),
    )
    move = books.sell(
        1, "5002", "2026-03-03 11:00:00", exec_id="moved", ref_exec_id="out", action="correct"
    )
    record_fills([move], at=at("2026-03-05 08:00"))

    assert rows() == [(D1, "correction", "moved", 100, 0), (D2, "correction", "moved", None, 100)]
    first, second = Restatement.objects.order_by("number")
    assert (first.was_trade_count, first.trade_count) == (1, 0)
    assert (second.was_realized_usd, second.realized_usd) == (None, 100)


def test_rates(books):
    fesx = make_contract("FESX", "FESX Mar26", date(2026, 3, 1))
    for day in (2, 3):
        record_fills(
            [
                books.buy(1, "5000", f"2026-03-0{day} 10:00:00", contract=fesx),
                books.sell(1, "5010", f"2026-03-0{day} 11:00:00", contract=fesx),
            ],
            at=at(f"2026-03-0{day} 12:00"),
        )
        FxRate.objects.create(currency="EUR", day=date(2026, 3, day), usd_per_unit=Decimal("1.1"))
    # The second one was told only today.
    release_held(currency="EUR", at=at("2026-03-03 17:00"))
    assert rows() == [(D1, "rate", None, 0, 110)]
    assert Restatement.objects.get().was_held_count == 1

    FxRate.objects.filter(day=D2).update(usd_per_unit=Decimal("1.2"))
    release_held(currency="EUR", days=[D2], at=at("2026-03-06 09:00"))
    assert rows()[1:] == [(D2, "rate", None, 110, 120)]


def test_a_rate_that_follows_history_in_is_growth_and_after_a_late_fill_is_not(books):
    fesx = make_contract("FESX", "FESX Mar26", date(2026, 3, 1))
    pair = [
        books.buy(1, "5000", "2026-03-02 10:00:00", contract=fesx),
        books.sell(1, "5010", "2026-03-02 11:00:00", contract=fesx),
        books.buy(1, "5000", "2026-03-03 10:00:00", contract=fesx),
        books.sell(1, "5010", "2026-03-03 11:00:00", contract=fesx),
    ]
    record_fills(pair, at=at("2026-03-08 12:00"))
    FxRate.objects.create(currency="EUR", day=D1, usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", at=at("2026-03-08 12:10"))
    assert rows() == []

    late = [
        books.buy(1, "5000", "2026-03-03 08:00:00", contract=fesx, exec_id="a"),
        books.sell(1, "5010", "2026-03-03 09:00:00", contract=fesx, exec_id="b"),
    ]
    record_fills(late, at=at("2026-03-08 13:00"))
    FxRate.objects.create(currency="EUR", day=D2, usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", at=at("2026-03-08 13:10"))
    assert rows() == [(D2, "late", "b", 0, 0), (D2, "rate", None, 0, 220)]


def test_fees_and_terms(told):
    group, product = told.account.trader.group, told.es.product
    FeeSchedule.objects.create(group=group, product=product, from_day=D3, per_side=Decimal("1"))
    reprice_fees(group_id=group.id, product_id=product.id, from_day=D3, at=at("2026-03-09 09:00"))
    assert rows() == [(D3, "fees", None, 50, 48)]

    FeeSchedule.objects.update(from_day=D1)
    refold_accounts([told.account.id], at=at("2026-03-09 10:00"))
    assert rows()[1:] == [(D1, "terms", None, 50, 48), (D2, "terms", None, 50, 48)]


def test_an_instrument_that_was_unknown_over_the_day(books):
    waits = {"contract": None, "instrument_id": "i-unknown"}
    record_fills(
        [
            books.buy(1, "5000", "2026-03-02 10:00:00", **waits),
            books.sell(1, "5001", "2026-03-02 11:00:00", exec_id="last", **waits),
        ],
        at=at("2026-03-02 12:00"),
    )
    given = {
        "platform_id": books.account.platform_id, "environment": "ext_prod_live",
        "instrument_id": "i-unknown", "is_option": False, "contract_id": books.es.id,
    }  # fmt: skip
    resolve_instrument(**given, at=at("2026-03-03 09:00"))
    assert rows() == [(D1, "instrument", "last", None, 50)]

    # History that waits a few minutes is history.
    record_fills(
        [
            books.buy(1, "5000", "2026-03-03 10:00:00", **waits),
            books.sell(1, "5001", "2026-03-03 11:00:00", **waits),
        ],
        at=at("2026-03-05 12:00"),
    )
    resolve_instrument(**given, at=at("2026-03-05 12:10"))
    assert len(rows()) == 1

    books.es.point_value = Decimal(500)
    books.es.save()
    release_contract(contract_id=books.es.id, at=at("2026-03-06 12:10"))
    assert rows()[1:] == [(D1, "instrument", None, 50, 500), (D2, "instrument", None, 50, 500)]


def test_a_rebuild_tells_only_what_it_mends(told):
    rebuild(at=at("2026-03-09 09:00"))
    assert rows() == []

    Trade.objects.filter(closed_on=D2).update(pnl_usd=Decimal(7))
    DayResult.objects.filter(day=D2).update(pnl_usd=Decimal(7))
    rebuild(at=at("2026-03-09 10:00"))
    assert rows() == [(D2, "rebuild", None, 7, 50)]


def test_copied_days_stay_as_they_are(told):
    """The fold of an account keeps what was copied; nothing of it is restated."""
    Trade.objects.filter(closed_on=D1).update(is_copied=True)
    copied = Trade.objects.values().get(closed_on=D1)
    Trade.objects.filter(is_copied=True).update(account=told.other)
    DayResult.objects.filter(day=D1).update(account=told.other)
    rebuild(at=at("2026-03-09 09:00"), account_ids=[told.other.id])
    assert rows() == []
    assert Trade.objects.values().get(is_copied=True) == {**copied, "account_id": told.other.id}


def test_statements_do_not_grow_with_days_and_causes(told):
    def cost(minute: int, days: list[int]) -> int:
        late = [
            fill
            for day in days
            for n in range(3)
            for fill in (
                told.buy(1, "5000", f"2026-03-0{day} 12:{minute:02}:{n:02}"),
                told.sell(1, "5001", f"2026-03-0{day} 12:{minute:02}:{n + 10:02}"),
            )
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            record_fills(late, at=at("2026-03-09 08:00"))
        return len(queries)

    assert cost(1, [2]) == cost(2, [2, 3, 4])
    assert Restatement.objects.count() == 4


def test_they_can_be_asked_for(told):
    for number, day in enumerate((2, 3)):
        record_fills(
            [
                told.buy(1, "5000", f"2026-03-0{day} 12:00:00", exec_id=f"a{day}"),
                told.sell(1, "5002", f"2026-03-0{day} 12:00:10", exec_id=f"b{day}"),
            ],
            at=at(f"2026-03-0{8 + number} 09:00"),
        )
    ours = {"account_ids": [told.account.id]}
    page = Page(1, 10)
    (latest, first), count = restatements(**ours, page=page)
    assert count == 2
    assert (latest.day, latest.exec_id, latest.leg_index) == (D2, "b3", 0)
    assert (latest.account, latest.contract, latest.product) == ("A1", "ES Mar26", "ES")
    assert latest.trader_id == told.account.trader_id
    was = Figures(Decimal(50), Decimal(50), Decimal(0), Decimal(50), 1, 0)
    became = Figures(Decimal(150), Decimal(150), Decimal(0), Decimal(150), 2, 0)
    assert (latest.was, latest.became) == (was, became)

    assert restatements(**ours, page=Page(2, 1)) == ((first,), 2)
    assert restatements(**ours, page=page, days=Period(D1, D1)) == ((first,), 1)
    assert restatements(**ours, page=page, restated=Period(date(2026, 3, 9), date(2026, 3, 9))) == (
        (latest,), 1,
    )  # fmt: skip
    assert restatements(account_ids=[told.other.id], page=page) == ((), 0)
