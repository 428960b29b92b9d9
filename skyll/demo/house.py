"""Groups, their connections, their traders with accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingestion.actions.connections import connect
from ingestion.models import Connection
from ingestion.simulator import Simulator
from ingestion.simulator.population import LIVE, SIM, Account, Company, Population
from ingestion.simulator.population import Trader as Habits
from traders.actions import add_account, change, make_group, open_account
from traders.models import Group, Platform, PlatformAccount, Trader

PLATFORM = "simulated"
# Four weeks of bars are in within a minute or two after the fills; a longer past has day results.
_PLANS = {LIVE: {"poll_seconds": 5, "bars_days": 28}, SIM: {"poll_seconds": 60}}


@dataclass(slots=True)
class New:
    traders: int = 0
    accounts: int = 0


def groups(companies: Sequence[Company], *, at: datetime) -> tuple[list[Group], int]:
    """Return a group per company, and how many were made."""
    known = {group.name: group for group in Group.objects.all()}
    missing = [company.name for company in companies if company.name not in known]
    known |= {name: make_group(name=name, by="", at=at) for name in missing}
    return [known[company.name] for company in companies], len(missing)


def connections(simulator: Simulator, of: Sequence[Group], *, base_url: str, at: datetime) -> int:
    """Connect each group to its live and its sim environment; return how many are new or moved."""
    known = dict(Connection.objects.values_list("name", "base_url"))
    rate = simulator.setup.rate or (25, 75_000)
    count = 0
    for company, group in zip(simulator.companies, of, strict=True):
        for environment in (LIVE, SIM):
            name = f"{company.name}, {'live' if environment == LIVE else 'sim'} (demo)"
            if known.get(name) == base_url:
                continue
            plan = {} if name in known else _PLANS[environment]
            connect(
                name=name,
                platform=PLATFORM,
                environment=environment,
                base_url=base_url,
                key=company.key,
                secret=company.secret,
                group=group,
                history_from=simulator.setup.start,
                requests_per_second=int(rate[0]),
                requests_per_day=rate[1],
                # Bars are public: one connection brings them in for everybody.
                price_feed=company.index == 0 and environment == LIVE,
                at=at,
                **plan,
            )
            count += 1
    return count


def traders(
    population: Population, of: Sequence[Group], *, at: datetime
) -> tuple[dict[int, Trader], New]:
    """Return the traders by their number, and what was made.

    The newest one is left to the provider: the first poll makes it by itself.
    """
    platform, _ = Platform.objects.get_or_create(
        code=PLATFORM, defaults={"name": "Simulated provider"}
    )
    known = {
        (account.environment, account.account): account.trader
        for account in PlatformAccount.objects.filter(platform=platform).select_related("trader")
    }
    found: dict[int, Trader] = {}
    new = New()
    for habits in population.traders[:-1] or population.traders:
        group = of[habits.company]
        for account in habits.accounts:
            trader = known.get((account.environment, account.account_id))
            if trader is None:
                trader = _open(habits, account, found.get(habits.index), platform, group, new, at)
            found.setdefault(habits.index, trader)
    return found, new


def _open(
    habits: Habits,
    account: Account,
    trader: Trader | None,
    platform: Platform,
    group: Group,
    new: New,
    at: datetime,
) -> Trader:
    """Open an account: the first one makes the trader as a poll does, the others join it."""
    new.accounts += 1
    if trader is not None:
        add_account(
            trader=trader, platform_id=platform.pk, environment=account.environment,
            account=account.account_id, name=account.name, is_sim=account.environment == SIM,
            by="", at=at,
        )  # fmt: skip
        return trader
    opened = open_account(
        platform_id=platform.pk, environment=account.environment, account=account.account_id,
        name=account.name, is_sim=account.environment == SIM, group_id=group.pk, at=at,
    )  # fmt: skip
    new.traders += 1
    return change(
        one=opened.account.trader, by="", at=at, name=habits.name, offices=habits.office,
        style=habits.style, floor=habits.floor, stage=habits.stage,
        is_archived=habits.is_archived,
    )  # fmt: skip
