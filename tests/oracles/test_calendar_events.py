"""Results around events against the oracle's books, which are kept from fills alone."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from futures.models import CalendarEvent
from tests.factories import make_event
from tests.oracles import figures
from tests.oracles.test_whole_api import readings, same
from traders.models import PlatformAccount

pytestmark = pytest.mark.django_db
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
EDGES = ("2026-03-08T07:00Z", "2026-03-10T00:00Z", "2026-03-11T23:59Z", "2026-03-29T01:00Z")
WINDOWS = ({}, {"before": 45, "after": 45}, {"after": 1440})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60 * 10**9


@pytest.fixture
def events(oracle) -> list[CalendarEvent]:
    """Ten events: at midnight, where the clocks change, to the microsecond of closing fills."""
    chance = random.Random(9)
    closed = [trade.cycle.last.ns for those in oracle.trades.values() for trade in those]
    instants = [EPOCH + timedelta(microseconds=ns // 1000) for ns in chance.sample(closed, 6)]
    instants += map(datetime.fromisoformat, EDGES)
    for number, at in enumerate(instants):
        make_event(f"Event {number}", (at + timedelta(minutes=45 * (number % 3 - 1))).isoformat())
    return list(CalendarEvent.objects.order_by("at", "name"))


def trades_of(event, trades, window):
    if not window:
        return [trade for trade in trades if trade.day == event.at.date()]
    middle = (event.at - EPOCH) // timedelta(microseconds=1) * 1000
    first = middle - window.get("before", 0) * MINUTE
    last = middle + window.get("after", 0) * MINUTE
    return [trade for trade in trades if first <= trade.cycle.last.ns <= last]


def around(events, trades, window):
    rows = []
    for event in events:
        heaps = defaultdict(list)
        for trade in trades_of(event, trades, window):
            heaps[trade.product].append(trade)
        whole = [trade for heap in heaps.values() for trade in heap]
        products = [
            {"product": name, "pnl": figures.cents(figures.total(heap)), "trade_count": len(heap)}
            for name, heap in sorted(
                heaps.items(), key=lambda item: (-abs(figures.total(item[1])), item[0])
            )
        ]
        rows.append(
            {
                "event": {"id": event.pk},
                "pnl": figures.cents(figures.total(whole)),
                "trade_count": len(whole),
                "products": products,
            }
        )
    return rows


def test_around_events(desk, oracle, events, as_user):
    def ask(user, address, **params):
        answer = as_user(user).get(f"/api/v1/{address}", {**MARCH, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()["data"]

    live = PlatformAccount.objects.filter(
        trader__group=desk.group, trader__is_archived=False, is_sim=False
    )
    peers = live.exclude(trader=desk.otto.trader)
    rooms = [(desk.cora, "personal", who, accounts) for _, who, accounts in readings(desk)]
    rooms += [(desk.cora, "comparative", {}, live), (desk.ana, "comparative", {}, peers)]
    for user, room, who, accounts in rooms:
        trades = oracle.of(accounts, date.min, date.max)
        for window in WINDOWS:
            where = f"{user.username} {room} {who} {window} "
            rows = ask(user, f"{room}/calendar-events", **who, **window)
            listed = ask(user, f"{room}/calendar-events/traded-products", **who, **window)
            expected = around(events, trades, window)
            same(expected if accounts else [], rows, where)
            names = {row["product"] for one in expected for row in one["products"]}
            same(sorted(names), [row["symbol"] for row in listed], where)
