"""Tags on trades and off again: one trade, many, twice, at once, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from journal.models import Tag, TradeTag
from tests.factories import AT, make_trade, make_user
from tests.journal.steps import borne, tag_id
from tests.snapshots import matches_snapshot


@pytest.fixture
def trade(desk):
    return make_trade(desk.ana)


def test_a_trade_is_tagged_and_untagged_twice_over(desk, journal, trade):
    ask = journal(desk.ana)
    breakout, planned = tag_id("Tech", "Breakout"), tag_id("Mind", "Planned")
    for _ in range(2):
        found = ask("post", f"trades/{trade.id}/tags", {"tag": planned})
        assert [one["path"] for one in found["data"]] == [["Mind", "Planned"]]
    for _ in range(2):
        found = ask("post", f"trades/{trade.id}/tags", {"tags": [breakout, breakout]})
        assert [one["id"] for one in found["data"]] == [breakout, planned]
    for _ in range(2):
        found = ask("put", f"trades/{trade.id}/tags", {"tags": [breakout]})
        assert [one["id"] for one in found["data"]] == [breakout]
    for _ in range(2):
        found = ask("delete", f"trades/{trade.id}/tags/{breakout}")
        assert found == {"data": [], "meta": {"trader": desk.ana.trader_id}}
    assert ask("post", f"trades/{trade.id}/tags", {"tags": []})["data"] == []


def test_sim_trades_are_tagged_as_well(desk, journal):
    trade = make_trade(desk.ana, sim=True)
    journal(desk.ana)("post", f"trades/{trade.id}/tags", {"tag": tag_id("Flow", "Volume")})
    assert borne(trade) == {tag_id("Flow", "Volume")}


def test_many_at_once_or_none(desk, journal):
    ask = journal(desk.ana)
    trades = [make_trade(desk.ana) for _ in range(3)]
    tags = [tag_id("Tech", "Breakout"), tag_id("Event", "Headline")]
    body = {"trades": [str(trade.id) for trade in trades], "tags": tags}
    assert ask("post", "trades/tags", body)["data"] == {"trades": 3, "tags": 2, "added": 6}
    assert ask("post", "trades/tags", body)["data"] == {"trades": 3, "tags": 2, "added": 0}

    stranger = make_trade(desk.bo)
    for bad in (stranger.id, uuid4()):
        more = {"trades": [*body["trades"], str(bad)], "tags": [tag_id("Tech", "Range")]}
        refused = ask("post", "trades/tags", more, status=400)
        assert str(bad) in refused["fields"]["trades"][0]
    refused = ask("post", "trades/tags", {**body, "tags": [tags[0], 999_999]}, status=400)
    assert refused["fields"]["tags"] == ["There is no tag 999999 to choose"]
    assert {one for trade in trades for one in borne(trade)} == set(tags)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tags"),
        ({"tag": 6, "tags": [6]}, "tags"),
        ({"tag": None}, "tag"),
        ({"tag": "six"}, "tag"),
        ({"tags": 6}, "tags"),
        ({"tags": [None]}, "tags"),
        ({"tags": [True]}, "tags"),
        ({"tags": [10**30]}, "tags"),
        ({"tags": list(range(1, 102))}, "tags"),
        ({"tag": 1}, "tag"),
        ({"tags": [1]}, "tags"),
        ({"tags": [0]}, "tags"),
        ({"tag": 999_999}, "tag"),
    ],
)
def test_what_cannot_be_put_on_a_trade_is_named(desk, journal, trade, body, field):
    refused = journal(desk.ana)("post", f"trades/{trade.id}/tags", body, status=400)
    assert list(refused["fields"]) == [field]
    assert borne(trade) == set()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tags": [6]}, "trades"),
        ({"trades": [], "tags": [6]}, "trades"),
        ({"trades": ["x"], "tags": [6]}, "trades"),
        ({"trades": [str(uuid4())], "tags": []}, "tags"),
        ({"trades": [str(uuid4()) for _ in range(501)], "tags": [6]}, "trades"),
    ],
)
def test_what_cannot_be_tagged_at_once_is_named(desk, journal, body, field):
    refused = journal(desk.ana)("post", "trades/tags", body, status=400)
    assert list(refused["fields"]) == [field]


def test_a_retired_tag_stays_where_it_is_and_takes_no_more(desk, journal, trade):
    ask, tag = journal(desk.ana), tag_id("Mind", "Revenge")
    other = make_trade(desk.ana)
    ask("post", f"trades/{trade.id}/tags", {"tag": tag})
    Tag.objects.filter(name="Mind", parent=None).update(retired_at=AT)

    assert "retired" in ask("post", f"trades/{other.id}/tags", {"tag": tag}, status=400)["error"]
    both = {"trades": [str(trade.id), str(other.id)], "tags": [tag]}
    assert "retired" in ask("post", "trades/tags", both, status=400)["error"]
    ask("post", f"trades/{trade.id}/tags", {"tag": tag})
    ask("put", f"trades/{trade.id}/tags", {"tags": [tag]})
    assert (borne(trade), borne(other)) == ({tag}, set())


def test_strangers_trades_and_tags_are_as_if_they_were_not_there(desk, journal, trade):
    bos = journal(desk.bo)("post", "tags", {"name": "Mine", "parent": 6}, status=201)["data"]["id"]
    ask, tag = journal(desk.ana), tag_id("Tech", "Range")
    theirs = make_trade(desk.bo)
    answers = set()
    for pk in (theirs.id, uuid4()):
        for method, address, body in (
            ("post", f"trades/{pk}/tags", {"tag": tag}),
            ("put", f"trades/{pk}/tags", {"tags": [tag]}),
            ("delete", f"trades/{pk}/tags/{tag}", None),
            ("patch", f"trades/{pk}/notes", {"notes": "x"}),
        ):
            answers.add(str(ask(method, address, body, status=404)))
    assert len(answers) == 1
    told = {
        str(ask("post", f"trades/{trade.id}/tags", {"tag": pk}, status=400)).replace(str(pk), "")
        for pk in (bos, 999_999)
    }
    assert len(told) == 1
    told = {str(ask("delete", f"trades/{trade.id}/tags/{pk}", status=404)) for pk in (bos, 999_999)}
    assert len(told) == 1
    assert borne(theirs) == set()


def test_only_who_has_a_trader_writes(desk, journal, trade):
    for user in (desk.cora, make_user("lone", group=desk.group)):
        ask = journal(user)
        for method, address, body in (
            ("post", f"trades/{trade.id}/tags", {"tag": 6}),
            ("put", f"trades/{trade.id}/tags", {"tags": []}),
            ("delete", f"trades/{trade.id}/tags/6", None),
            ("post", "trades/tags", {"trades": [str(trade.id)], "tags": [6]}),
            ("patch", f"trades/{trade.id}/notes", {"notes": "x"}),
            ("post", "tags", {"name": "x", "parent": 6}),
            ("put", "tags/6", {"name": "x", "parent": 6}),
            ("delete", "tags/6", None),
            ("post", f"detached/{trade.id}/attach", {"trade": str(trade.id)}),
        ):
            refused = ask(method, address, body, status=403)
            assert refused["code"] == "no_trader", (method, address)


def test_it_costs_as_much_for_many_as_for_one(desk, journal, django_assert_num_queries):
    ask = journal(desk.ana)
    for size in (1, 40):
        trades = [str(make_trade(desk.ana).id) for _ in range(size)]
        # scope, savepoints apart: lock, trades, what they bear, tags held and read, put, version
        with django_assert_num_queries(1 + 7 + 2):
            ask("post", "trades/tags", {"trades": trades, "tags": [6, 7, 8]})


def test_every_write_gives_the_journal_another_version(desk, journal, trade):
    ask = journal(desk.ana)

    def version() -> int:
        return desk.ana.trader.accounts.get().journal_version

    for method, address, body in (
        ("post", f"trades/{trade.id}/tags", {"tag": 6}),
        ("put", f"trades/{trade.id}/tags", {"tags": [7]}),
        ("delete", f"trades/{trade.id}/tags/7", None),
        ("post", "trades/tags", {"trades": [str(trade.id)], "tags": [6]}),
    ):
        before = version()
        ask(method, address, body)
        assert version() > before, address


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_replace_at_once_leave_the_tags_of_one(desk, journal):
    trade = make_trade(desk.ana)
    sets = [[6, 7], [8, 9, 10], [11]]

    def turn(number: int) -> None:
        try:
            journal(desk.ana)("put", f"trades/{trade.id}/tags", {"tags": sets[number % 3]})
        finally:
            connection.close()

    for _ in range(5):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(turn, range(6)))
        assert sorted(borne(trade)) in sets
    TradeTag.objects.all().delete()


def test_the_answer(desk, journal, trade):
    ask = journal(desk.ana)
    made = ask("post", "tags", {"name": "Failed first", "parent": 6}, status=201)["data"]["id"]
    found = ask("post", f"trades/{trade.id}/tags", {"tags": [made, 30]})
    for one in found["data"]:
        one["id"] = "custom" if one["id"] == made else one["id"]
    found["meta"]["trader"] = 1
    assert matches_snapshot("journal/trade-tags", found)
