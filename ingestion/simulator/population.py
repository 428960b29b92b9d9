"""Who trades: three companies with their keys, traders with habits, and the accounts they use.

Accounts of the environment `ext_prod_sim` are sim accounts, those of `ext_prod_live` are not; the
accounts themselves carry no flag, as at TT.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ingestion.simulator import seeds
from ingestion.simulator.listings import Listed

LIVE, SIM = "ext_prod_live", "ext_prod_sim"
ENVIRONMENTS = (LIVE, SIM)
STYLES = ("day trader", "scalper", "scale-in", "reversal", "swing", "spread")
# style: trades on a usual day; how long it stays in one, minutes
PACE = {
    "day trader": (3.6, 35),
    "scalper": (7.5, 3),
    "scale-in": (2.5, 40),
    "reversal": (4.0, 25),
    "swing": (0.45, 0),
    "spread": (0.9, 0),
}
_STYLE_ORDER = (0, 1, 0, 2, 3, 1, 4, 0, 5, 2)  # what every ten traders are made of
_OFFICES = (
    ("Chicago", "America/Chicago", 480, 900),
    ("London", "Europe/London", 480, 990),
    ("New York", "America/New_York", 510, 960),
    ("Frankfurt", "Europe/Berlin", 510, 1050),
    ("Singapore", "Asia/Singapore", 540, 1020),
)
_OFFICE_PRODUCTS = {
    "Chicago": ("ES", "NQ", "ZN", "ZB", "CL", "GC", "ZC", "ZS", "6E", "RTY", "MES"),
    "London": ("Z", "R", "FESX", "FGBL", "CL", "6B", "6E", "GC", "ES"),
    "New York": ("ES", "NQ", "MNQ", "CL", "NG", "GC", "SI", "HG", "YM", "RTY"),
    "Frankfurt": ("FDAX", "FESX", "FGBL", "6E", "ES", "CL", "NQ"),
    "Singapore": ("NK", "6J", "GC", "MBT", "NQ", "CL", "MES"),
}
_WEEKEND_PRODUCT = "MBT"
_COMPANIES = ("Northgate Futures", "Harbour Lane Trading", "Elm Street Capital")
_SIZES = (0.5, 0.3, 0.2)  # of the traders
_FIRST = ("Ana", "Otto", "Cora", "Ben", "Ines", "Karl", "Maya", "Piet", "Rosa", "Tom")
_LAST = ("Brandt", "Castillo", "Dunn", "Eriksen", "Fischer", "Grant", "Hale", "Ito", "Jansen",
         "Keller", "Lowe")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """A customer of the provider; its key sees its own accounts only."""

    index: int
    name: str
    key: str
    secret: str

    @property
    def company_id(self) -> str:
        return str(4100 + self.index)


@dataclass(frozen=True, slots=True)
class Account:
    """An account and what is traded on it.

    products      symbols with their weights
    activity      of the trader's usual pace
    active_from, active_until  first and last day of trading; None = no end
    listed        False: a give-up account that the list leaves out
    """

    account_id: str
    name: str
    company: int
    environment: str
    trader: int
    products: tuple[tuple[str, float], ...]
    activity: float
    active_from: date
    active_until: date | None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Trader:
    """A trader's habits.

    skill      chance to be on the right side of what comes next
    weekdays   appetite from Monday to Friday
    hours      of the working day, minutes in the office's zone
    quirks     "options", "algo": rows that books must leave out
    """

    index: int
    name: str
    company: int
    style: str
    office: str
    zone: str
    hours: tuple[int, int]
    skill: float
    size: int
    weekdays: tuple[float, ...]
    quirk: str
    floor: int
    stage: int
    is_archived: bool
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Population:
    companies: tuple[Company, ...]
    traders: tuple[Trader, ...]

    @property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(account for trader in self.traders for account in trader.accounts)


def companies(seed: int) -> tuple[Company, ...]:
    """Return the three customers; their keys belong to the seed and open nothing else."""
    return tuple(
        Company(
            index=index,
            name=name,
            key="-".join(seeds.word(8, seed, "key", index, part) for part in range(3)),
            secret="-".join(seeds.word(8, seed, "secret", index, part) for part in range(3)),
        )
        for index, name in enumerate(_COMPANIES)
    )


def populate(
    *,
    seed: int,
    traders: int,
    accounts: int,
    products: tuple[Listed, ...],
    start: date,
    days: int,
    goes_on: bool,
) -> Population:
    """Return who trades from `start` on.

    traders   how many; half of them work for the first company
    accounts  live accounts in all, at least one each; every tenth trader has a sim account beside
    days      of history: archived traders stop and the newcomer starts within them
    goes_on   the others do not stop when the days are over
    """
    listed = {product.symbol for product in products}
    made = []
    for index in range(traders):
        share = index / traders
        company = 0 if share < _SIZES[0] else 1 if share < _SIZES[0] + _SIZES[1] else 2
        made.append(
            _trader(
                seeds.dice(seed, "trader", index),
                index,
                company=company,
                listed=listed,
                extra=(accounts - traders + traders - 1 - index) // traders,
                start=start,
                days=days,
                goes_on=goes_on,
                is_newcomer=traders > 3 and index == traders - 1,
            )
        )
    return Population(companies(seed), tuple(made))


def _trader(
    dice: Random,
    index: int,
    *,
    company: int,
    listed: set[str],
    extra: int,
    start: date,
    days: int,
    goes_on: bool,
    is_newcomer: bool,
) -> Trader:
    style = STYLES[_STYLE_ORDER[index % 10]]
    office, zone, begin, end = _OFFICES[dice.choices(range(5), (5, 3, 4, 2, 2))[0]]
    if index == 0:
        office, zone, begin, end = _OFFICES[0]
    is_archived = index % 20 == 13
    until = None if goes_on else start + timedelta(days=days - 1)
    if is_archived:
        until = start + timedelta(days=days * 6 // 10)
    since = start + timedelta(days=days // 2) if is_newcomer else start
    name = f"{_FIRST[index % 10]} {_LAST[(index * 7 + index // 10) % 11]}"
    weights = _weights(dice, office, listed)
    hours = (begin + dice.randrange(-30, 90, 10), end + dice.randrange(-150, 60, 10))
    return Trader(
        index=index,
        name=name if index < 110 else f"{name} {index}",
        company=company,
        style=style,
        office=office,
        zone=zone,
        hours=hours,
        skill=0.565 if index == 0 else dice.choice((0.44, 0.47, 0.5, 0.52, 0.54, 0.56, 0.6)),
        size=dice.choice((1, 1, 2, 2, 3, 4, 5)),
        weekdays=(*(dice.uniform(0.65, 1.0) for _ in range(4)), dice.uniform(0.3, 0.85)),
        quirk={6: "options", 5: "algo"}.get(index % 25, ""),
        floor=dice.randint(1, 4),
        stage=dice.randint(1, 5),
        is_archived=is_archived,
        accounts=tuple(
            _accounts(index, name, office, company, weights, extra=extra, since=since, until=until)
        ),
    )


def _weights(dice: Random, office: str, listed: set[str]) -> list[tuple[str, float]]:
    """Return two to five products of the trader, the favourite first, and the weekend one."""
    near = [symbol for symbol in _OFFICE_PRODUCTS[office] if symbol in listed]
    far = sorted(listed - set(near) - {_WEEKEND_PRODUCT})
    near = near or far
    chosen = dice.sample(near, min(len(near), dice.randint(2, 4)))
    if far and dice.random() < 0.5:
        chosen.append(dice.choice(far))
    return [(symbol, 1 / (place + 1)) for place, symbol in enumerate(dict.fromkeys(chosen))]


def _accounts(
    index: int,
    name: str,
    office: str,
    company: int,
    weights: list[tuple[str, float]],
    *,
    extra: int,
    since: date,
    until: date | None,
) -> list[Account]:
    """Split the products over the trader's accounts; a sim account trades all of them, less."""
    initials = "".join(part[0] for part in name.split())
    stem = f"{office[:3].upper()}-{initials}{index + 1:03d}"
    number = 10_000 * (company + 1) + 10 * index
    live = 1 + max(0, extra)
    made = [
        Account(
            account_id=str(number + place + 1),
            name=stem if place == 0 else f"{stem}-{'BCDEFG'[place - 1]}",
            company=company,
            environment=LIVE,
            trader=index,
            products=tuple(weights[place::live] or weights[:1]),
            activity=1.0 if live == 1 else 0.65,
            active_from=since,
            active_until=until,
            listed=not (place == 1 and index % 8 == 1),
        )
        for place in range(min(live, 7))
    ]
    if index % 10 == 0:
        made.append(
            Account(
                account_id=str(number + 9),
                name=f"{stem}-SIM",
                company=company,
                environment=SIM,
                trader=index,
                products=tuple(weights),
                activity=0.4,
                active_from=since,
                active_until=until,
            )
        )
    return made
