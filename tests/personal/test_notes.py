"""What meta.notes says of trades that are held back, and of days that are not reconciled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F

from futures.models import FxRate
from ledger.actions import release_held
from tests.factories import AT, make_event, make_reconciled, make_trade
from tests.personal.conftest import MARCH
from traders.models import PlatformAccount


def test_one_sentence_for_each_missing_day(desk, ask):
    make_trade(desk.ana, symbol="FGBL", day=2)
    make_trade(desk.ana, symbol="FGBL", day=2)
    make_trade(desk.ana, symbol="FDAX", day=3)
    make_trade(desk.bo, symbol="FGBL", day=4)

    for name in ("summary", "performance-by-time", "performance-by-product"):
        notes = ask(desk.ana, name, **MARCH)["meta"]["notes"]
        assert notes[:2] == [
            "2 trades are held back: no EUR rate for 2026-03-02",
            "1 trade is held back: no EUR rate for 2026-03-03",
        ]
    day = {"start_date": "2026-03-03", "end_date": "2026-03-03"}
    assert ask(desk.ana, "performance-by-time", **day)["meta"]["notes"] == [
        "1 trade is held back: no EUR rate for 2026-03-03"
    ]


def test_many_missing_days_are_summed_up(desk, ask):
    for day in range(1, 13):
        make_trade(desk.ana, symbol="FGBL", day=day)

    notes = ask(desk.ana, "performance-by-time", **MARCH)["meta"]["notes"]
    assert len(notes) == 11
    assert notes[-1] == "More trades are held back for 2 other reasons"


def test_a_rate_that_arrives_is_felt_at_once(desk, ask):
    make_trade(desk.ana, symbol="FGBL", pnl="10")
    assert ask(desk.ana, "performance-by-time", **MARCH)["data"] == []

    FxRate.objects.create(currency="EUR", day=date(2026, 3, 2), usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", at=AT)
    found = ask(desk.ana, "performance-by-time", **MARCH)
    assert [day["pnl"] for day in found["data"]] == [11.0]
    assert found["meta"]["notes"] == []


WHY = {
    "skipped": "a fill is in no trade",
    "mismatch": "the provider, or the second feed, says otherwise",
    "unverifiable": "it cannot be told yet whether the books are whole",
}
DAY = {"date": "2026-03-02"}
READINGS = (
    "personal/summary", "personal/traded-products", "personal/performance-by-pnl",
    "personal/win-loss-ratio", "personal/performance-by-time", "personal/performance-by-product",
    "personal/performance-by-tag", "personal/intraday-pnl", "personal/intraday-daily-pnl",
    "personal/trades", "personal/calendar-events", "personal/calendar-events/traded-products",
    "journal/analytics/overview", "journal/analytics/daily-pnl",
)  # fmt: skip


@pytest.mark.parametrize("name", READINGS)
def test_what_stands_on_a_day_that_is_not_reconciled_says_so(desk, as_user, name):
    make_event("CPI", "2026-03-02T13:30Z")
    trade, elsewhere = make_trade(desk.ana), make_trade(desk.bo)
    client, params = as_user(desk.ana), {**MARCH, **DAY}

    def doubts():
        notes = client.get(f"/api/v1/{name}", params).json()["meta"]["notes"]
        return [note for note in notes if "reconciled" in note]

    make_reconciled(trade, "flat", day=date(2026, 3, 1))
    make_reconciled(trade, "open", day=date(2026, 3, 3))
    make_reconciled(trade, "skipped", day=date(2026, 4, 1))
    make_reconciled(elsewhere, "skipped")
    assert doubts() == []
    for state, why in WHY.items():
        row = make_reconciled(trade, state)
        assert doubts() == [f"2026-03-02 is not reconciled: {why}"]
        row.delete()
        PlatformAccount.objects.update(books_version=F("books_version") + 1)
        assert doubts() == []


def test_days_are_counted_once_and_the_worst_comes_first(desk, ask):
    es, cl = make_trade(desk.ana), make_trade(desk.ana, symbol="CL")
    make_trade(desk.ana, symbol="FGBL")
    for day in (5, 4, 9):
        for trade in (es, cl):
            make_reconciled(trade, "mismatch", day=date(2026, 3, day))
    make_reconciled(cl, "skipped", day=date(2026, 3, 10))
    make_reconciled(es, "unverifiable", day=date(2026, 3, 10))

    assert ask(desk.ana, "performance-by-time", **MARCH)["meta"]["notes"] == [
        "1 trade is held back: no EUR rate for 2026-03-02",
        f"2026-03-10 is not reconciled: {WHY['skipped']}",
        f"3 days, the first 2026-03-04, are not reconciled: {WHY['mismatch']}",
        f"2026-03-10 is not reconciled: {WHY['unverifiable']}",
    ]
    only = ask(desk.ana, "performance-by-time", product=es.product_id, **MARCH)["meta"]["notes"]
    assert [note.split(" ")[0] for note in only] == ["3", "2026-03-10"]
