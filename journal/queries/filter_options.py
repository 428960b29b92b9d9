"""What there is to filter the trades of a journal by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from futures.queries import ProductName
from journal.queries.chosen import Chosen, marked
from journal.queries.tagged import journal_version
from journal.queries.tags import Borne, tags_of
from ledger.closed import SIDES
from ledger.reading import Reading

_ENDS = "SELECT min(closed_on), max(closed_on), {sides} FROM t".format(  # noqa: S608  constant text
    sides=", ".join(f"count(*) FILTER (WHERE side = {side})" for side in SIDES.values())
)
_PRODUCTS = """
SELECT p.symbol, p.id FROM futures_product p WHERE p.id IN (SELECT product_id FROM t)
ORDER BY p.symbol, p.id"""
_BORNE = """
SELECT x.tag_id, count(*) FROM t
JOIN journal_tradetag x ON x.account_id = t.account_id AND x.trade_id = t.id
GROUP BY x.tag_id ORDER BY x.tag_id"""
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
    trades = chosen.picked
    ((first, last, *by_side),) = trades.ask(_ENDS)
    ((untagged,),) = marked(trades, (), untagged=True).ask("SELECT count(*) FROM t")
    rows = _Found(
        products=tuple(ProductName(*row) for row in trades.ask(_PRODUCTS)),
        tags=tuple((tag_id, count) for tag_id, count in trades.ask(_BORNE)),
        untagged_count=untagged,
        sides=tuple(word for word, count in zip(SIDES, by_side, strict=True) if count),
        first_date=first,
        last_date=last,
    )
    return chosen.reading(rows, notes=() if first else (NO_DAYS,))
