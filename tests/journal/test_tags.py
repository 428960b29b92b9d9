"""The taxonomy and custom tags: the tree, making, renaming, moving, deleting."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from audit.models import LogEntry
from journal.actions import custom_tags
from journal.models import Entry, EntryTag, Tag
from tests.factories import AT, make_trade, make_user
from tests.journal.steps import URL, borne, tag_id
from tests.snapshots import matches_snapshot

BREAKOUT = 6


@pytest.fixture
def mine(desk, journal):
    """Return the id of a custom tag of ana's."""
    body = {"name": "Failed first", "parent": BREAKOUT}
    return journal(desk.ana)("post", "tags", body, status=201)["data"]["id"]


def named(tree, *path):
    node = {"children": tree}
    for name in path:
        node = next(one for one in node["children"] if one["name"] == name)
    return node


def test_the_tree(desk, journal, mine):
    found = journal(desk.ana)("get", "tags")
    assert [one["name"] for one in found["data"]] == [
        "Tech", "Fundamental", "Flow", "Event", "Mind",
    ]  # fmt: skip
    assert all(
        len(one["children"]) == 6 and one["children"][-1]["name"] == "Other"
        for one in found["data"]
    )
    assert named(found["data"], "Tech", "Breakout", "Failed first")["id"] == mine
    assert found["meta"] == {
        "count": 5, "trader": desk.ana.trader_id, "total_categories": 5,
        "total_subcategories": 30, "total_custom_tags": 1,
    }  # fmt: skip
    named(found["data"], "Tech", "Breakout", "Failed first")["id"] = "custom"
    found["meta"]["trader"] = 1
    assert matches_snapshot("journal/tags", found)


def test_custom_tags_are_their_traders_and_the_coachs_to_read(desk, journal, mine):
    assert not named(journal(desk.bo)("get", "tags")["data"], "Tech", "Breakout")["children"]
    coached = journal(desk.cora).list("tags", trader=desk.ana.trader_id)
    assert named(coached["data"], "Tech", "Breakout", "Failed first")["id"] == mine
    for user in (desk.cora, make_user("lone", group=desk.group)):
        plain = journal(user)("get", "tags")
        assert (plain["meta"]["trader"], plain["meta"]["total_custom_tags"]) == (None, 0)


def test_retired_ones_are_flagged_with_all_below(desk, journal, mine):
    Tag.objects.filter(pk=BREAKOUT).update(retired_at=AT)
    found = journal(desk.ana)("get", "tags")
    tech = named(found["data"], "Tech")
    assert not tech["retired"]
    for path in (("Tech", "Breakout"), ("Tech", "Breakout", "Failed first")):
        node = named(found["data"], *path)
        assert (node["retired"], node["assignable"]) == (True, False)
    assert named(found["data"], "Tech", "Pullback")["assignable"]
    assert found["meta"]["total_subcategories"] == 29
    assert found["meta"]["total_custom_tags"] == 0


def test_it_is_renamed_and_moved_with_its_trades(desk, journal, mine):
    ask, trade = journal(desk.ana), make_trade(desk.ana)
    ask("post", f"trades/{trade.id}/tags", {"tag": mine})
    body = {"name": "  Second   try ", "parent": tag_id("Mind", "Planned")}
    for _ in range(2):
        changed = ask("put", f"tags/{mine}", body)
        assert changed["data"] == {
            "id": mine, "name": "Second   try", "parent": tag_id("Mind", "Planned"),
        }  # fmt: skip
    (tag,) = ask("get", f"trades/{trade.id}")["data"]["tags"]
    assert tag["path"] == ["Mind", "Planned", "Second   try"]


def test_deleting_takes_it_off_and_says_of_how_many(desk, journal, mine):
    ask = journal(desk.ana)
    trades = [make_trade(desk.ana) for _ in range(3)]
    for trade in trades[:2]:
        ask("post", f"trades/{trade.id}/tags", {"tags": [mine]})
    ask("post", f"trades/{trades[1].id}/tags", {"tags": [BREAKOUT, 30]})
    entry = Entry.objects.create(
        trader=desk.ana.trader, date=AT, title="x", created_at=AT, updated_at=AT
    )
    EntryTag.objects.create(entry=entry, tag_id=mine)

    gone = ask("delete", f"tags/{mine}")
    assert gone["data"] == {
        "id": mine, "name": "Failed first", "parent": BREAKOUT, "trades": 2, "entries": 1,
    }  # fmt: skip
    assert [borne(trade) for trade in trades] == [set(), {BREAKOUT, 30}, set()]
    assert not EntryTag.objects.exists()
    assert ask("delete", f"tags/{mine}", status=404)["code"] == "unknown_tag"
    (row,) = LogEntry.objects.filter(scope="journal")
    assert (row.action, row.entity_type, row.entity_id) == ("delete", "tag", mine)
    assert (row.user_email, row.trader_id_snapshot) == (desk.ana.email, desk.ana.trader_id)
    assert "Failed first" not in str(row.changes)  # the log is never erased: no words of a trader
    assert row.changes["trades"]["old"] == 2


