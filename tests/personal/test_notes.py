"""What meta.notes says of trades that are held back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from futures.models import FxRate
from ledger.actions import release_held
from tests.factories import AT, make_trade
from tests.personal.conftest import MARCH


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
