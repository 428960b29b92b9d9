"""What was made around events, against one trade after the other; the ends of days and windows."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import to_ns
from futures.models import CalendarEvent
from futures.queries import Window
from ledger.windows import days_of, whole_day
from tests.factories import close_trade, make_contract, make_event, make_trade, make_user
from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "calendar-events"
PRODUCTS = "calendar-events/traded-products"
WINDOWS = [
    {}, {"before": 30}, {"after": 15}, {"before": 0, "after": 0}, {"before": 600, "after": 600},
    {"before": 1440, "after": 1440},
]  # fmt: skip
# The clocks change in New York and in Frankfurt, a day begins and ends.
EDGES = [
    "2026-03-08T06:59Z", "2026-03-08T07:00Z", "2026-03-29T01:00Z", "2026-03-12T00:00Z",
    "2026-03-12T23:59Z", "2026-03-12T23:59:59.999999Z", "2026-03-31T23:59Z", "2026-03-01T00:00Z",
]  # fmt: skip


def seed_events(books, seed) -> list[CalendarEvent]:
    """Enter events at the edges, at closings, minutes from closings, and two at one instant."""
    chance = random.Random(seed)
    instants = [datetime.fromisoformat(edge) for edge in EDGES]
    for trade in chance.sample(books, 12):
        stray = timedelta(minutes=chance.choice([-600, -15, 0, 30, 600, 1440]))
        instants.append(trade.closed_at + stray)
    instants.append(instants[-1])
    for number, at in enumerate(instants):
        make_event(
            f"Event {number:02}", at.isoformat(),
            event_type=chance.choice(["cpi", "fomc", "gdp"]),
            country=chance.choice(["US", "EU"]),
            importance=chance.choice(["low", "medium", "high"]),
        )  # fmt: skip
    return list(CalendarEvent.objects.order_by("at", "country", "name"))


def trades_of(event, trades, before=None, after=None):
    """The slow way: one trade after the other, in nanoseconds."""
    if before is None and after is None:
        return [t for t in trades if t.closed_on == event.at.astimezone(UTC).date()]
    minute = 60 * 10**9
    first = to_ns(event.at) - (before or 0) * minute
    last = to_ns(event.at) + (after or 0) * minute
    return [t for t in trades if first <= t.closed_ns <= last]


def by_event(events, trades, **window):
    rows = []
    for event in events:
        those = trades_of(event, trades, **window)
        heaps = defaultdict(list)
        for trade in those:
            heaps[trade.product].append(trade.pnl_usd)
        rows.append(
            {
                "event": event.pk,
                "pnl": cents(sum(trade.pnl_usd for trade in those)),
                "trade_count": len(those),
                "products": [
                    {
                        "product": product.symbol,
                        "product_id": product.id,
                        "pnl": cents(sum(heap)),
                        "trade_count": len(heap),
                    }
                    for product, heap in sorted(
                        heaps.items(), key=lambda one: (-abs(sum(one[1])), one[0].symbol)
                    )
                ],
            }
        )
    return rows


def traded(events, trades, **window):
    found = {t.product for event in events for t in trades_of(event, trades, **window)}
    return [{"symbol": one.symbol, "id": one.id} for one in sorted(found, key=lambda p: p.symbol)]


def around(events, trades, **window):
    """Each trade once, however many events it is near to."""
    return list({t.id: t for event in events for t in trades_of(event, trades, **window)}.values())


def numbered(answer):
    return [row | {"event": row["event"]["id"]} for row in answer["data"]]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_slow_way(desk, ask, seed, window):
    books = seed_books(desk, seed, fills=20)
    events = seed_events(books, seed)
    es, cl = (make_contract(symbol).product_id for symbol in ("ES", "CL"))
    march = [event for event in events if event.at.month == 3]
    some = [e for e in march if e.event_type in ("cpi", "gdp") and e.importance == "high"]
    european = [e for e in march if e.country == "EU" and 5 <= e.at.day <= 20]
    cases: list[Any] = [
        (desk.ana, {}, march, of(desk.ana, books)),
        (desk.ana, {"sim": "true"}, march, of(desk.ana, books, sim=True)),
        (desk.bo, {"event_type": ["cpi", "gdp"], "importance": "high"}, some, of(desk.bo, books)),
        (
            desk.otto,
            {"country": "EU", "start_date": "2026-03-05", "end_date": "2026-03-20"},
            european, of(desk.otto, books),
        ),
        (desk.ana, {"product": [es, cl]}, march, of(desk.ana, books, products=(es, cl))),
    ]  # fmt: skip
    for user, params, wanted, mine in cases:
        asked = {**MARCH, **params, **window}
        shown = ask(user, URL, **asked)
        listed = ask(user, PRODUCTS, **asked)

        assert numbered(shown) == by_event(wanted, priced(mine), **window)
        assert listed["data"] == traded(wanted, mine, **window)
        held = held_notes(around(wanted, mine, **window))
        assert shown["meta"]["notes"] == listed["meta"]["notes"] == held


@pytest.fixture
def event(desk):
    return make_event("CPI", "2026-03-11T12:30Z", event_type="cpi")


def counts(answer):
    return [row["trade_count"] for row in answer["data"]]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"before": 30, "after": 15}, 4),
        ({"before": 30}, 3),  # `after` is 0 then
        ({"after": 15}, 2),
        ({"before": 0, "after": 0}, 1),
        ({}, 6),
    ],
    ids=str,
)
def test_both_ends_belong_to_a_window_to_the_nanosecond(desk, event, ask, asked, count):
    close_trade(desk.ana, "2026-03-11T12:00Z", nanoseconds=-1)
    close_trade(desk.ana, "2026-03-11T12:00Z", symbol="CL")
    close_trade(desk.ana, "2026-03-11T12:10Z", symbol="GC")
    close_trade(desk.ana, "2026-03-11T12:30Z", symbol="SI")
    close_trade(desk.ana, "2026-03-11T12:45Z", symbol="HG")
    close_trade(desk.ana, "2026-03-11T12:45Z", symbol="NG", nanoseconds=1)
    assert counts(ask(desk.ana, URL, **MARCH, **asked)) == [count]


def test_a_window_reaches_over_midnight_and_over_the_period(desk, ask):
    make_event("First", "2026-03-01T00:05Z")
    make_event("Last", "2026-03-31T23:50Z")
    close_trade(desk.ana, "2026-02-28T23:55Z", symbol="CL", pnl="1")
    close_trade(desk.ana, "2026-03-01T09:00Z", symbol="GC", pnl="2")
    close_trade(desk.ana, "2026-04-01T00:10Z", symbol="ES", pnl="4")

    assert [row["pnl"] for row in ask(desk.ana, URL, **MARCH)["data"]] == [2.0, 0.0]
    near = {"before": 30, "after": 30, **MARCH}
    assert [row["pnl"] for row in ask(desk.ana, URL, **near)["data"]] == [1.0, 4.0]
    assert [row["symbol"] for row in ask(desk.ana, PRODUCTS, **near)["data"]] == ["CL", "ES"]


def test_events_without_a_trade_and_events_of_one_day(desk, event, ask):
    make_event("Claims", "2026-03-11T12:30Z")
    make_event("Rates", "2026-03-18T18:00Z")
    close_trade(desk.ana, "2026-03-11T20:00Z", pnl="-7")

    rows = ask(desk.ana, URL, **MARCH)["data"]
    assert [(row["event"]["name"], row["pnl"]) for row in rows] == [
        ("CPI", -7.0), ("Claims", -7.0), ("Rates", 0.0),
    ]  # fmt: skip
    assert rows[2]["products"] == []
    assert ask(desk.bo, URL, **MARCH)["data"][0]["trade_count"] == 0
    assert ask(make_user("una", group=desk.group), URL, **MARCH)["data"] == []


BAD = [
    ("before", "1441"), ("before", "-1"), ("before", "1.5"), ("before", ""),
    ("before", ["1", "2"]), ("after", "10000000000000000000"), ("after", "soon"),
    ("event_type", "wheat"), ("country", "XX"), ("importance", "vast"), ("product", "999999"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD)
@pytest.mark.parametrize("name", [URL, PRODUCTS])
def test_a_bad_parameter_is_refused_by_name(desk, as_user, name, field, value):
    answer = as_user(desk.ana).get(f"/api/v1/personal/{name}", {**MARCH, field: value})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert field in answer.json()["error"]


@pytest.mark.parametrize("name", [URL, PRODUCTS])
def test_the_calendar_and_the_books_are_felt_while_the_cache_is_warm(desk, event, ask, name):
    asked = {**MARCH, "before": 60}
    cold = ask(desk.ana, name, **asked)
    assert ask(desk.ana, name, **asked) == cold

    close_trade(desk.ana, "2026-03-11T12:15Z")
    traded = ask(desk.ana, name, **asked)
    assert traded["data"] != cold["data"]
    event.at += timedelta(days=1)
    event.save()
    assert ask(desk.ana, name, **asked)["data"] != traded["data"]


@pytest.mark.parametrize("events", [1, 25])
@pytest.mark.parametrize(("name", "cold"), [(URL, 6), (PRODUCTS, 5)])
def test_what_a_window_costs_cold_and_warm(
    desk, as_user, django_assert_num_queries, name, cold, events
):
    for number in range(events):
        make_event(f"Event {number}", f"2026-03-{number + 1:02}T08:00Z")
        make_trade(desk.ana, day=number + 1, symbol=("ES", "CL", "GC")[number % 3])
    asked, client = {**MARCH, "after": 720}, as_user(desk.ana)
    # scope, edition, events, sums, state of the books; what products are called, or in the sums
    with django_assert_num_queries(cold):
        client.get(f"/api/v1/personal/{name}", asked)
    with django_assert_num_queries(2):  # scope, edition
        client.get(f"/api/v1/personal/{name}", asked)


INSTANTS = st.integers(2 * 86_400 * 10**6, 7_258_000_000 * 10**6).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
MINUTES = st.integers(0, 1440)


@given(INSTANTS, MINUTES, MINUTES)
def test_a_window_in_nanoseconds_is_the_window_in_minutes(at, before, after):
    first, last = Window(before, after).around(at)
    assert first == to_ns(at - timedelta(minutes=before))
    assert last == to_ns(at + timedelta(minutes=after))
    days = days_of((first, last))
    assert days[0] == (at - timedelta(minutes=before)).date()
    assert days[-1] == (at + timedelta(minutes=after)).date()
    assert whole_day(days[0])[0] <= first <= last <= whole_day(days[-1])[1]
    assert all(days_of(whole_day(day)) == [day] for day in days)
