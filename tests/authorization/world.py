"""Everybody's log-ins and books; each trader's figures and names give their owner away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from rest_framework.test import APIClient

from accounts.models import CustomUser
from audit.models import LogEntry
from common import clock
from journal import store
from journal.actions import welcome
from journal.models import Comment, Detached, Entry, Image, Tag, TradeNote, TradeTag
from journal.pictures import made_anew
from ledger.actions import record_fills
from ledger.models import ReconciledDay, Restatement, Trade
from ledger.words import NewFill
from tests.authorization.addresses import dated
from tests.authorization.roles import CLOSED, ELSEWHERE, HOME, MISSING, ROLES, TRADERS, Role
from tests.factories import (
    AT,
    make_bar,
    make_contract,
    make_event,
    make_group,
    make_trader,
    make_user,
    new_fill,
)
from tests.journal.pictures import picture
from traders.models import Trader

PASSWORD = "Perched-Heron-47"
DAY = datetime(2026, 3, 3, 8, tzinfo=UTC)
SYMBOLS = dict(zip(TRADERS, ("ES", "MES", "NQ", "RTY", "YM", "CL", "GC", "SI", "HG"), strict=True))
# Whatever is added up of these, once each, tells of whom it is made.
COIN = Decimal("1000.01")
AMOUNTS = {name: COIN * 2**n for n, name in enumerate(TRADERS)}


@dataclass
class World:
    """Rows by the names of roles.py."""

    people: dict[str, CustomUser] = field(default_factory=dict)
    traders: dict[str, Trader] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def client(self, who: Role, **settings: Any) -> APIClient:
        """Return a client that shows the token that the role got at its log-in."""
        client = APIClient(raise_request_exception=False, **settings)
        if who.name in self.tokens:
            token = self.tokens[who.name]["access_token"]
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def path(self, address: str, of: str) -> str:
        """Return an address with the ids of what is one trader's, and a day on which all traded."""
        for part, rows in (
            ("<uuid:trade_id>", self.trades),
            ("<int:entry_id>", self.entries),
            ("<uuid:image_id>", self.images),
            ("<int:comment_id>", self.comments),
            ("<int:tag_id>", self.tags),
        ):
            missing = uuid4() if part.startswith("<uuid") else 999_999_999
            row = rows.get(of)
            address = address.replace(part, str(row.pk if row else missing))
        return dated(address)

    def trader_id(self, name: str) -> int:
        return 999_999_999 if name == MISSING else self.traders[name].pk

    def trade_id(self, name: str) -> UUID:
        return uuid4() if name == MISSING else self.trades[name].pk


def build() -> World:
    """Make groups, traders with a closed trade and an open position, and a log-in a role."""
    world = World()
    groups = {name: make_group(name.title()) for name in (HOME, ELSEWHERE, CLOSED)}
    for name, books in TRADERS.items():
        world.traders[name] = make_trader(
            groups[books.group], _full(name), is_archived=books.archived
        )
    record_fills([fill for name in TRADERS for fill in _fills(world, name)], at=AT)
    make_bar(make_contract("ES"), DAY, "100")
    make_event("CPI", f"{DAY:%Y-%m-%d}T13:30Z", event_type="cpi")
    for trade in Trade.objects.all():
        world.trades[trade.opened_exec_id.removesuffix("-in")] = trade
    for role in ROLES:
        if role.group or role.is_admin:
            world.people[role.name] = _make_user(world, role, groups.get(role.group or ""))
    for name in TRADERS:
        _write(world, name)
        _watch(world, name)
    groups[CLOSED].is_archived = True
    groups[CLOSED].save()
    return world


def log_everybody_in(world: World) -> None:
    """Get a real pair of tokens for each role; then take the deactivated's log-in away."""
    for name, user in world.people.items():
        answer = APIClient().post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.content
        world.tokens[name] = answer.json()
        welcome(user, at=clock.now())  # made at its first read; from then on it keeps its id
    for role in ROLES:
        if role.dead and role.name in world.people:
            CustomUser.objects.filter(pk=world.people[role.name].pk).update(is_active=False)
    assert LogEntry.objects.filter(action="login").count() == len(world.tokens)


