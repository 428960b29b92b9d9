"""The group's days: against single trades, who sees whom, the delay, small cohorts, the price."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product as every_pair
from typing import Any

import pytest
import time_machine

from comparative import examples
from tests.factories import make_trade, make_trader, make_user
from tests.personal.conftest import cents, held_notes, priced
from tests.seeded import seed_books
from tests.snapshots import matches_snapshot

URL = "/api/v1/comparative/performance-by-time"
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
pytestmark = pytest.mark.usefixtures("april")


@pytest.fixture
def april():
    """Stand in April: all of March is over."""
    with time_machine.travel(datetime(2026, 4, 3, 12, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def ask(as_user):
    def get(user, **params):
        answer = as_user(user).get(URL, {**MARCH, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


def total(answer):
    return sum(row["pnl"] or 0 for day in answer["data"] for row in day["products"])


def by_time(trades, *, least=0, own=None):
    """The slow way: one trade after the other; `least` other traders, or nothing is told."""
    cells = defaultdict(list)
    for trade in trades:
        cells[trade.closed_on, trade.product].append(trade)
    days = defaultdict(list)
    for (day, product), those in cells.items():
        others = {trade.account.trader_id for trade in those} - {own}
        hidden = 0 < len(others) < least
        days[day].append(
            {
                "product": product.symbol,
                "product_id": product.id,
                "pnl": None if hidden else cents(sum(trade.pnl_usd for trade in those)),
                "trade_count": None if hidden else len(those),
                "suppressed": hidden,
            }
        )
    return [
        {
            "date": day.isoformat(),
            "daynumber": day.weekday() + 1,
            "products": sorted(
                days[day], key=lambda row: (row["suppressed"], -(row["pnl"] or 0), row["product"])
            ),
        }
        for day in sorted(days)
    ]


def visible(desk, books, *, to_admin):
    group = {desk.ana, desk.bo, desk.otto} if to_admin else {desk.ana, desk.bo}
    traders = {user.trader_id for user in group}
    return [t for t in books if t.account.trader_id in traders and not t.account.is_sim]


@pytest.mark.parametrize(("seed", "least"), list(every_pair(range(3), (0, 1, 2, 3))))
def test_agrees_with_the_slow_way(desk, ask, seed, least):
    desk.group.min_cohort = least
    desk.group.save()
    books = seed_books(desk, seed, fills=20)
    peers, group = visible(desk, books, to_admin=False), visible(desk, books, to_admin=True)

    for user in (desk.ana, desk.bo):
        shown = ask(user)["data"]
        assert shown == by_time(priced(peers), least=least, own=user.trader_id)
    shown = ask(desk.cora)
    assert shown["data"] == by_time(priced(group))
    assert shown["meta"]["notes"] == held_notes(group)


def test_who_counts(desk, ask):
    make_trade(desk.ana, pnl="1")
    make_trade(desk.bo, pnl="2")
    make_trade(desk.otto, pnl="4")
    make_trade(desk.sven, pnl="8")
    make_trade(desk.ana, pnl="16", sim=True)
    make_trade(make_trader(desk.group, is_archived=True), pnl="32")
    make_trade(make_trader(desk.group), pnl="64")  # nobody logs in for this one

    assert total(ask(desk.ana)) == total(ask(desk.bo)) == 67.0
    assert total(ask(desk.cora)) == 71.0
    assert total(ask(desk.sven)) == 8.0
    assert total(ask(make_user("una", group=desk.group))) == 67.0


def test_an_admin_who_opted_out_sees_but_is_not_seen(desk, ask):
    desk.bo.is_admin = desk.bo.opt_out = True
    desk.bo.save()
    make_trade(desk.bo, pnl="2")

    assert total(ask(desk.bo)) == total(ask(desk.cora)) == 2.0
    assert total(ask(desk.ana)) == 0.0


def test_who_may_not_ask(desk, as_user, api):
    def refusal(user):
        answer = as_user(user).get(URL, MARCH)
        return answer.status_code, answer.json()["code"]

    assert refusal(desk.otto) == (403, "opted_out")
    assert refusal(make_user("nora")) == (403, "no_group")
    desk.group.is_archived = True
    desk.group.save()
    assert refusal(desk.ana) == refusal(desk.cora) == (403, "no_group")
    assert api.get(URL, MARCH).status_code == 401


def test_opting_out_is_felt_by_the_next_request(desk, ask):
    make_trade(desk.ana, pnl="1")
    make_trade(desk.bo, pnl="2")
    assert total(ask(desk.ana)) == 3.0

    desk.bo.opt_out = True
    desk.bo.save()
    assert total(ask(desk.ana)) == 1.0
    assert total(ask(desk.cora)) == 3.0


@pytest.mark.parametrize(
    ("day", "days", "through"), [(3, 1, "2026-03-02"), (3, 0, "2026-03-03"), (2, 1, "2026-03-01")]
)
def test_covers_whole_days_up_to_the_delay(desk, ask, settings, day, days, through):
    settings.COMPARATIVE_DELAY_DAYS = days
    make_trade(desk.ana, day=1)
    make_trade(desk.ana, day=2)
    make_trade(desk.ana, day=3)

    with time_machine.travel(datetime(2026, 3, day, 23, 59, tzinfo=UTC)):
        found = ask(desk.ana)
    assert found["meta"]["data_through"] == through == found["data"][-1]["date"]
    assert found["meta"]["end_date"] == "2026-03-31"


def test_a_period_not_yet_over_is_empty(desk, ask):
    found = ask(desk.ana, start_date="2026-04-03", end_date="2026-05-01")
    assert (found["data"], found["meta"]["notes"]) == ([], [])


def test_a_hidden_sum_does_not_tell_itself_by_its_place(desk, ask):
    desk.group.min_cohort = 2
    desk.group.save()
    make_trade(desk.ana, pnl="-5", symbol="ES")  # the own result alone stays
    make_trade(desk.bo, pnl="900", symbol="CL")
    make_trade(desk.bo, pnl="-900", symbol="GC")
    make_trade(desk.bo, symbol="FGBL")  # no rate: its day is told, not how many

    found = ask(desk.ana)
    (day,) = found["data"]
    assert [(row["product"], row["pnl"]) for row in day["products"]] == [
        ("ES", -5.0),
        ("CL", None),
        ("GC", None),
    ]
    assert found["meta"]["notes"] == [
        "Trades are held back: no EUR rate for 2026-03-02",
        "pnl is null where suppressed: fewer than 2 other traders traded",
    ]
    assert total(ask(desk.cora)) == -5.0


@pytest.mark.parametrize("factor", ["0.5", "7", "-3"])
def test_what_is_hidden_changes_no_byte(desk, as_user, factor):
    """Non-interference: a lone peer's result may be anything, the answer stays."""
    desk.group.min_cohort = 3
    desk.group.save()
    make_trade(desk.ana, pnl="10")
    make_trade(desk.bo, pnl="4", symbol="CL")
    before = as_user(desk.ana).get(URL, MARCH).content
    make_trade(desk.bo, pnl=factor, symbol="CL")
    assert as_user(desk.ana).get(URL, MARCH).content == before


