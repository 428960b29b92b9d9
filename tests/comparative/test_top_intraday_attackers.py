"""Nobody learns from the index how large the others trade."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from common.rendering import Json
from comparative.veil import indexed, pseudonym
from futures.models import FxRate
from ledger.actions import record_fills
from ledger.candles.words import Minutes
from tests.comparative import attackers, desks
from tests.factories import AT, make_account, make_bar, make_contract, make_user, new_fill

URL = "/api/v1/comparative/top-intraday"
DAY = {"date": "2026-03-02"}
KEY = "a key that is the same in each run, for the sake of these figures"
GROUPS, POINTS = 300, 2.0
# What changes from request to request, and tells nothing.
RESTLESS = {"X-Request-ID", "Date", "X-RateLimit-Remaining"}


# -- a size that leaves the list as it is leaves every byte as it is -----------------------------
figures = st.integers(-(10**15), 10**15)
candles = st.lists(figures, min_size=4, max_size=4).map(
    lambda four: (four[0], max(four), min(four), four[1])
)
series = st.lists(candles, max_size=8)


@settings(max_examples=400, deadline=None)
@given(st.lists(series, max_size=4), st.integers(1, 10**6), st.data())
def test_an_index_is_the_same_for_any_number_of_contracts(found, factor, data):
    def told(factors):
        return indexed({
            UUID(int=n): Minutes(tuple(range(0, 60 * len(rows), 60)), *(
                tuple(factors[n] * row[column] for row in rows) for column in range(4)
            ))
            for n, rows in enumerate(found)
        })  # fmt: skip

    factors = [data.draw(st.sampled_from((1, factor))) for _ in found]
    assert told(factors) == told([1] * len(found))
    assert all(
        -100 <= figure <= 100
        for one in told(factors).values()
        for figure in (*one.open, *one.high, *one.low, *one.close)
    )


@cache
def a_day(seed):
    return next(desks.desks(1, seed)).days[0]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 40), st.lists(st.integers(1, 400), min_size=20, max_size=20))
def test_other_sizes_with_the_same_list_are_told_by_the_same_bytes(seed, lots):
    before = a_day(seed)
    after = desks.Day(before.day, tuple(map(desks.of_size, before.deals, lots)))
    # Whoever is listed now gets the sizes; whoever is not stays below.
    listed = {deal.id for deal in before.best[: desks.SHOWN]}
    least = min((deal.usd for deal in after.deals if deal.id in listed), default=0)
    after = desks.Day(
        before.day,
        tuple(
            deal if deal.id in listed or deal.usd < least else desks.of_size(deal, 1)
            for deal in after.deals
        ),
    )
    assume({deal.id for deal in after.best[: desks.SHOWN]} == listed)
    assert body(after) == body(before)


def body(day):
    return Json().render(desks.ours(day, random.Random(0)))


def test_other_sizes_with_the_same_list_are_answered_by_the_same_bytes(
    desk, april, as_user, monkeypatch
):
    """Through HTTP, each time with an empty fast store: status, headers, body."""
    clients = [as_user(user) for user in (desk.ana, desk.bo, make_user(group=desk.group))]
    traders = [desk.ana.trader.accounts.get(), *(make_account(desk.bo.trader) for _ in range(4))]
    contracts = [make_contract(symbol) for symbol in ("ES", "CL", "GC", "NQ", "FGBL")]
    chance = random.Random(4)
    for contract in contracts:
        for minute in range(0, 40, 3):
            make_bar(contract, f"2026-03-02T14:{minute:02}Z", str(100 + minute % 7), high="120")
    seen: set[tuple[Any, ...]] = set()
    for example in range(36):
        monkeypatch.setitem(django_settings.CACHES["fast"], "KEY_PREFIX", f"test-{uuid4().hex}")
        with transaction.atomic():
            others = [1 if example == 0 else chance.choice((1, 2, 3, 7, 10, 50)) for _ in traders]
            fee = Decimal(0) if example == 0 else Decimal(chance.randint(0, 200)) / 100
            _trade(traders, contracts, [1, *others[1:]], fee)
            answers = [client.get(URL, DAY) for client in clients]
            seen.add(tuple(whole(answer) for answer in answers))
            transaction.set_rollback(True)
    assert len(seen) == 1
    ((_, headers, content), *_) = seen.pop()
    assert dict(headers)["ETag"]
    assert content.count(b'"candles"') == 5


def _trade(accounts, contracts, lots, fee):
    """Let each account win in one product and lose in the next; one waits for a rate."""
    start = datetime(2026, 3, 2, 14, tzinfo=UTC)
    for n, (account, size) in enumerate(zip(accounts, lots, strict=True)):
        for gain, contract in ((12, contracts[n % 4]), (-3, contracts[(n + 1) % 5])):
            steps = ((1, 2, 0, 20), (-1, 1, gain / 2, 600), (-1, 1, gain, 1500 + n))
            record_fills(
                [
                    new_fill(
                        account, contract, f"{n}{gain}{after}", side, quantity * size,
                        Decimal(100) + Decimal(points), start + timedelta(seconds=after),
                        fees=fee * quantity * size,
                    )
                    for side, quantity, points, after in steps
                ],
                at=AT,
            )  # fmt: skip


def whole(answer):
    headers = tuple((name, value) for name, value in answer.items() if name not in RESTLESS)
    return answer.status_code, headers, answer.content


# -- attackers -----------------------------------------------------------------------------------
ATTACKS = {
    attackers.own_value: desks.largest_of_the_answer,
    attackers.public_prices: desks.secret_scale,
    attackers.repeated_requests: desks.fresh_noise,
    attackers.lots_and_buckets: desks.buckets,
    attackers.own_place: desks.in_order,
    attackers.lots_and_factors: desks.keyed_factor,
    attackers.other_limits: desks.as_many_as_asked_for,
    attackers.many_viewers: desks.in_order,
}
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)


@cache
def groups():
    return tuple(desks.desks(GROUPS, 7))


@cache
def prior():
    return attackers.Prior(desks.desks(GROUPS, 1))


@cache
def without(design):
    return attackers.recovered(attackers.nobody, design, prior(), groups())


@every_attack
@override_settings(SECRET_KEY=KEY)
def test_no_attacker_recovers_more_than_without_the_candles_and_their_order(attack):
    assert (
        attackers.recovered(attack, desks.ours, prior(), groups()) <= without(desks.ours) + POINTS
    )


@every_attack
@override_settings(SECRET_KEY=KEY)
def test_each_attacker_does_succeed_where_sizes_leak(attack):
    design = ATTACKS[attack]
    assert attackers.recovered(attack, design, prior(), groups()) >= without(design) + 8


@override_settings(SECRET_KEY=KEY)
def test_what_the_list_itself_tells_is_little(db):
    """Its members made at least as much as the viewer's best trade that is not on it."""
    found = attackers.recovered(attackers.own_place_unlisted, desks.ours, prior(), groups())
    assert without(desks.ours) < found <= without(desks.ours) + POINTS


