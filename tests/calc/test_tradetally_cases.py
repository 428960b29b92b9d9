"""TradeTally's published calculation cases, as far as they speak of what we compute."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from calc.matching import match
from calc.metrics import win_loss
from calc.money import usd_micros
from tests.calc.real import document, micros, nanos
from tests.calc.twins import as_fills

SOURCE = "tradetally_calculation_contracts.json"

# Every case of the file is either taken below or named here with its reason.
LEFT_OUT = {
    "option_contract_multiplier": "options are kept but stay out of positions",
    "short_option_expired_worthless": "options; an expiry is no fill",
    "ibkr_double_recorded_cost": "options; mends one broker's doubled cost column",
    "chart_stock_long_measurement": "percent of a stock's value: a future has no such basis",
    "chart_stock_short_measurement": "percent of a stock's value",
    "broker_fee_application": "fees come with the fill or the group's schedule, never mixed per"
    " trade; the schedule belongs to the ledger",
    "dollar_breakeven_tolerance": "a scratch tolerance is set in ticks here, and by the caller",
    "csv_import_cases": "foreign files belong to the importers, mostly stocks and options",
    "r_value": "no stop or target is known of a fill",
}
# Of a stock, but the same arithmetic with a point value of 1
ENGINE = {
    "stock_long_round_trip",
    "stock_short_round_trip",
    "future_point_value",
    "fifo_partial_exits",
    "grouped_executions",
}
CHART = {"chart_future_point_value_measurement"}
WHOLE = {"analytics_summary"}


def cases(section):
    return {case["id"]: case for case in document(SOURCE)[section]}


def fills_of(case):
    """Return fill rows of both forms of an execution: one side each, or entry and exit in one."""
    long = case["side"] == "long"
    rows = []
    for n, row in enumerate(case["executions"]):
        cost = micros(Decimal(row["commission"]) + Decimal(row["fees"]))
        if "action" in row:
            sign = 1 if row["action"] == "buy" else -1
            rows.append((row["datetime"], n, sign * row["quantity"], row["price"], cost))
        else:  # its cost is told once: put on the exit
            sign = 1 if long else -1
            rows.append((row["entryTime"], n, sign * row["quantity"], row["entryPrice"], 0))
            rows.append((row["exitTime"], n, -sign * row["quantity"], row["exitPrice"], cost))
    rows.sort(key=lambda row: row[:2])
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        (0, signed, nanos(price), cost, (datetime.fromisoformat(at) - epoch).days)
        for at, _, signed, price, cost in rows
    ]


def usd(scaled):
    return Decimal(int(scaled)).scaleb(-6)


def test_every_case_is_taken_or_left_out_with_a_reason():
    whole = document(SOURCE)
    lists = ("pnl_engine_cases", "chart_pnl_measurement_cases")
    named = {case["id"] for section in lists for case in whole[section]}
    assert named | (set(whole) - set(lists)) == ENGINE | CHART | WHOLE | set(LEFT_OUT)


@pytest.mark.parametrize("name", sorted(ENGINE))
def test_engine_case(name):
    case = cases("pnl_engine_cases")[name]
    expected = case["expected"]["aggregate"]
    cycles = match(as_fills(fills_of(case["input"]))).cycles
    gross = usd_micros(cycles.gross_points, Decimal(case["input"].get("pointValue", 1)))

    assert sum(usd(x) for x in gross - cycles.fees) == Decimal(expected["pnl"])
    assert sum(usd(x) for x in cycles.fees) == Decimal(expected["commission"]) + Decimal(
        expected["fees"]
    )
    assert sum(cycles.quantity.tolist()) == expected["quantity"]
    assert cycles.closed.all() == expected["is_fully_closed"]
    entry = Decimal(sum(cycles.entry_points.tolist())) / sum(cycles.quantity.tolist())
    assert round(entry.scaleb(-9), 10) == round(Decimal(expected["entry_price"]), 10)
    out = Decimal(sum(cycles.exit_points.tolist())) / sum(cycles.closed_quantity.tolist())
    assert round(out.scaleb(-9), 10) == round(Decimal(expected["exit_price"]), 10)


def test_partial_exits_realise_first_in_first_out():
    """40 then 120 gross. Their net spreads entry costs over exits; ours takes a fee on its day."""
    case = cases("pnl_engine_cases")["fifo_partial_exits"]
    rows = fills_of(case["input"])
    apart = [(*row[:4], day) for day, row in enumerate(rows)]  # a day each shows each exit alone
    realised = [usd(x) for x in usd_micros(match(as_fills(apart)).parts.gross_points, Decimal(1))]
    assert realised[1:] == case["expected"]["gross_realized_pnl"][1:]


def test_chart_measurement_of_a_future():
    case = cases("chart_pnl_measurement_cases")["chart_future_point_value_measurement"]
    given = case["input"]
    entry = (0, given["quantity"], nanos(given["entry_price"]), 0, 0)
    leave = (0, -given["quantity"], nanos(given["exit_price"]), 0, 0)
    cycles = match(as_fills([entry, leave])).cycles
    gross = usd_micros(cycles.gross_points, Decimal(given["point_value"]))
    assert [usd(x) for x in gross] == [case["expected"]["dollar_pnl"]]


def test_analytics_summary():
    """The third trade loses 2.00 by its fees alone; told to be a scratch, it is one."""
    given = document(SOURCE)["analytics_summary"]
    expected = given["expected"]
    pnl = [Decimal(trade["pnl"]) for trade in given["trades"]]
    record = win_loss(pnl=pnl, outcomes=[1, 1, 0])

    assert sum(pnl) == Decimal(expected["total_pnl"])
    assert record.trade_count == expected["total_trades"]
    assert record.win_count == expected["winning_trades"]
    assert record.loss_count == expected["losing_trades"]
    assert record.scratch_count == expected["breakeven_trades"]
    assert record.win_rate is not None
    assert np.isclose(100 * record.win_rate, float(expected["win_rate"]))
    assert record.win_count / (record.win_count + record.loss_count) * 100 == 100