@pytest.mark.parametrize("least", [0, 3])
def test_costs_four_queries_cold_and_one_warm(desk, as_user, django_assert_num_queries, least):
    desk.group.min_cohort = least
    desk.group.save()
    for user in (desk.ana, desk.bo, desk.otto):
        for symbol in ("ES", "CL", "GC"):
            make_trade(user, symbol=symbol)
    client = as_user(desk.ana)
    with django_assert_num_queries(4):  # scope, sums, symbols, held back
        client.get(URL, MARCH)
    with django_assert_num_queries(1):  # scope
        client.get(URL, MARCH)


def test_viewers_who_see_the_same_share_the_cache(desk, as_user, django_assert_num_queries):
    make_trade(desk.ana)
    ana, bo, cora = (as_user(user) for user in (desk.ana, desk.bo, desk.cora))
    ana.get(URL, MARCH)
    with django_assert_num_queries(1):
        bo.get(URL, MARCH)
    with django_assert_num_queries(4):  # an admin sees otto
        cora.get(URL, MARCH)


def test_both_forms_of_the_address_answer_alike(desk, as_user):
    make_trade(desk.ana)
    plain, slashed = (as_user(desk.ana).get(URL + slash, MARCH) for slash in ("", "/"))
    assert (plain.status_code, plain.content) == (200, slashed.content)
    assert plain["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("field", ["start_date", "end_date"])
@pytest.mark.parametrize("value", [None, "03/01/2026", "2026-02-30"])
def test_bad_dates_are_refused_by_name(desk, as_user, field, value):
    params = {name: day for name, day in MARCH.items() if name != field}
    answer = as_user(desk.ana).get(URL, params | ({field: value} if value else {}))
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_any_length_of_period_is_served(desk, ask):
    make_trade(desk.ana, pnl="3")
    assert total(ask(desk.ana, start_date="1970-01-01", end_date="2199-12-31")) == 3.0


def test_the_body(desk, ask):
    desk.group.min_cohort = 3
    desk.group.save()
    for pnl, day in (("250", 2), ("-100", 3)):
        for user in (desk.ana, desk.bo):
            make_trade(user, pnl=pnl, day=day)
        make_trade(desk.ana, pnl="40", day=day, symbol="CL")
        for _ in range(2):
            make_trade(make_trader(desk.group), pnl=pnl, day=day, symbol="GC")
            make_trade(make_trader(desk.group), pnl=pnl, day=day, symbol="ES")

    body = ask(desk.ana)
    assert matches_snapshot("comparative/performance-by-time", body)
    example: Any = examples.PERFORMANCE_BY_TIME
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert sorted(example["data"][0]) == sorted(body["data"][0])
    assert sorted(example["data"][0]["products"][0]) == sorted(body["data"][0]["products"][0])