def shown(body: bytes) -> set[str]:
    """Return whose figures, products, names or addresses an answer holds."""
    text = body.decode()
    found = {name for name in TRADERS if _full(name) in text or f"{name}@" in text}
    for leaf in _leaves(json.loads(text)) if text else ():
        if isinstance(leaf, str):
            found |= {name for name, symbol in SYMBOLS.items() if leaf.split(" ")[0] == symbol}
        elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
            found |= _owners(Decimal(str(leaf)))
    return found


def _owners(figure: Decimal) -> set[str]:
    coins, rest = divmod(abs(figure), COIN)
    if rest:
        return set()
    return {name for n, name in enumerate(TRADERS) if int(coins) >> n & 1}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _full(name: str) -> str:
    return f"{name.title()} Marchetti"


def _make_user(world: World, role: Role, group: Any) -> CustomUser:
    return make_user(
        role.trader or role.name,
        group=group,
        trader=world.traders[role.trader] if role.trader else None,
        password=PASSWORD,
        is_admin=role.is_admin,
        opt_out=role.opt_out,
    )


def _write(world: World, name: str) -> None:
    """Let a trader write a page with a picture, say a word about the trade, and make a tag."""
    trader, trade, full = world.traders[name], world.trades[name], _full(name)
    told: dict[str, Any] = {"trader": trader, "created_at": AT}
    entry = Entry.objects.create(**told, date=DAY, title=full, updated_at=AT)
    drawn = made_anew(picture(), said="image/png")
    path = store.keep(drawn, at=AT)
    world.entries[name] = entry
    world.images[name] = Image.objects.create(
        **told, entry=entry, path=path, content_type=drawn.content_type, width=drawn.width,
        height=drawn.height, size=len(drawn.data),
    )  # fmt: skip
    author = next((one for one in world.people.values() if one.trader_id == trader.pk), None)
    world.comments[name] = Comment.objects.create(
        **told, account=trade.account, trade=trade, author=author, author_name=full,
        by_coach=False, text=full,
    )  # fmt: skip
    Comment.objects.create(
        **told, entry=entry, author=author, author_name=full, by_coach=False, text=full
    )
    world.tags[name] = Tag.objects.create(layer=3, parent_id=6, trader=trader, name=full)
    TradeTag.objects.create(account=trade.account, trade=trade, tag=world.tags[name], tagged_at=AT)
    lost = {"account": trade.account, "trade_id": uuid4()}
    TradeNote.objects.create(**lost, text=full, updated_at=AT)
    Detached.objects.create(
        **lost, contract=trade.contract, side=1, quantity=1, entry_price=1, opened_ns=1,
        detached_at=AT,
    )  # fmt: skip


def _watch(world: World, name: str) -> None:
    """Say that the day of the trade was checked, and that its figure was another one before."""
    trade = world.trades[name]
    whose: dict[str, Any] = {
        "account": trade.account, "contract": trade.contract, "product": trade.product,
        "day": trade.closed_on,
    }  # fmt: skip
    ReconciledDay.objects.create(
        **whose, state="flat", fill_count=2, bought=1, sold=1, position=0, checked_at=AT
    )
    Restatement.objects.create(
        **whose, restated_at=AT, reason="late", pnl_usd=AMOUNTS[name], gross_usd=AMOUNTS[name],
        fees_usd=0, realized_usd=AMOUNTS[name], trade_count=1, held_count=0,
    )  # fmt: skip


def _fills(world: World, name: str) -> Iterator[NewFill]:
    """Let a trader close one trade, and keep a position open at a price that is the figure too."""
    closed, kept = (make_contract(SYMBOLS[name], month) for month in ("Mar26", "Jun26"))
    account = world.traders[name].accounts.get()
    gain = AMOUNTS[name] / closed.point_value
    yield new_fill(account, closed, f"{name}-in", 1, 1, Decimal(100), DAY)
    yield new_fill(account, closed, f"{name}-out", -1, 1, 100 + gain, DAY + timedelta(seconds=5))
    yield new_fill(account, kept, f"{name}-kept", 1, 1, AMOUNTS[name], DAY)
