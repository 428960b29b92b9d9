"""The taxonomy with one trader's custom tags, and which trades bear what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import Accounts
from common.api import Invalid
from journal.models import Layer, Tag, TradeTag
from ledger.arrays import array
from ledger.picked import asked_again

_SEEN = """
SELECT id, parent_id, layer, name, retired_at IS NOT NULL FROM journal_tag
WHERE trader_id IS NULL OR trader_id = %s::bigint ORDER BY layer, position, name, id"""
_BORNE = """
SELECT trade_id, tag_id FROM journal_tradetag
WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[])"""


class TagRow(NamedTuple):
    """A tag as it is stored, in the order of the taxonomy."""

    id: int
    parent_id: int | None
    layer: int
    name: str
    is_retired: bool


@dataclass(frozen=True, slots=True)
class TagNode:
    """A place in the tree.

    retired     it, or something above it, takes no new trades
    assignable  a trade may be given it: of the second or third layer, and not retired
    """

    id: int
    name: str
    layer: int
    retired: bool
    assignable: bool
    children: tuple[TagNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """The taxonomy and one trader's custom tags; the counts leave out what is retired."""

    categories: tuple[TagNode, ...]
    totals: dict[str, int]


@dataclass(frozen=True, slots=True)
class Borne:
    """A tag that a trade bears, with the names above it, its own last."""

    id: int
    name: str
    layer: int
    path: tuple[str, ...]


class Tags:
    """The tags that one trader sees, by id."""

    def __init__(self, rows: Iterable[TagRow]) -> None:
        self.rows = {row.id: row for row in rows}

    def above(self, tag_id: int) -> list[TagRow]:
        """Return the tag and what is above it, from the category down."""
        way: list[TagRow] = []
        here: int | None = tag_id
        while here is not None:
            way.insert(0, self.rows[here])
            here = self.rows[here].parent_id
        return way

    def retired(self, tag_id: int) -> bool:
        return any(row.is_retired for row in self.above(tag_id))

    def assignable(self, tag_id: int) -> bool:
        return self.rows[tag_id].layer != Layer.CATEGORY and not self.retired(tag_id)

    def borne(self, tag_id: int) -> Borne:
        row = self.rows[tag_id]
        return Borne(tag_id, row.name, row.layer, tuple(one.name for one in self.above(tag_id)))

    def in_order(self, tag_ids: Collection[int]) -> tuple[Borne, ...]:
        """Return what a trade bears in the order of the taxonomy; what is not seen is left out."""
        if not tag_ids:
            return ()
        return tuple(self.borne(tag_id) for tag_id in self.rows if tag_id in tag_ids)

    def living(self, layer: Layer) -> int:
        """Return how many tags of a layer are not retired."""
        return sum(row.layer == layer and not self.retired(row.id) for row in self.rows.values())

    def below(self, tag_ids: Collection[int]) -> set[int]:
        """Return these and all that hangs under them."""
        return {
            tag_id
            for tag_id in self.rows
            if not {r.id for r in self.above(tag_id)}.isdisjoint(tag_ids)
        }


def tags_of(trader_id: int | None) -> Tags:
    """Return the fixed tags and the custom ones of this trader, in order. 1 query."""
    return Tags(_as_a_tree(TagRow(*row) for row in asked_again(_SEEN, [trader_id or 0])))


def seen_by(trader_id: int | None) -> QuerySet[Tag]:
    """Return the fixed tags and the custom ones of this trader."""
    own = Q() if trader_id is None else Q(trader=trader_id)
    return Tag.objects.filter(Q(trader=None) | own)


def tree(*, trader_id: int | None) -> Tree:
    """Return the taxonomy with the custom tags of a trader. 1 query."""
    tags = tags_of(trader_id)
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for row in tags.rows.values():
        children[row.parent_id].append(row.id)

    def node(tag_id: int) -> TagNode:
        row = tags.rows[tag_id]
        return TagNode(
            id=tag_id,
            name=row.name,
            layer=row.layer,
            retired=tags.retired(tag_id),
            assignable=tags.assignable(tag_id),
            children=tuple(node(child) for child in children[tag_id]),
        )

    return Tree(
        categories=tuple(node(category) for category in children[None]),
        totals=totals(tags),
    )


def fixed_totals(tags: Tags) -> dict[str, int]:
    """Return what `meta` says of the fixed tree; retired tags are not counted."""
    return {
        "total_categories": tags.living(Layer.CATEGORY),
        "total_subcategories": tags.living(Layer.TAG),
    }


def totals(tags: Tags) -> dict[str, int]:
    """Return what `meta` says of a trader's tree; retired tags are not counted."""
    return {**fixed_totals(tags), "total_custom_tags": tags.living(Layer.CUSTOM)}


def borne_by(
    trade_ids: Collection[UUID], *, accounts: Accounts, tags: Tags
) -> Mapping[UUID, tuple[Borne, ...]]:
    """Return the tags of each of these trades in the order of the taxonomy. 1 query."""
    found: defaultdict[UUID, set[int]] = defaultdict(set)
    for trade_id, tag_id in asked_again(_BORNE, [array(accounts.ids), array(trade_ids)]):
        found[trade_id].add(tag_id)
    return {trade_id: tags.in_order(those) for trade_id, those in found.items()}


def bearing_any(tag_ids: Collection[int], *, untagged: bool) -> Q:
    """Return the condition that a trade bears one of just these tags, or none at all."""
    if not tag_ids and not untagged:
        return Q()
    borne = TradeTag.objects.filter(account=OuterRef("account"), trade=OuterRef("pk"))
    wanted = Q()
    if tag_ids:
        wanted |= Q(Exists(borne.filter(tag__in=sorted(tag_ids))))
    if untagged:
        wanted |= ~Q(Exists(borne))
    return wanted


def known(tag_ids: Collection[int], *, tags: Tags) -> Collection[int]:
    """Return these tags; Invalid names in `tag` what this trader does not see."""
    if unknown := [tag_id for tag_id in tag_ids if tag_id not in tags.rows]:
        raise Invalid("tag", f"There is no tag {unknown[0]}")
    return tag_ids


def below(tag_ids: Collection[int], *, trader_id: int | None) -> Collection[int]:
    """Return these tags and what hangs under them. 1 query, none without tags.

    Invalid names in `tag` what this trader does not see.
    """
    if not tag_ids:
        return ()
    tags = tags_of(trader_id)
    return tags.below(known(tag_ids, tags=tags))


def _as_a_tree(rows: Iterable[TagRow]) -> list[TagRow]:
    """Put rows that are in order within their layer into the order in which a tree is read."""
    children: defaultdict[int | None, list[TagRow]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    found: list[TagRow] = []
    ahead = children[None][::-1]
    while ahead:
        row = ahead.pop()
        found.append(row)
        ahead += children[row.id][::-1]
    return found
