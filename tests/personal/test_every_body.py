"""What each personal endpoint answers, word for word; the examples in the schema look like it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from futures.models import FxRate
from ledger.candles import keep
from personal import day_example, examples
from tests.factories import AT, make_bar, make_event
from tests.personal.test_every_reading import DAY_FILLS, PARAMS
from tests.seeded import SNAP_AT, snap_trades
from tests.snapshots import matches_snapshot, shape

_DAY_FILLS = day_example.DAY_FILLS["data"]  # the rest of its shape: test_day_fills.py
EXAMPLES = {
    "summary": examples.SUMMARY,
    "traded-products": examples.TRADED_PRODUCTS,
    "performance-by-pnl": examples.PERFORMANCE_BY_PNL,
    "win-loss-ratio": examples.WIN_LOSS_RATIO,
    "performance-by-time": examples.PERFORMANCE_BY_TIME,
    "performance-by-product": examples.PERFORMANCE_BY_PRODUCT,
    "performance-by-tag": examples.PERFORMANCE_BY_TAG,
    "positions": examples.POSITIONS,
    "intraday-pnl": examples.INTRADAY_PNL,
    "intraday-daily-pnl": examples.INTRADAY_DAILY_PNL,
    "trades": examples.TRADES,
    DAY_FILLS: {**day_example.DAY_FILLS, "data": {**_DAY_FILLS, "open": [], "unused": []}},
    "calendar-events": examples.CALENDAR_EVENTS,
    "calendar-events/traded-products": examples.TRADED_PRODUCTS,
    "trades/{id}": examples.TRADE,
    "trades/{id}/chart-data": examples.CHART_DATA,
}


@pytest.fixture
def snapped(desk):
    later, start = snap_trades(desk), SNAP_AT
    make_bar(later, start.replace(second=0, microsecond=0), "5011", volume=7)
    FxRate.objects.create(currency="EUR", day=start.date(), usd_per_unit=Decimal("1.08"))
    make_event("CPI", "2026-03-02T13:30Z", event_type="cpi", id=217, actual="0.3%")
    make_event("Rates", "2026-03-18T18:00Z", event_type="fomc", id=218)
    keep(at=AT)
    return desk


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_body(snapped, ask, name):
    params = PARAMS.get(name, {})
    trade_id = ask(snapped.ana, "trades")["data"][-1]["id"]
    body = ask(snapped.ana, name.replace("{id}", trade_id), **params)

    assert body["meta"]["trader"] == snapped.ana.trader_id
    body["meta"]["trader"] = 12  # the only number that differs from run to run
    assert matches_snapshot(
        f"personal/{name.replace('/{id}', '-id').replace('/chart-data', '-chart-data')}", body
    )
    assert shape(EXAMPLES[name]) == shape(body), "the example in the schema is out of date"