def test_a_name_stands_once_under_its_parent(desk, journal, mine):
    ask = journal(desk.ana)
    for name in ("Failed first", "FAILED FIRST", "  failed first  ", "failed first\n"):
        refused = ask("post", "tags", {"name": name, "parent": BREAKOUT}, status=400)
        assert list(refused["fields"]) == ["name"], name
    other = ask("post", "tags", {"name": "Failed first", "parent": 7}, status=201)["data"]["id"]
    refused = ask("put", f"tags/{other}", {"name": "failed FIRST", "parent": BREAKOUT}, status=400)
    assert list(refused["fields"]) == ["name"]
    ask("put", f"tags/{mine}", {"name": "failed FIRST", "parent": BREAKOUT})
    for name in ("İstanbul", "istanbul", "ISTANBUL", "Straße", "STRASSE"):  # as the database has it
        body = {"name": name, "parent": BREAKOUT}
        assert ask.client.post(f"{URL}/tags", body, format="json").status_code in (201, 400)
    journal(desk.bo)("post", "tags", {"name": "Failed first", "parent": BREAKOUT}, status=201)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "parent"),
        ({"parent": 6}, "name"),
        ({"name": "", "parent": 6}, "name"),
        ({"name": "   ", "parent": 6}, "name"),
        ({"name": "x" * 61, "parent": 6}, "name"),
        ({"name": "a\u0000b", "parent": 6}, "name"),
        ({"name": "a\nb", "parent": 6}, "name"),
        ({"name": "a\u202eb", "parent": 6}, "name"),
        ({"name": 7, "parent": 6}, "name"),
        ({"name": "x", "parent": 1}, "parent"),
        ({"name": "x", "parent": 999_999}, "parent"),
        ({"name": "x", "parent": "Breakout"}, "parent"),
        ({"name": "x", "parent": None}, "parent"),
    ],
)
def test_what_is_no_custom_tag_is_refused_by_name(desk, as_user, mine, body, field):
    client = as_user(desk.ana)
    for method, address in (("POST", "tags"), ("PUT", f"tags/{mine}")):
        answer = client.generic(
            method, f"{URL}/{address}", json.dumps(body), content_type="application/json"
        )
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_no_custom_tag_hangs_under_another_or_a_retired_one(desk, journal, mine):
    ask = journal(desk.ana)
    Tag.objects.filter(pk=7).update(retired_at=AT)
    for parent in (mine, 7):
        refused = ask("post", "tags", {"name": "x", "parent": parent}, status=400)
        assert list(refused["fields"]) == ["parent"]


def test_fixed_tags_and_strangers_are_not_touched(desk, journal, mine):
    body = {"name": "x", "parent": BREAKOUT}
    for tag in (1, BREAKOUT):
        assert journal(desk.ana)("put", f"tags/{tag}", body, status=403)["code"] == "fixed_tag"
        assert journal(desk.ana)("delete", f"tags/{tag}", status=403)["code"] == "fixed_tag"
    told = {
        str(journal(desk.bo)(method, f"tags/{tag}", sent, status=404))
        for tag in (mine, 999_999, 10**25)
        for method, sent in (("put", body), ("delete", None))
    }
    assert len(told) == 1


def test_there_is_a_limit(desk, journal, monkeypatch):
    monkeypatch.setattr(custom_tags, "MOST_TAGS", 2)
    ask = journal(desk.ana)
    for n in range(2):
        ask("post", "tags", {"name": f"tag {n}", "parent": BREAKOUT}, status=201)
    refused = ask("post", "tags", {"name": "one more", "parent": BREAKOUT}, status=400)
    assert refused["code"] == "too_many_tags"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_several_at_once_one_is_made_and_the_rest_is_told(desk, as_user):
    def turn(_: int) -> int:
        try:
            body = {"name": "Failed first", "parent": BREAKOUT}
            return as_user(desk.ana).post("/api/v1/journal/tags", body, format="json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(turn, range(6))) == [201, *[400] * 5]
    assert Tag.objects.filter(layer=3).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tagging_while_the_tag_is_deleted_leaves_nothing_of_it(desk, as_user):
    trades = [make_trade(desk.ana) for _ in range(4)]
    for number in range(3):
        tag = Tag.objects.create(
            trader=desk.ana.trader, parent_id=BREAKOUT, layer=3, name=f"tag {number}"
        )

        def turn(n: int, tag: int = tag.pk) -> int:
            try:
                client = as_user(desk.ana)
                if n == 2:
                    return client.delete(f"/api/v1/journal/tags/{tag}").status_code
                address = f"/api/v1/journal/trades/{trades[n % 4].id}/tags"
                return client.post(address, {"tag": tag}, format="json").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            told = list(pool.map(turn, range(6)))
        assert told[2] == 200
        assert set(told) <= {200, 400}
        assert [borne(trade) for trade in trades] == [set()] * 4
