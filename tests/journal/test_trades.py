"""Trades with what was written about them, and what is noted."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from journal import actions
from journal.models import Comment, Image
from tests.factories import AT, make_account, make_trade, make_user
from tests.journal.steps import URL, journal_of, noted
from tests.snapshots import matches_snapshot


@pytest.fixture
def trades(desk):
    """Four of ana's: bare, tagged, custom, noted."""
    bare, tagged, custom, words = (make_trade(desk.ana, day=day) for day in (2, 3, 4, 5))
    journal = journal_of(desk.ana)
    made = actions.make_tag(journal=journal, name="Failed first", parent_id=6)
    for trade, tag in ((tagged, 7), (custom, made.id)):
        actions.add_tags(journal=journal, trade_id=trade.id, tag_ids=[tag], field="tags", at=AT)
    actions.write_note(journal=journal, trade_id=words.id, text="Too early", at=AT)
    return bare, tagged, custom, words


def ids(found):
    return [row["id"] for row in found["data"]]


def test_the_list_tells_tags_notes_images_and_comments(desk, journal, trades):
    bare, tagged, custom, words = trades
    about = {"account": bare.account, "trade_id": bare.id, "trader": desk.ana.trader}
    Image.objects.create(
        **about, path="x", content_type="image/png", width=1, height=1, size=1, created_at=AT
    )
    Comment.objects.create(
        **about, author=desk.cora, author_name="cora", by_coach=True, text="Why?", created_at=AT
    )
    found = journal(desk.ana).list("trades")
    assert ids(found) == [str(one.id) for one in reversed(trades)]
    rows = {row["id"]: row for row in found["data"]}
    assert rows[str(custom.id)]["tags"][0]["path"] == ["Tech", "Breakout", "Failed first"]
    assert rows[str(words.id)]["notes"] == "Too early"
    assert rows[str(tagged.id)]["images"] == rows[str(tagged.id)]["comments"] == []
    assert [one["text"] for one in rows[str(bare.id)]["comments"]] == ["Why?"]
    assert len(rows[str(bare.id)]["images"]) == 1
    assert found["meta"]["trader"] == desk.ana.trader_id
    one = journal(desk.ana)("get", f"trades/{custom.id}")
    assert one["data"] == rows[str(custom.id)]


@pytest.mark.parametrize("address", ["trades", "detached"])
def test_a_page_has_a_thousand_rows_at_most(desk, journal, address):
    for size, status in ((1000, 200), (1001, 400)):
        journal(desk.ana)("get", f"{address}?page_size={size}", status=status)


def test_it_is_chosen_as_personal_trades_are(desk, as_user, journal, trades):
    whole = [
        {}, {"tag": 7}, {"tag": 6}, {"tag": 1}, {"tag": [7, 30]}, {"untagged": "true"},
        {"untagged": "true", "tag": 7}, {"side": "short"}, {"sort": "pnl"}, {"sim": "true"},
        {"start_date": "2026-03-03", "end_date": "2026-03-04"}, {"page_size": 2, "page": 2},
    ]  # fmt: skip
    for asked in whole:
        there = as_user(desk.ana).get("/api/v1/personal/trades", asked).json()
        assert ids(journal(desk.ana).list("trades", **asked)) == ids(there), asked


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"tag": "x"}, "tag"),
        ({"tag": "999999"}, "tag"),
        ({"untagged": "perhaps"}, "untagged"),
        ({"side": "up"}, "side"),
        ({"sort": "size"}, "sort"),
        ({"product": "ES"}, "product"),
        ({"start_date": "2026-03-05", "end_date": "2026-03-04"}, "end_date"),
        ({"page": "0"}, "page"),
        ({"trader": "x"}, "trader"),
    ],
)
def test_what_cannot_be_asked_is_named(desk, as_user, asked, field):
    answer = as_user(desk.ana).get("/api/v1/journal/trades", asked)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_who_reads_whose(desk, journal, trades):
    for user in (desk.cora, make_user("lone", group=desk.group)):
        assert ids(journal(user).list("trades")) == []
    assert len(ids(journal(desk.cora).list("trades", trader=desk.ana.trader_id))) == 4
    assert ids(journal(desk.bo).list("trades")) == []
    for user in (desk.bo, desk.sven, desk.cora):
        assert journal(user)("get", f"trades/{trades[0].id}", status=404) == journal(user)(
            "get", f"trades/{uuid4()}", status=404
        )
    address = f"trades/{trades[0].id}?trader={desk.ana.trader_id}"
    assert journal(desk.cora)("get", address)["data"]["id"] == str(trades[0].id)
    assert journal(desk.bo)("get", address, status=403)["code"] == "not_admin"


def test_it_costs_the_same_for_many_as_for_few(desk, as_user, trades, django_assert_num_queries):
    client = as_user(desk.ana)
    # scope, tags, page, borne, notes, images, comments, why no mae, count, state of the books
    for _ in range(2):
        with django_assert_num_queries(10):
            client.get("/api/v1/journal/trades")
        for _ in range(10):
            make_trade(make_account(desk.ana.trader))
    with django_assert_num_queries(7):
        client.get(f"/api/v1/journal/trades/{trades[0].id}")


def test_notes_are_written_over_and_removed(desk, journal):
    ask, trade = journal(desk.ana), make_trade(desk.ana)
    text = "  - waited\n  - **took** it\t<b>é</b>"
    for _ in range(2):
        assert ask("patch", f"trades/{trade.id}/notes", {"notes": text})["data"] == {"notes": text}
    assert noted(trade) == text
    for empty in ("", " \n "):
        ask("patch", f"trades/{trade.id}/notes", {"notes": "x" * 20_000})
        assert ask("patch", f"trades/{trade.id}/notes", {"notes": empty})["data"]["notes"] == ""
        assert noted(trade) == ""


@pytest.mark.parametrize("notes", [None, 5, ["x"], "x" * 20_001, "a\u0000b"])
def test_what_is_no_note_is_refused(desk, as_user, notes):
    trade = make_trade(desk.ana)
    for body in ({"notes": notes}, {}):
        address = f"{URL}/trades/{trade.id}/notes"
        answer = as_user(desk.ana).generic(
            "PATCH", address, json.dumps(body), content_type="application/json"
        )
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["notes"])
    assert noted(trade) == ""


def test_the_answer(desk, journal, trades):
    found = journal(desk.ana)("get", f"trades/{trades[2].id}")
    found["meta"]["trader"] = 1
    found["data"]["tags"][0]["id"] = "custom"
    for name in ("id", "product_id", "opened_at", "closed_at"):
        found["data"][name] = name
    assert matches_snapshot("journal/trades-id", found)