@override_settings(SECRET_KEY=KEY)
def test_places_are_as_good_as_drawn():
    """Over viewers and over days, any trade stands anywhere."""
    trades = [UUID(int=n) for n in range(5)]
    for ask in (
        lambda n, trade: pseudonym(trade, viewer=n, day=date(2026, 3, 2)),
        lambda n, trade: pseudonym(trade, viewer=1, day=date(2000, 1, 1) + timedelta(days=n)),
    ):
        orders = Counter(
            tuple(sorted(range(5), key=lambda one: ask(n, trades[one]))) for n in range(6000)
        )
        assert len(orders) == 120  # all there are
        assert max(orders.values()) < 90  # of 50 on average


# -- asking otherwise, and together ---------------------------------------------------------------
@pytest.fixture
def told(desk, april, as_user):
    accounts = [desk.ana.trader.accounts.get(), desk.bo.trader.accounts.get()]
    contracts = [make_contract(symbol) for symbol in ("ES", "CL", "GC", "NQ", "FGBL")]
    FxRate.objects.create(currency="EUR", day=date(2026, 3, 2), usd_per_unit=Decimal("1.1"))
    _trade(accounts, contracts, [1, 3], Decimal(2))
    return lambda user, **params: whole(as_user(user).get(URL, {**DAY, **params}))


def test_no_parameter_changes_what_is_told(desk, told):
    plain = told(desk.ana)
    for params in (
        *({"limit": n} for n in range(1, 51)),
        *({name: value} for name in ("sort", "order_by", "ordering") for value in ("pnl", "-pnl")),
        {"start_date": "2026-03-01", "end_date": "2026-03-02"},
        {"trader": desk.bo.trader_id}, {"trader": desk.ana.trader_id}, {"product": 1},
        {"side": "long"}, {"sim": "true"}, {"page": 2}, {"page_size": 1}, {"unit": "USD"},
        {"is_admin": "true"}, {"min_pnl": 100}, {"obfuscated": "false"}, {"viewer": desk.bo.pk},
    ):  # fmt: skip
        assert told(desk.ana, **params) == plain, params


def test_no_order_of_requests_and_no_other_viewer_changes_what_is_told(desk, told):
    una = make_user(group=desk.group)
    first = {user: told(user) for user in (desk.ana, desk.cora, desk.bo, una)}
    for users in ((desk.cora, desk.ana, una, desk.bo), (una, desk.bo, desk.ana, desk.cora)):
        for user in users:
            assert told(user) == first[user]
            assert told(user, date="2026-03-03")[0] == 200


def test_viewers_who_compare_see_the_same_trades_under_other_names(desk, told, as_user):
    lists = [
        as_user(user).get(URL, DAY).json()["data"]
        for user in (desk.ana, desk.bo, *(make_user(group=desk.group) for _ in range(6)))
    ]
    names = [row["id"] for rows in lists for row in rows]
    assert len(names) == len(set(names)) == 2 * 8
    contents = {
        str(sorted((row["product"], row["opened_at"], str(row["candles"])) for row in rows))
        for rows in lists
    }
    assert len(contents) == 1
    assert [sum(row["is_own"] for row in rows) for rows in lists] == [1, 1, *([0] * 6)]
