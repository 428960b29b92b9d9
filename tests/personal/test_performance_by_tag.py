"""A trader's results by tag, against a twin that looks at every trade for every tag."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.models import Tag, TradeTag
from journal.queries.tagged import branches
from journal.queries.tags import TagRow, Tags
from tests.factories import AT, make_account, make_trade
from tests.personal.conftest import MARCH, cents
from tests.snapshots import matches_snapshot

pytestmark = pytest.mark.django_db
URL = "performance-by-tag"


def tag(trade, *tag_ids):
    for tag_id in tag_ids:
        TradeTag.objects.create(
            account_id=trade.account_id, trade=trade, tag_id=tag_id, tagged_at=AT
        )


def custom(trader, parent_id, name):
    return Tag.objects.create(layer=3, trader=trader, parent_id=parent_id, name=name)


def rows(nodes):
    """Return (pnl, trade_count) by id, where there is a trade."""
    every = [one for node in nodes for one in (node, *_below(node))]
    return {one["id"]: (one["pnl"], one["trade_count"]) for one in every if one["trade_count"]}


def _below(node):
    return [one for child in node["children"] for one in (child, *_below(child))]


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_slow_way(desk, ask, seed):
    chance = random.Random(seed)
    other = make_account(desk.ana.trader)
    own = [custom(desk.ana.trader, chance.randint(6, 35), f"own {n}") for n in range(4)]
    custom(desk.bo.trader, 6, "a stranger's")
    path = {one.pk: {one.pk, one.parent_id, one.parent.parent_id} for one in own}
    path |= {one.pk: {one.pk, one.parent_id} for one in Tag.objects.filter(layer=2)}
    borne = {}
    for _ in range(40):
        where = chance.choice([desk.ana, desk.ana, other])
        trade = make_trade(where, pnl=str(chance.randint(-9, 9) * 5), day=chance.randint(1, 20))
        borne[trade] = chance.sample(sorted(path), chance.choice([0, 0, 1, 2, 3, 5]))
        tag(trade, *borne[trade])
    for first, last in (("2026-03-01", "2026-03-31"), ("2026-03-05", "2026-03-09")):
        expected = defaultdict(list)
        for trade, tags in borne.items():
            if first <= str(trade.closed_on) <= last:
                for one in set().union(*(path[tag_id] for tag_id in tags)):
                    expected[one].append(trade.pnl_usd)
        answer = ask(desk.ana, URL, start_date=first, end_date=last)
        assert rows(answer["data"]) == {
            one: (cents(sum(pnl)), len(pnl)) for one, pnl in expected.items()
        }
        listed = [one["id"] for node in answer["data"] for one in (node, *_below(node))]
        assert sorted(listed) == sorted([*range(1, 36), *(one.pk for one in own)])
        assert answer["meta"]["total_custom_tags"] == 4


TREES = st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1, max_size=25)


@settings(max_examples=200)
@given(TREES, st.lists(st.sets(st.integers(0, 24), max_size=6), max_size=12))
def test_every_branch_holds_each_leaf_on_or_below_it_once(drawn, sets):
    """Trees of any width, some of it retired; each number is above the ones that hang under it."""
    layer, parents, retired = {}, {}, {}
    for number, (seed, is_retired) in enumerate(drawn):
        above = [None, *(one for one in layer if layer[one] < 3)]
        parents[number] = above[seed % len(above)]
        layer[number] = 1 if parents[number] is None else layer[parents[number]] + 1
        retired[number] = is_retired
    tags = Tags(TagRow(one, parents[one], layer[one], f"tag {one}", retired[one]) for one in layer)

    def path(one):
        return set() if one is None else {one} | path(parents[one])

    leaves = [(tuple(sorted(one & layer.keys())), name) for name, one in enumerate(sets)]
    expected = {
        one: [name for ids, name in leaves if any(one in path(tag_id) for tag_id in ids)]
        for one in layer
    }
    shown = {one for one in layer if expected[one] or not any(retired[up] for up in path(one))}
    found = {}

    def walk(nodes, parent):
        assert [node.id for node in nodes] == sorted(one for one in shown if parents[one] == parent)
        for node in nodes:
            found[node.id] = list(node.leaves)
            walk(node.children, node.id)

    walk(branches(tags, leaves, custom=True), None)
    assert found == {one: expected[one] for one in shown}


def test_a_custom_tag_is_the_third_level(desk, ask):
    mine = custom(desk.ana.trader, 11, "morning-session")
    tag(make_trade(desk.ana, pnl="180"), mine.pk)
    tag(make_trade(desk.ana, pnl="120"), 11)

    tech = ask(desk.ana, URL, **MARCH)["data"][0]
    assert (tech["pnl"], tech["trade_count"], tech["type"]) == (300, 2, "fixed")
    assert tech["children"][-1] == {
        "id": 11, "type": "fixed", "name": "Other", "pnl": 300, "trade_count": 2,
        "children": [{
            "id": mine.pk, "type": "custom", "name": "morning-session", "pnl": 180,
            "trade_count": 1, "children": [],
        }],
    }  # fmt: skip


def test_a_new_tag_is_there_at_once(desk, ask):
    assert ask(desk.ana, URL, **MARCH)["meta"]["total_custom_tags"] == 0
    custom(desk.ana.trader, 11, "new")
    assert ask(desk.ana, URL, **MARCH)["meta"]["total_custom_tags"] == 1


def test_tagging_is_felt_while_the_cache_is_warm(desk, ask, as_user):
    trade = make_trade(desk.ana, pnl="10")
    assert rows(ask(desk.ana, URL, **MARCH)["data"]) == {}
    answer = as_user(desk.ana).post(f"/api/v1/journal/trades/{trade.pk}/tags", {"tag": 6})
    assert answer.status_code < 300, answer.json()
    assert rows(ask(desk.ana, URL, **MARCH)["data"]) == {1: (10, 1), 6: (10, 1)}


def test_the_body(desk, ask):
    mine = custom(desk.ana.trader, 11, "morning-session")
    Tag.objects.filter(pk=mine.pk).update(id=45)
    tag(make_trade(desk.ana, pnl="180"), 45, 12)
    body = ask(desk.ana, URL, **MARCH)
    body["meta"]["trader"] = 12  # the only number that differs from run to run
    assert matches_snapshot("personal/performance-by-tag-custom", body)
