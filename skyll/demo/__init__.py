"""The demo: three trading groups at the simulated provider. Their history comes in by polling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ingestion.simulator import Setup, Simulator, demo
from skyll.demo import calendar, house, money, people
from traders.models import Trader

__all__ = ["Made", "make", "setup_of"]


@dataclass(frozen=True, slots=True)
class Made:
    """What this run has added; all 0 where everything was there."""

    groups: int
    connections: int
    traders: int
    accounts: int
    users: int
    rates: int
    fees: int
    events: int

    def __str__(self) -> str:
        told = [
            f"{count} {name if count != 1 else name.removesuffix('s')}"
            for name, count in (
                ("groups", self.groups),
                ("connections", self.connections),
                ("traders", self.traders),
                ("accounts", self.accounts),
                ("users", self.users),
                ("daily rates", self.rates),
                ("fees", self.fees),
                ("calendar events", self.events),
            )
            if count
        ]
        return f"Demo: {', '.join(told)} made" if told else "Demo: all there"


def setup_of(local: Path, *, at: datetime) -> Setup:
    """Return the simulated market of the demo, remembered in `local`."""
    return demo.setup_of(local, today=at.date())


@transaction.atomic
def make(
    setup: Setup,
    *,
    base_url: str | None,
    passwords: people.Passwords,
    operator: str = people.OPERATOR,
    at: datetime,
) -> Made:
    """Make what is missing; what is there stays as it is, also where somebody has edited it.

    base_url  of the simulated provider; None: another one takes its place, and groups and log-ins
              are all that is made
    """
    simulator = Simulator(setup)
    groups, new_groups = house.groups(simulator.companies, at=at)
    traders: dict[int, Trader] = {}
    new, connections, fees, rates, events = house.New(), 0, 0, 0, 0
    if base_url is not None:
        connections = house.connections(simulator, groups, base_url=base_url, at=at)
        fees = money.fees(groups, simulator)
        rates = money.rates(simulator, at=at)
        events = calendar.events(setup.start, at=at)
        traders, new = house.traders(simulator.population, groups, at=at)
    users = people.users(
        simulator.population, groups, traders, passwords=passwords, operator=operator, at=at
    )
    return Made(
        groups=new_groups,
        connections=connections,
        traders=new.traders,
        accounts=new.accounts,
        users=users,
        rates=rates,
        fees=fees,
        events=events,
    )
