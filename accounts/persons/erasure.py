"""A person is erased: everything in one transaction, files when it has committed.

The books of the group stay: fills and trades are under a number that names nobody. What a poll, an
import or a request under way brings back goes the next night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import transaction

from accounts.models import CustomUser
from accounts.persons.words import NobodySuch, Person, keepers, person_of, person_of_trader
from audit.actions import Kind, Source, record
from traders.models import PlatformAccount, Trader

log = structlog.get_logger(__name__)


@transaction.atomic
def erase(person: Person, *, by: str, at: datetime, source: Source) -> Mapping[str, int]:
    """Erase a person in every room; return how many rows of which kind changed. Idempotent.

    What it goes by is read again under the locks: an opt-out of a moment ago counts. NobodySuch
    where log-in and trader are no longer each other's.
    """
    person = _held(person)
    found: Counter[str] = Counter()
    for keeper in keepers():
        found.update(keeper.erase(person, at))
    changed = {name: count for name, count in sorted(found.items()) if count}
    if changed:
        put_on_record("erase", person, changed, by=by, at=at, source=source)
        log.info("person_erased", user=person.user_id, trader=person.trader_id, **changed)
    return changed


def _held(person: Person) -> Person:
    """Lock a person's rows and return who it is now.

    In the order of everywhere: the trader, the log-in, then the accounts, as who stores fills holds
    them before anything else. Whoever wants to write about the trader waits until it is over.
    """
    traders = list(Trader.objects.select_for_update().filter(pk__in=person.traders))
    users = list(CustomUser.objects.select_for_update().filter(pk__in=person.users))
    accounts = PlatformAccount.objects.filter(trader__in=person.traders).order_by("pk")
    list(accounts.select_for_update(no_key=True).values_list("pk"))
    if (len(traders), len(users)) != (len(person.traders), len(person.users)):
        raise NobodySuch
    now = person_of(users[0]) if users else person_of_trader(traders[0])
    if (now.users, now.traders) != (person.users, person.traders):
        raise NobodySuch
    return now


def sweep(*, at: datetime) -> int:
    """Erase again what came back of traders who were erased and have no log-in; return how much."""
    swept = 0
    for trader in Trader.objects.filter(user=None).exclude(erased_at=None).order_by("id"):
        with transaction.atomic():
            person = person_of_trader(trader)
            if person.user_id is not None:  # somebody's again, since a moment
                continue
            person = _held(person)
            swept += sum(
                sum(keeper.erase(person, at).values()) for keeper in keepers() if keeper.again
            )
    if swept:
        log.info("pruned", table="of erased persons", rows=swept)
    return swept


def put_on_record(
    action: str,
    person: Person,
    changed: Mapping[str, int],
    *,
    by: str,
    at: datetime,
    source: Source,
) -> None:
    """Write down what was done to whom, in numbers: no name, no address, no content."""
    kind: Kind = "trader" if person.user_id is None else "custom_user"
    record(
        scope="user_management", action=action,
        entity=(kind, person.trader_id if person.user_id is None else person.user_id),
        by=by, at=at, trader_id=person.trader_id, rows=(dict(changed), None),
        source=(None, source),
    )  # fmt: skip
