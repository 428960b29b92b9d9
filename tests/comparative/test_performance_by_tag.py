"""The group's results by tag, against a twin that looks at every trade for every tag."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from journal.actions import rolled
from journal.models import Tag, TradeTag
from tests.comparative import twins
from tests.comparative.teams import make_team
from tests.comparative.test_twins import PERIODS, within
from tests.factories import AT, make_trade, make_trader
from tests.snapshots import matches_snapshot

pytestmark = pytest.mark.django_db
URL = "comparative/performance-by-tag"
TOTALS = {"total_categories": 5, "total_subcategories": 30}


def tag(trade, *tag_ids):
    for tag_id in tag_ids:
        TradeTag.objects.create(
            account_id=trade.account_id, trade=trade, tag_id=tag_id, tagged_at=AT
        )


def rows(answer):
    """Return (pnl, trade_count) by id, where there is a trade."""
    every = [one for row in answer["data"] for one in (row, *row["children"])]
    return {one["id"]: (one["pnl"], one["trade_count"]) for one in every if one["trade_count"] != 0}


def taxonomy():
    tags = list(Tag.objects.filter(trader=None).order_by("position", "id"))
    return [
        (one.pk, one.name, [(two.pk, two.name) for two in tags if two.parent_id == one.pk])
        for one in tags
        if one.layer == 1
    ]


def custom(trader, parent_id, name="mine"):
    return Tag.objects.create(layer=3, trader=trader, parent_id=parent_id, name=name)


@pytest.mark.parametrize(("size", "seed"), [(1, 1), (2, 2), (9, 3)])
def test_agrees_with_the_slow_way(read, size, seed):
    team, chance = make_team(size, seed), random.Random(seed)
    borne = defaultdict(frozenset)
    for trade in team.books:
        own = Tag.objects.filter(trader=trade.account.trader)
        if not own and chance.random() < 0.5:
            custom(trade.account.trader, chance.randint(6, 35))
        chosen = set(chance.sample([6, 7, 11, 12, 20, 35], chance.choice([0, 0, 1, 1, 2, 3])))
        of_mine = list(own) if chance.random() < 0.3 else []
        tag(trade, *chosen, *(one.pk for one in of_mine))
        borne[trade.pk] = frozenset(chosen | {one.parent_id for one in of_mine})
    tree = taxonomy()
    if seed != 2:
        rolled.keep()  # else all of it is joined
    for least in (0, 1, 3):
        team.group.min_cohort = least
        team.group.save()
        for user in team.users:
            rule = {"least": 0 if user.is_admin else least, "own": user.trader_id}
            for params in PERIODS:
                answer = read(user, URL, **params)
                assert answer["data"] == twins.by_tag(
                    within(team.visible(user), params),
                    **rule, tree=tree, tags_of=lambda trade: borne[trade.pk],
                )  # fmt: skip
                assert answer["meta"].items() >= TOTALS.items()
                assert "total_custom_tags" not in answer["meta"]


def test_a_trade_counts_under_each_tag_and_once_in_its_category(desk, read):
    tag(make_trade(desk.bo, pnl="70"), 6, 7, 12)
    tag(make_trade(desk.ana, pnl="5"), 6)

    answer = read(desk.ana, URL)
    assert rows(answer) == {1: (75, 2), 6: (75, 2), 7: (70, 1), 2: (70, 1), 12: (70, 1)}
    assert [len(row["children"]) for row in answer["data"]] == [6] * 5
    assert answer["meta"]["obfuscated"] is False


def test_custom_tags_count_under_the_tag_above_them_and_are_not_told(desk, read):
    trade = make_trade(desk.bo, pnl="70")
    tag(trade, custom(desk.bo.trader, 11, "secret sauce").pk, 11)

    answer = read(desk.ana, URL)
    assert rows(answer) == {1: (70, 1), 11: (70, 1)}
    assert "secret" not in str(answer)


def test_a_retired_tag_is_there_while_the_range_has_trades_of_it(desk, read):
    tag(make_trade(desk.bo, pnl="70", day=2), 6)
    Tag.objects.filter(pk=6).update(retired_at=AT)

    def breakout(**params):
        return [one for one in read(desk.ana, URL, **params)["data"][0]["children"]
                if one["id"] == 6]  # fmt: skip

    assert [one["pnl"] for one in breakout()] == [70]
    assert breakout(start_date="2026-03-03") == []
    assert read(desk.ana, URL)["meta"]["total_subcategories"] == 29


def test_a_new_name_is_felt_while_the_cache_is_warm(desk, read):
    before = read(desk.ana, URL)["data"][0]["name"]
    Tag.objects.filter(pk=1).update(name="Technical")
    assert (before, read(desk.ana, URL)["data"][0]["name"]) == ("Tech", "Technical")


def test_tags_that_share_a_trade_give_nothing_away(desk, read, cohort_of):
    """All bear one tag, bo's trade a second: subtracting one from the other would tell of bo."""
    cohort_of(2)
    for trader in (make_trader(desk.group), make_trader(desk.group)):
        tag(make_trade(trader, pnl="10"), 6)
    tag(make_trade(desk.bo, pnl="70"), 6, 7)

    answer = read(desk.ana, URL)
    assert rows(answer) == {1: (20, 2), 6: (20, 2), 7: (None, None)}
    assert rows(read(desk.cora, URL)) == {1: (90, 3), 6: (90, 3), 7: (70, 1)}
    assert any("null where suppressed" in note for note in answer["meta"]["notes"])
    assert any("leave out" in note for note in answer["meta"]["notes"])


def test_the_body(desk, read):
    tag(make_trade(desk.bo, pnl="70"), 6, 12)
    assert matches_snapshot("comparative/performance-by-tag", read(desk.ana, URL))
