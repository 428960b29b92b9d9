"""The roll calendar: which month leads its product from which UTC day on.

By volume: the later month leads from the first UTC day after its volume of a day exceeds the
present one's; never backwards. Only a day on which both have bars compares them: bars are kept of
months that somebody trades, so none says nothing about the volume.

By rule, where nothing was compared for a week and the next comparison does not speak against it: a
month leads until seven days before its last trading day or, where that is not known, until its
month begins. Then the next month that the house knows follows. The first known leads from three
months before its month, or from its first bar.

By hand: holds until the next one by hand, or until its month is over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from common import locks
from futures.models import Contract, Product, Roll

VOLUME, RULE, HAND = "volume", "rule", "hand"
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_LOOKBACK = timedelta(days=60)
_BEGINNING = date(1970, 1, 1)


class Month(NamedTuple):
    """A contract that may lead; `until`: the first UTC day on which by rule it does not."""

    id: int
    expiry_month: date
    expires_on: date | None

    @property
    def until(self) -> date:
        return self.expires_on - _WEEK if self.expires_on else self.expiry_month

    @property
    def last(self) -> date:
        """Return its last trading day, or the last day of its month."""
        return self.expires_on or (self.expiry_month + timedelta(days=31)).replace(day=1) - _DAY

    @property
    def since(self) -> date:
        """Return the first day of the third month before."""
        first = self.expiry_month
        for _ in range(3):
            first = (first - _DAY).replace(day=1)
        return first


class Lead(NamedTuple):
    contract_id: int
    source: str


Volumes = Mapping[date, Mapping[int, int]]


def calendar(
    months: Sequence[Month],
    volumes: Volumes,
    by_hand: Mapping[date, int],
    *,
    until: date,
    since: date | None = None,
    lead: Lead | None = None,
) -> dict[date, Lead]:
    """Return who leads from which UTC day on, up to and with `until`; those by hand included.

    months   of one product
    volumes  whole UTC days -> contract -> its volume; only contracts with bars on that day
    by_hand  from day -> contract
    since    to go on with `lead`, who led the day before; None: from the beginning
    """
    order = sorted(months, key=lambda month: (month.expiry_month, month.id))
    leads: dict[date, Lead] = {}
    if not order:
        return leads
    day = since or min(order[0].since, *volumes, *by_hand, until)
    while day <= until:
        if day in by_hand:
            after = Lead(by_hand[day], HAND)
        elif lead is None:
            after = _first(order, volumes.get(day, {}), day)
        else:
            after = _next(order, lead, volumes, day)
        if after != lead:
            leads[day] = lead = after
        day += _DAY
    return leads


def _first(order: Sequence[Month], today: Mapping[int, int], day: date) -> Lead:
    """Return who leads at the beginning: the busiest, else the nearest that is not over."""
    if today:
        return Lead(max(order, key=lambda month: today.get(month.id, -1)).id, VOLUME)
    return Lead(next((month.id for month in order if day < month.until), order[-1].id), RULE)


def _next(order: Sequence[Month], lead: Lead, volumes: Volumes, day: date) -> Lead:
    """Return who leads on `day` where `lead` did the day before."""
    now = next(month for month in order if month.id == lead.contract_id)
    later = [month for month in order if month.expiry_month > now.expiry_month]
    if lead.source != HAND:
        traded = volumes.get(day - _DAY, {})
        own = traded.get(now.id)
        busier = [m for m in later if own is not None and traded.get(m.id, -1) > own]
        if busier:
            return Lead(max(busier, key=lambda month: traded[month.id]).id, VOLUME)
    if day > now.last or (
        lead.source != HAND and day >= now.until and _is_quiet(now, later, volumes, day)
    ):
        follower = next((month.id for month in later if day < month.until), None)
        if follower is not None:
            return Lead(follower, RULE)
    return lead


def _is_quiet(now: Month, later: Sequence[Month], volumes: Volumes, day: date) -> bool:
    """Say whether the rule may speak: no comparison for a week, nor one to come against it."""

    def rivals(number: int) -> list[int]:
        traded = volumes.get(day + number * _DAY, {})
        return [traded[m.id] - traded[now.id] for m in later if m.id in traded and now.id in traded]

    if any(rivals(-number) for number in range(1, 8)):
        return False
    coming = (rivals(number) for number in range((now.last - day).days + 1))
    return max(next(filter(None, coming), [1])) > 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What a product's calendar came to: rolls that are new or other ones, taken out, left."""

    written: int
    removed: int
    same: int


def keep_all(*, at: datetime) -> None:
    """Bring the rolls of every product up to today, a transaction each."""
    with_contracts = Product.objects.filter(contracts__isnull=False).distinct()
    for product_id in with_contracts.order_by("id").values_list("id", flat=True):
        keep(product_id=product_id, at=at, whole=False)


@transaction.atomic
def keep(*, product_id: int, at: datetime, whole: bool = True) -> Kept:
    """Write the rolls of a product up to today; what was entered by hand stays as it is.

    Idempotent. Days count once they are over. whole=False looks at the last sixty days only, which
    is what changes from night to night, and goes on from the roll in force then.
    """
    locks.hold("futures", "rolls", product_id)
    months = [
        Month(*row)
        for row in Contract.objects.filter(product_id=product_id).values_list(
            "id", "expiry_month", "expires_on"
        )
    ]
    today = at.date()
    rolls = {
        roll.from_day: Lead(roll.contract_id, roll.source)
        for roll in Roll.objects.filter(product_id=product_id)
    }
    since: date | None = today - _LOOKBACK
    earlier = max((day for day in rolls if since and day < since), default=None)
    if whole or earlier is None:
        since = None
    wanted = calendar(
        months,
        _volumes([month.id for month in months], since and since - _WEEK, today),
        {day: lead.contract_id for day, lead in rolls.items() if lead.source == HAND},
        until=today,
        since=since,
        lead=rolls[earlier] if since and earlier else None,
    )
    before = {day: lead for day, lead in rolls.items() if since is None or day >= since}
    return _write(product_id, before, wanted)


def _write(product_id: int, before: dict[date, Lead], wanted: dict[date, Lead]) -> Kept:
    stale = [day for day, lead in before.items() if lead.source != HAND and day not in wanted]
    other = {day: lead for day, lead in wanted.items() if before.get(day) != lead}
    Roll.objects.filter(product_id=product_id, from_day__in=stale).exclude(source=HAND).delete()
    Roll.objects.bulk_create(
        [
            Roll(product_id=product_id, from_day=day, contract_id=lead.contract_id,
                 source=lead.source)
            for day, lead in sorted(other.items())
        ],
        update_conflicts=True,
        unique_fields=["product", "from_day"],
        update_fields=["contract", "source"],
    )  # fmt: skip
    return Kept(len(other), len(stale), len(wanted) - len(other))


def _volumes(contracts: Collection[int], since: date | None, today: date) -> Volumes:
    """Return the volume of whole UTC days before today. 1 query, by the key's order."""
    bounds = [datetime.combine(day, time(), UTC) for day in (since or _BEGINNING, today)]
    found: dict[date, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contract_id, (start_at AT TIME ZONE 'UTC')::date, sum(volume)::bigint "
            "FROM futures_bar WHERE contract_id = ANY(%s) AND start_at >= %s AND start_at < %s "
            "GROUP BY 1, 2",
            [list(contracts), *bounds],
        )
        for contract, day, volume in cursor.fetchall():
            found.setdefault(day, {})[contract] = volume
    return found
