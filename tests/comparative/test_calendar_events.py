"""The group around events: against one trade after the other, who sees whom, and no day is cut."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from futures.models import CalendarEvent
from ledger.windows import whole_day
from tests.comparative.teams import make_team
from tests.comparative.twins import money, others
from tests.factories import close_trade, make_contract, make_event, make_trader
from tests.personal.conftest import MARCH, cents, held_notes, priced
from tests.personal.test_calendar_events import trades_of

URL = "comparative/calendar-events"
PRODUCTS = "comparative/calendar-events/traded-products"
WINDOWS = [{}, {"before": 30}, {"before": 200, "after": 200}, {"before": 1440, "after": 1440}]
pytestmark = pytest.mark.django_db


def cell(event, trades, window, *, least, own):
    """The slow way to one product around one event: (its trades, whether they are hidden)."""
    inside = trades_of(event, trades, **window)
    if not least:
        return inside, False
    if not window:
        return inside, 0 < len(others(inside, own)) < least
    days = {event.at.date() + timedelta(days=n) for n in (-1, 0, 1)}
    first, last = (
        event.at - timedelta(minutes=window.get("before", 0)),
        event.at + timedelta(minutes=window.get("after", 0)),
    )
    for day in days:
        if not first.date() <= day <= last.date():
            continue
        theirs = [t for t in trades if t.closed_on == day and t.account.trader_id != own]
        early = [t for t in theirs if t.closed_at < first]
        late = [t for t in theirs if t.closed_at > last]
        cut = len(early) not in (0, len(theirs)) or len(late) not in (0, len(theirs))
        if 0 < len(others(theirs, own)) < least or cut:
            return [], True
    return inside, False


def by_event(events, trades, window, **rule):
    rows = []
    for event in events:
        cells = {
            product: cell(event, [t for t in trades if t.product == product], window, **rule)
            for product in {trade.product for trade in trades}
        }
        cells = {product: found for product, found in cells.items() if any(found)}
        told = [those for those, hidden in cells.values() if not hidden]
        whole = [trade for those in told for trade in those]
        silent = bool(cells) and not told
        products = [
            {
                "product": product.symbol,
                "product_id": product.id,
                "pnl": None if hidden else cents(money(those)),
                "trade_count": None if hidden else len(those),
                "suppressed": hidden,
            }
            for product, (those, hidden) in cells.items()
        ]
        products.sort(key=lambda row: (row["suppressed"], -abs(row["pnl"] or 0), row["product"]))
        rows.append(
            {
                "event": event.pk,
                "products": products,
                "pnl": None if silent else cents(money(whole)),
                "trade_count": None if silent else len(whole),
                "suppressed": silent,
            }
        )
    return rows


def traded(rows, events, trades, window, *, own, least):
    """Symbols of the rows that are told, and of the viewer's own trades; of all without a rule."""
    near = [t for event in events for t in trades_of(event, trades, **window)]
    own_or_all = [t for t in near if not least or t.account.trader_id == own]
    told = {row["product"] for one in rows for row in one["products"] if not row["suppressed"]}
    return sorted(told | {trade.product.symbol for trade in own_or_all})


def seed_events(books, seed) -> list[CalendarEvent]:
    chance = random.Random(seed)
    instants = [
        datetime.fromisoformat(f"2026-03-0{day}T{clock}Z")
        for day, clock in ((3, "00:00"), (4, "23:59"), (5, "10:00"), (5, "10:00"), (6, "09:20"))
    ]
    for trade in chance.sample(books, min(6, len(books))):
        stray = timedelta(minutes=chance.choice([-200, 0, 30, 200]))
        instants.append(trade.closed_at + stray)
    for number, at in enumerate(instants):
        make_event(f"Event {number:02}", at.isoformat(), event_type=chance.choice(["cpi", "gdp"]))
    return list(CalendarEvent.objects.order_by("at", "country", "name"))


def numbered(answer):
    return [row | {"event": row["event"]["id"]} for row in answer["data"]]


@pytest.mark.parametrize(("size", "seed"), [(1, 1), (2, 2), (5, 3), (12, 4)])
def test_agrees_with_the_slow_way(read, size, seed):
    team = make_team(size, seed)
    events = seed_events(team.books, seed)
    only = make_contract("CL", "Jun26").product_id
    for least in (0, 1, 3):
        team.group.min_cohort = least
        team.group.save()
        for user in team.users if least else team.peers:
            rule = {"least": 0 if user.is_admin else least, "own": user.trader_id}
            for window in WINDOWS:
                _same(read, user, events, team.visible(user), window, rule)
        some = [event for event in events if event.event_type == "cpi"]
        rule = {"least": least, "own": team.ana.trader_id}
        those = [t for t in team.visible(team.ana) if t.product_id == only]
        _same(read, team.ana, some, those, {"after": 90}, rule, event_type="cpi", product=only)


