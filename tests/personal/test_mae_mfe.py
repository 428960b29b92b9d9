"""How far each trade went: its figures, and why they are null where they are."""

from __future__ import annotations

import pytest

from ledger.candles import keep
from ledger.models import Trade
from tests.factories import AT
from tests.personal.charts import CL, ES, OVERNIGHT, bars, trade


@pytest.fixture
def account(desk):
    return desk.ana.trader.accounts.get()


@pytest.fixture
def listed(desk, ask):
    """Return (mae, mfe) of each trade in opening order, and the notes, as every door tells them."""

    def get(*, made=True):
        if made:
            keep(at=AT)
        answer = ask(desk.ana, "trades", sort="closed_at")
        for row in answer["data"]:
            one = ask(desk.ana, f"trades/{row['id']}")["data"]
            chart = ask(desk.ana, f"trades/{row['id']}/chart-data")["data"]["trade"]
            assert (row["mae"], row["mfe"]) == (one["mae"], one["mfe"])
            assert (row["mae"], row["mfe"]) == (chart["mae"], chart["mfe"])
        return [(row["mae"], row["mfe"]) for row in answer["data"]], answer["meta"]["notes"]

    return get


def test_of_the_worked_examples(listed, account):
    bars("ES", ES)
    bars("CL", CL)
    trade(account, "CL", (-1, "70.00", "14:31:05"), (1, "69.90", "14:33:30"))
    trade(account, "ES", (2, "5000", "14:30:20"), (-1, "5003", "14:32:10"),
          (-1, "5001.25", "14:33:40"))  # fmt: skip

    assert listed() == ([(-200.0, 100.0), (0.0, 300.0)], [])


def test_over_night_the_days_are_chained(listed, account):
    bars("ES", OVERNIGHT)
    bars("ES", [("11 00:05", "5002", "5006", "4995", "5003")])
    trade(account, "ES", (1, "5000", "22:30:00"), (-1, "5001", "11 00:10:00"))

    assert listed() == ([(-250.0, 300.0)], [])


def test_each_null_says_why(listed, account):
    bars("ES", ES)
    bars("FGBL", [("14:30", "130", "131", "129", "130.5")])
    trade(account, "ES", (1, "5000", "14:30:20"), (-1, "5001", "14:31:10"))
    trade(account, "CL", (1, "70.00", "14:31:05"), (-1, "69.90", "14:33:30"))
    trade(account, "FGBL", (1, "130", "14:30:10"), (-1, "131", "14:34:00"))

    figures, notes = listed(made=False)
    assert figures == [(None, None)] * 3
    assert notes == [
        "1 trade is held back: no EUR rate for 2026-03-10",
        "mae and mfe of 1 trade are null: no EUR rate for 2026-03-10",
        "mae and mfe of 2 trades are null: the candles are still being made",
    ]

    figures, notes = listed()
    assert figures == [(0.0, 50.0), (None, None), (None, None)]
    assert notes[1:] == [
        "mae and mfe of 1 trade are null: no EUR rate for 2026-03-10",
        "mae and mfe of 1 trade are null: no bars of the contract on the days of the trade",
    ]


def test_a_copied_trade_never_has_any(desk, ask, account):
    trade(account, "ES", (1, "5000", "14:30:20"), (-1, "5001", "14:31:10"))
    Trade.objects.update(is_copied=True)

    (note,) = ask(desk.ana, "trades")["meta"]["notes"]
    assert note == "mae and mfe are null: copied from production without fills"
