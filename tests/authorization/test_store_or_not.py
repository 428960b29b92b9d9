"""An answer is the same with the fast store and without it, whoever asked before and whatever
changed since; an unchanged one is a 304, and no place between may keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from accounts.actions import merge_traders
from accounts.models import CustomUser
from common import store
from journal.models import TradeTag
from ledger.actions import record_fills
from ledger.models import Trade
from tests import fast_store
from tests.authorization.matrix import rows
from tests.authorization.policies import coach, group, one_trade, own, personal, rates, signed_in
from tests.authorization.roles import HOME, ROLES, Role
from tests.authorization.test_matrix import about, ask
from tests.authorization.world import DAY, World
from tests.factories import AT, make_account, make_contract, make_event, make_trader, new_fill
from traders.models import Group, Trader

PRIVATE = (signed_in, own, coach, personal, one_trade, group, rates)
READS = [row for policy in PRIVATE for method, row in rows(policy) if method == "GET"]
NAMES = ("regular", "opted-out", "unlinked", "admin", "admin-elsewhere")
ASKING = [role for role in ROLES if role.name in NAMES]
FEW = [role for role in ASKING if role.name in ("regular", "unlinked", "admin")]
LAST_WEEK = datetime(2026, 3, 24, 9, tzinfo=UTC)  # what the welcome prompt of the world speaks of
Key = tuple[str, str, str | None]
Answers = dict[Key, tuple[int, bytes]]


def asked(world: World, roles: Iterable[Role]) -> Iterator[tuple[Key, Any]]:
    """Ask everything as each role in turn; an admin also about bo."""
    for role in roles:
        client = world.client(role)
        for row in READS:
            address = row.replace("<uuid:trade_id>", str(world.trade_id("bo")))
            of_one = "/personal/" in row or "/journal/" in row
            for whose in (None, "bo") if role.is_admin and of_one else (None,):
                yield (role.name, row, whose), ask(client, "GET", address, about(world, whose))


def answers(world: World, roles: Iterable[Role]) -> Answers:
    return {key: (one.status_code, one.content) for key, one in asked(world, roles)}


@pytest.fixture
def fresh(monkeypatch) -> Callable[[], None]:
    """Return a way to find the fast store empty."""

    def empty() -> None:
        monkeypatch.setitem(django_settings.CACHES["fast"], "KEY_PREFIX", f"test-{uuid4().hex}")

    return empty


@pytest.fixture
def without(monkeypatch) -> Callable[..., AbstractContextManager[None]]:
    """Return a way to have, for a while, another fast store: without one given, none at all."""

    @contextmanager
    def other(client: Any = None) -> Iterator[None]:
        with monkeypatch.context() as patch:
            client = client or fast_store.client_of("/nowhere/s.sock")
            patch.setattr(store, "_client", lambda _: client)
            patch.setattr(store, "breaker", store.Breaker(tick=lambda: 0.0))
            yield

    return other


def differing(one: Answers, other: Answers) -> list[Key]:
    assert one.keys() == other.keys()
    return [key for key in one if one[key] != other[key]]


def test_whoever_asks_first_and_whatever_became_of_the_store(world, fresh, without):
    with without():
        true = answers(world, ASKING)
    assert {status for status, _ in true.values()} == {200, 403, 404}

    for order in (ASKING, ASKING[::-1]):
        fresh()
        assert not differing(answers(world, order), true)
    with fast_store.hung() as client, without(client):
        assert not differing(answers(world, ASKING), true)
        assert client.asked == 1


def trade(
    world: World, name: str, amount: str, symbol: str = "CL", at: datetime = LAST_WEEK
) -> None:
    account = world.traders[name].accounts.get()
    contract = make_contract(symbol)
    prices = ((1, Decimal(70), 0), (-1, 70 + Decimal(amount), 5))
    record_fills(
        [
            new_fill(account, contract, f"{name}{side}{at:%d}", side, 1, price,
                     at + timedelta(seconds=after))
            for side, price, after in prices
        ],
        at=AT,
    )  # fmt: skip
    for made in Trade.objects.filter(account=account, opened_exec_id=f"{name}1{at:%d}"):
        TradeTag.objects.create(account=account, trade=made, tag_id=6, tagged_at=AT)


def user(world: World, role: str, **fields: Any) -> None:
    CustomUser.objects.filter(pk=world.people[role].pk).update(**fields)


def trader(world: World, who: str, **fields: Any) -> None:
    Trader.objects.filter(pk=world.traders[who].pk).update(**fields)


def new_fills(world: World) -> None:
    trade(world, "bo", "3")
    trade(world, "ana", "-2")
    trade(world, "ana", "20", at=DAY)  # the day that readings of one day are asked for
    make_event("GDP", "2026-03-24T09:00Z")


def people_change(world: World) -> None:
    world.traders["late"] = make_trader(Group.objects.get(name=HOME.title()), "Late")
    user(world, "unlinked", trader=world.traders["late"])
    trade(world, "late", "5", "PL")
    user(world, "opted-out", opt_out=False)
    trader(world, "bo", name="Beau")
    make_account(world.traders["bo"])


def opt_out(world: World) -> None:
    user(world, "regular", opt_out=True)


def new_roles(world: World) -> None:
    user(world, "regular", opt_out=False, is_admin=True)
    user(world, "admin", is_admin=False)


def merge(world: World) -> None:
    kept, gone = world.traders["cora"], world.traders["bo"]
    merge_traders(kept=kept, gone=gone, by="operator@desk.test", at=AT, source="console")


def new_rule(world: World) -> None:
    user(world, "regular", is_admin=False)
    Group.objects.update(min_cohort=3)
    trader(world, "dora", is_archived=True)


# What happens while everything is warm, one after the other, and who has to feel it, and where.
OF_THE_GROUP = [row.removeprefix("api/v1/comparative/") for _, row in (*rows(group), *rows(rates))]
COACHS = {"traders", "traders/overview"}
COMPARED = {f"comparative/{name}" for name in OF_THE_GROUP}
CHANGES: list[tuple[Callable[[World], None], dict[str, set[str]]]] = [
    (new_fills, {
        "regular": COMPARED | {"personal/summary", "personal/trades", "calendar-events"},
        "admin": COMPARED | {"traders/overview"},
    }),
    (people_change, {"unlinked": {"personal/summary", "auth/user"}, "admin": COACHS | COMPARED}),
    (opt_out, {"regular": COMPARED | {"auth/user"}, "admin": COACHS, "unlinked": COMPARED}),
    (new_roles, {"regular": COMPARED | COACHS, "admin": COACHS}),
    (merge, {"regular": COACHS, "admin": {"personal/summary", "comparative/standing"}}),
    (new_rule, {"regular": COMPARED | COACHS, "unlinked": COMPARED}),
]  # fmt: skip


def test_what_changes_while_everything_is_warm_is_felt_at_once(world, without):
    before = answers(world, FEW)
    for change, felt in CHANGES:
        change(world)
        warm = answers(world, FEW)
        with without():
            assert not differing(warm, answers(world, FEW)), change.__name__
        moved = {(role, row.removeprefix("api/v1/")) for role, row, _ in differing(before, warm)}
        due = {(role, row) for role, places in felt.items() for row in places}
        assert not due - moved, change.__name__
        before = warm


def test_every_private_answer_is_unchanged_or_new_but_never_kept_between(world):
    for (role, row, _), answer in asked(world, FEW):
        told = f"{role} {row}"
        if answer.status_code != 200:
            continue
        assert answer["Cache-Control"] == "private, no-cache", told
        assert "Authorization" in answer["Vary"], told
        request = answer.wsgi_request
        again = world.client(next(one for one in FEW if one.name == role)).get(
            request.get_full_path(), HTTP_IF_NONE_MATCH=answer["ETag"]
        )
        assert (again.status_code, again.content) == (304, b""), told
        assert again["ETag"] == answer["ETag"], told
        assert again["Cache-Control"] == "private, no-cache", told
        assert "Authorization" in again["Vary"], told
