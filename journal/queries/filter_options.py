"""What there is to filter the trades of a journal by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Min, Q

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from futures.queries import ProductName, names_of
from journal.models import TradeTag
from journal.queries.chosen import Chosen
from journal.queries.tagged import journal_version
from journal.queries.tags import Borne, bearing_any, tags_of
from ledger.closed import SIDES
from ledger.queries import on_days
from ledger.reading import Reading

NO_DAYS = "first_date and last_date are null: no trade was closed"


@dataclass(frozen=True, slots=True)
class TagOption:
    """A tag that trades bear, and how many of them."""

    tag: Borne
    trade_count: int


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """Products by symbol, tags in the order of the taxonomy, both only where a trade has them."""

    products: tuple[ProductName, ...]
    tags: tuple[TagOption, ...]
    untagged_count: int
    sides: tuple[str, ...]
    first_date: date | None
    last_date: date | None


@dataclass(frozen=True, slots=True)
class _Found:
    """The same with tags as (id, trades): names are never old."""

    products: tuple[ProductName, ...]
    tags: tuple[tuple[int, int], ...]
    untagged_count: int
    sides: tuple[str, ...]
    first_date: date | None
    last_date: date | None


def filter_options(
    *, accounts: Accounts, trader_id: int | None, period: Period | None
) -> Reading[FilterOptions]:
    """Return what the closed trades have, those without a pnl too. 8 queries, 2 of them never kept.

    Names are never old: tags are kept by their ids.
    """
    tags, version = tags_of(trader_id), journal_version(accounts)
    found = _found(chosen=Chosen(accounts, period, journal_version=version))
    rows, bearing = found.rows, dict(found.rows.tags)
    options = FilterOptions(
        products=rows.products,
        tags=tuple(TagOption(tag, bearing[tag.id]) for tag in tags.in_order(bearing)),
        untagged_count=rows.untagged_count,
        sides=rows.sides,
        first_date=rows.first_date,
        last_date=rows.last_date,
    )
    return Reading(options, found.notes, found.data_through)


@cached(ttl="journal.analytics.filter-options")
def _found(*, chosen: Chosen) -> Reading[_Found]:
    by_side: dict[str, Any] = {
        word: Count("id", filter=Q(side=side)) for word, side in SIDES.items()
    }
    sums = chosen.trades.aggregate(first=Min("closed_on"), last=Max("closed_on"), **by_side)
    borne = (
        TradeTag.objects.filter(on_days("trade__closed_on", chosen.period))
        .filter(account__in=chosen.accounts.ids, trade__account=F("account"))
        .values_list("tag_id")
        .annotate(Count("trade"))
        .order_by("tag_id")
    )
    rows = _Found(
        products=names_of(chosen.trades.values("product_id")),
        tags=tuple(borne),
        untagged_count=chosen.trades.filter(bearing_any((), untagged=True)).count(),
        sides=tuple(word for word in SIDES if sums[word]),
        first_date=sums["first"],
        last_date=sums["last"],
    )
    return chosen.reading(rows, notes=() if sums["first"] else (NO_DAYS,))
