"""Any past answer can be given again, and what changed since is explained by restatements."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Accounts
from common import clock
from common.api import Page, Period
from futures.actions import set_rates
from ledger.actions import record_fills, release_held
from ledger.history import restatements
from ledger.models import Trade
from ledger.tally import usd
from personal import queries
from tests.factories import make_trade, new_fill
from tests.ledger.conftest import books as books  # a fixture
from tests.ledger.conftest import make_contract
from tests.personal.conftest import MARCH

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
ALL = Page(1, 1000)
BOTH = ("summary", "performance_by_time")
NOTHING = (Decimal(0), 0)

one_fill = st.tuples(
    st.sampled_from((0, 0, 1)),  # which contract
    st.sampled_from((1, -1)),
    st.integers(1, 3),  # contracts
    st.integers(-8, 8),  # quarter points
    st.integers(-60, 0),  # half hours before it is reported
    st.sampled_from(("new",) * 5 + ("correct", "cancel")),
    st.integers(0, 15),  # which execution a correction or bust names
)
one_batch = st.tuples(st.integers(0, 40), st.booleans(), st.lists(one_fill, max_size=5))


def delivered(books, contracts, drawn, first, at):
    """Turn draws into reports of this instant; what is told after its day is received only now."""
    rows = []
    for number, (which, side, quantity, quarters, ago, action, names) in enumerate(drawn, first):
        executed = at + timedelta(minutes=30 * ago)
        told = executed if executed.date() == at.date() else at
        if names >= number:
            action = "new"
        rows.append(
            books.fill(
                side, quantity, Decimal(5000) + Decimal(quarters) / 4,
                executed_ns=clock.to_ns(executed), received_ns=clock.to_ns(told),
                exec_id=f"e{number:02}", contract=contracts[which], action=action,
                fees=Decimal("0.5"),
                ref_exec_id=None if action == "new" else f"e{names:02}",
            )
        )  # fmt: skip
    return rows


def answer(name, books, as_of=None):
    """Ask past the cache; how far the books go is told of then by the last trade, and left out."""
    query = getattr(queries, name).__wrapped__
    accounts = Accounts((books.account.pk,), "0")
    found = query(accounts=accounts, period=PERIOD, as_of=as_of)
    return found.rows, found.notes


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(one_batch, min_size=2, max_size=6))
def test_every_answer_can_be_given_again(books, drawn):
    """The second contract is in EUR: some days' rates come with a batch, some never."""
    with transaction.atomic():
        contracts = (books.es, make_contract("FESX", "FESX Mar26", date(2026, 3, 1)))
        at, number, remembered = START, 0, []
        for half_hours, rates, fills in drawn:
            at += timedelta(minutes=30 * half_hours)
            record_fills(delivered(books, contracts, fills, number, at), at=at)
            number += len(fills)
            if rates:
                days = [at.date() - timedelta(days=ago) for ago in range(3)]
                set_rates((("EUR", day, Decimal("1.1")) for day in days), source="test")
                release_held(currency="EUR", at=at)
            now = {name: answer(name, books) for name in BOTH}
            remembered = [one for one in remembered if one[0] != at]  # the later one stands
            remembered.append((at, now))

        for moment, told in remembered:
            for name in BOTH:
                assert answer(name, books, as_of=moment) == told[name], (name, moment)
        for (earlier, before), (later, after) in combinations(remembered, 2):
            explained(books, earlier, later, *(by_product(one) for one in (before, after)))
        transaction.set_rollback(True)


def by_product(told):
    rows, _ = told["performance_by_time"]
    return {
        (day.date, one.product_id): (usd(one.pnl), one.trade_count)
        for day in rows
        for one in day.products
    }


def explained(books, earlier, later, before, after):
    """See that restatements are the whole difference of the days that were over at the first."""
    sums = defaultdict(lambda: NOTHING)
    for row in restatements(account_ids=[books.account.pk], page=ALL)[0]:
        if earlier < row.restated_at <= later:
            was, became = (
                (one.pnl_usd, one.trade_count) if one else NOTHING for one in (row.was, row.became)
            )
            key = row.day, row.product_id
            sums[key] = tuple(a + b - c for a, b, c in zip(sums[key], became, was, strict=True))
    for key in before.keys() | after.keys() | sums.keys():
        if key[0] < earlier.date():
            was, became = before.get(key, NOTHING), after.get(key, NOTHING)
            changed = tuple(b - a for a, b in zip(was, became, strict=True))
            assert changed == sums[key], (key, earlier, later)


