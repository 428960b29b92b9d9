"""Groups of any size that trade at random, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from accounts.models import CustomUser
from futures.models import FxRate
from ledger.actions import record_fills
from ledger.models import Trade
from tests.factories import (
    AT,
    make_account,
    make_contract,
    make_group,
    make_trader,
    make_user,
    new_fill,
)
from tests.seeded import whole_books
from traders.models import Group, PlatformAccount

FIRST, DAYS = date(2026, 3, 2), 8
NO_RATE = date(2026, 3, 5)
SYMBOLS = ("ES", "CL", "GC", "FGBL")
# Few sizes, so that results are often equal; a tick of ES is 12.50.
TICKS = (-40, -8, -8, 0, 1, 8, 8, 20)


@dataclass(frozen=True)
class Team:
    """`size` traders that peers see, ana the first; else one opted out, one archived, a stranger.

    una has no trader, cora is an admin without one, carl an admin with one of the `size`, if there
    are two.
    """

    group: Group
    ana: CustomUser
    una: CustomUser
    cora: CustomUser
    carl: CustomUser | None
    books: list[Trade]

    @property
    def peers(self) -> list[CustomUser]:
        return [self.ana, self.una]

    @property
    def users(self) -> list[CustomUser]:
        return [*self.peers, self.cora, *([self.carl] if self.carl else [])]

    def visible(self, user: CustomUser) -> list[Trade]:
        """Return the trades that make up the group for a user, as a twin picks them."""
        hidden = set() if user.is_admin else {"Otto"}
        return [
            trade
            for trade in self.books
            if trade.account.trader.group_id == self.group.pk
            and not trade.account.is_sim
            and not trade.account.trader.is_archived
            and trade.account.trader.name not in hidden
        ]


def make_team(size: int, seed: int) -> Team:
    chance = random.Random(seed)
    group = make_group(scratch_ticks=seed % 2)
    traders = [make_trader(group, f"Trader {n:02}", accounts=1 + n % 2) for n in range(size)]
    make_account(traders[0], is_sim=True)
    make_trader(group, "Arno", is_archived=True)
    make_trader(make_group(), "Sven")
    make_trader(group, "Idle")
    otto = make_trader(group, "Otto")
    make_user(group=group, trader=otto, opt_out=True)
    ana = make_user(group=group, trader=traders[0])
    FxRate.objects.bulk_create(
        FxRate(currency="EUR", day=day, usd_per_unit=Decimal("1.2"))
        for day in _days()
        if day != NO_RATE
    )
    busy = PlatformAccount.objects.exclude(trader__name="Idle").order_by("id")
    record_fills([fill for account in busy for fill in _fills(chance, account)], at=AT)
    return Team(
        group=group,
        ana=ana,
        una=make_user(group=group),
        cora=make_user(group=group, is_admin=True),
        carl=make_user(group=group, trader=traders[1], is_admin=True) if size > 1 else None,
        books=whole_books(),
    )


def _days() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range(DAYS)]


def _fills(chance, account):
    """Trade some products on some days, now and then twice."""
    for day in _days():
        for symbol in SYMBOLS:
            for number in range(chance.choice([0, 0, 0, 1, 1, 2])):
                contract = make_contract(symbol, "Mar26" if symbol == "ES" else "Jun26")
                at = datetime(day.year, day.month, day.day, 9 + number, tzinfo=UTC)
                at += timedelta(seconds=chance.randint(0, 3000))
                side = chance.choice([1, -1])
                price = Decimal(100) + contract.tick_size * chance.choice(TICKS)
                name = f"{account.pk}-{contract.pk}-{day}-{number}"
                fees = chance.choice([None, None, Decimal("2.50")])
                yield new_fill(account, contract, f"{name}a", side, 1, Decimal(100), at)
                yield new_fill(
                    account, contract, f"{name}b", -side, 1, price, at + timedelta(seconds=9),
                    fees=fees,
                )  # fmt: skip
