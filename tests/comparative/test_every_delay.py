"""Every reading of a group covers whole days, up to the delay."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.comparative.test_every_reading import every, make_trade, trades_in
from tests.factories import make_event, make_trader


@every
@pytest.mark.parametrize(
    ("day", "days", "through"), [(3, 1, "2026-03-02"), (3, 0, "2026-03-03"), (2, 1, "2026-03-01")]
)
def test_covers_whole_days_up_to_the_delay(desk, read, settings, name, day, days, through):
    settings.COMPARATIVE_DELAY_DAYS = days
    for number in (1, 2, 3):
        make_event("CPI", f"2026-03-{number:02}T12:30Z", event_type="cpi")
        make_trade(make_trader(desk.group), day=number)
    with time_machine.travel(datetime(2026, 3, day, 23, 59, tzinfo=UTC)):
        found = read(desk.ana, f"comparative/{name}")
    assert trades_in(found) == int(through[-1])
    assert found["meta"]["data_through"] == through
    assert found["meta"]["end_date"] == "2026-03-31"