def test_through_the_api(desk, ask):
    trade = make_trade(desk.ana, pnl="100", day=2)
    account, contract = trade.account, trade.contract
    urls = ("summary", "performance-by-time")
    before = {url: ask(desk.ana, url, **MARCH) for url in urls}
    then = clock.now()
    late = [
        new_fill(account, contract, f"late{side}", side, 1, Decimal(price), START)
        for side, price in ((1, "100"), (-1, "101"))
    ]
    record_fills(late, at=clock.now())

    for url in urls:
        assert ask(desk.ana, url, **MARCH)["data"] != before[url]["data"]
        told = ask(desk.ana, url, as_of=then.isoformat(), **MARCH)
        assert told["data"] == before[url]["data"]
        assert told["meta"] == {
            **before[url]["meta"], "as_of": then.isoformat().replace("+00:00", "Z"),
        }  # fmt: skip
        assert before[url]["meta"]["as_of"] is None
        # A day is its end; an admin asks for a trader.
        day = ask(desk.cora, url, as_of="2026-03-30", trader=desk.ana.trader_id, **MARCH)
        assert day["meta"]["as_of"] == "2026-03-30T23:59:59.999999Z"
        assert day["meta"]["data_through"] is None
        end = ask(desk.ana, url, as_of="2026-03-31T14:00:00.5+02:00", **MARCH)
        assert end["data"] == before[url]["data"]
        product = ask(desk.ana, url, as_of=then.isoformat(), product=contract.product_id, **MARCH)
        assert product["data"] == before[url]["data"]


def test_what_is_held_back_is_told_as_of_then(desk, ask):
    trade = make_trade(desk.ana, symbol="FGBL")
    asked = {"as_of": clock.now().isoformat(), **MARCH}
    assert ask(desk.ana, "summary", **asked)["meta"]["notes"][0] == (
        "1 trade is held back: no EUR rate for 2026-03-02"
    )
    set_rates([("EUR", trade.closed_on, Decimal(1))], source="test")
    release_held(currency="EUR", at=clock.now())
    assert Trade.objects.get().pnl_usd == 100
    assert ask(desk.ana, "summary", **asked)["data"]["trade_count"] == 0
    assert ask(desk.ana, "summary", **MARCH)["data"]["trade_count"] == 1


def test_it_costs_one_query_more_than_now(desk, as_user, django_assert_num_queries):
    make_trade(desk.ana)
    client = as_user(desk.ana)
    for url, cold in (("summary", 5), ("performance-by-time", 4)):
        asked = {**MARCH, "as_of": clock.now().isoformat()}
        with django_assert_num_queries(cold):
            client.get(f"/api/v1/personal/{url}", asked)
        with django_assert_num_queries(1):  # cached, until the books change
            client.get(f"/api/v1/personal/{url}", asked)


@pytest.mark.parametrize("url", ["summary", "performance-by-time"])
def test_what_cannot_be_read_or_has_not_come_is_refused_by_name(desk, as_user, url):
    tomorrow = clock.today() + timedelta(days=1)
    refused = (
        "2026-03-05T18:00:00", "2026-03-05 18:00:00Z", "2026-13-05", "2026-W10-4", "20260305",
        "now", "", "1e9", "2026-03-05T18:00:00+99:00", "0001-01-01T00:00:00+14:00", "1969-12-31",
        "2026-03-05T25:00Z", tomorrow.isoformat(), f"{tomorrow}T12:00:00Z",
        clock.today().isoformat(), ["2026-03-05", "2026-03-06"],
    )  # fmt: skip
    client = as_user(desk.ana)
    for as_of in refused:
        answer = client.get(f"/api/v1/personal/{url}", {**MARCH, "as_of": as_of})
        assert answer.status_code == 400, as_of
        assert list(answer.json()["fields"]) == ["as_of"]