def _same(read, user, events, trades, window, rule, **params):
    shown = read(user, URL, **window, **params)
    listed = read(user, PRODUCTS, **window, **params)
    expected = by_event(events, priced(trades), window, **rule)
    assert numbered(shown) == expected
    symbols = [row["symbol"] for row in listed["data"]]
    assert symbols == traded(expected, events, trades, window, **rule)
    if not rule["least"]:
        near = {t.id: t for event in events for t in trades_of(event, trades, **window)}
        assert shown["meta"]["notes"] == held_notes(list(near.values()))
        assert listed["meta"]["notes"] == held_notes(list(near.values()))


def test_who_counts_and_who_may_ask(desk, read, as_user, api):
    make_event("CPI", "2026-03-11T12:30Z", event_type="cpi")
    for pnl, user in (("1", desk.ana), ("2", desk.bo), ("4", desk.otto), ("8", desk.sven)):
        close_trade(user, "2026-03-11T12:45Z", pnl=pnl)
    close_trade(make_trader(desk.group, is_archived=True), "2026-03-11T12:45Z", pnl="16")

    for window in ({}, {"after": 15}):
        seen = {
            user.username: read(user, URL, **window)["data"][0]["pnl"]
            for user in (desk.ana, desk.bo, desk.cora, desk.sven)
        }
        assert seen == {"ana": 3.0, "bo": 3.0, "cora": 7.0, "sven": 8.0}
    for name in (URL, PRODUCTS):
        answer = as_user(desk.otto).get(f"/api/v1/{name}", MARCH)
        assert (answer.status_code, answer.json()["code"]) == (403, "opted_out")
        assert api.get(f"/api/v1/{name}", MARCH).status_code == 401
    desk.bo.opt_out = True
    desk.bo.save()
    assert read(desk.ana, URL)["data"][0]["pnl"] == 1.0


def test_covers_whole_days_up_to_the_delay(desk, as_user):
    make_event("Early", "2026-03-10T23:50Z")
    make_event("Today", "2026-03-11T12:30Z")
    close_trade(desk.ana, "2026-03-10T23:55Z", pnl="1")
    close_trade(desk.ana, "2026-03-11T00:05Z", pnl="2")

    def pnl(at, **window):
        with time_machine.travel(datetime.fromisoformat(at), tick=True):
            answer = as_user(desk.ana).get(f"/api/v1/{URL}", {**MARCH, **window}).json()
        assert answer["meta"]["end_date"] == "2026-03-31"
        return answer["meta"]["data_through"], [row["pnl"] for row in answer["data"]]

    assert pnl("2026-03-11T20:00Z") == ("2026-03-10", [1.0])
    assert pnl("2026-03-11T20:00Z", after=30) == ("2026-03-10", [1.0])
    assert pnl("2026-03-12T01:00Z", after=30) == ("2026-03-11", [3.0, 0.0])
    assert pnl("2026-03-12T01:00Z") == ("2026-03-11", [1.0, 2.0])
    with time_machine.travel(datetime(2026, 4, 3, tzinfo=UTC)):  # beyond the end that was asked for
        asked = {"start_date": "2026-03-10", "end_date": "2026-03-10", "after": 30}
        answer = as_user(desk.ana).get(f"/api/v1/{URL}", asked).json()
    assert [row["pnl"] for row in answer["data"]] == [3.0]


@pytest.mark.parametrize("events", [1, 25])
@pytest.mark.parametrize(
    ("name", "least", "window", "cold"),
    [
        (URL, 0, {}, 6),  # scope, edition, events, names, sums, held
        (URL, 0, {"after": 720}, 6),
        (URL, 3, {}, 6),
        (URL, 3, {"after": 720}, 7),  # own and others'
        (PRODUCTS, 0, {}, 6),
        (PRODUCTS, 0, {"after": 720}, 6),
        (PRODUCTS, 3, {}, 7),
        (PRODUCTS, 3, {"after": 720}, 8),
    ],
)
def test_costs_few_queries_cold_and_two_warm(
    desk, april, cohort_of, as_user, django_assert_num_queries, name, least, window, cold, events
):
    cohort_of(least)
    for number in range(events):
        make_event(f"Event {number}", f"2026-03-{number + 1:02}T08:00Z")
        for user in (desk.ana, desk.bo):
            at = f"2026-03-{number + 1:02}T08:30Z"
            close_trade(user, at, symbol=("ES", "CL", "GC")[number % 3])
    asked, client = {**MARCH, **window}, as_user(desk.ana)
    with django_assert_num_queries(cold):
        client.get(f"/api/v1/{name}", asked)
    with django_assert_num_queries(2):  # scope, edition
        client.get(f"/api/v1/{name}", asked)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("before", "1441"), ("after", "-1"), ("after", ["1", "2"]), ("event_type", "wheat"),
        ("country", "XX"), ("importance", "vast"), ("product", "999999"), ("start_date", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", [URL, PRODUCTS])
def test_a_bad_parameter_is_refused_by_name(desk, as_user, name, field, value):
    answer = as_user(desk.ana).get(f"/api/v1/{name}", {**MARCH, field: value})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert field in answer.json()["error"]


def test_a_day_has_one_last_nanosecond():
    assert whole_day(date(2026, 3, 10))[1] + 1 == whole_day(date(2026, 3, 11))[0]
