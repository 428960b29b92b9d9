"""Entries: whose they are, what they hold, how they are found, written anew and deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection

from audit.models import LogEntry
from journal.models import Entry, EntryTag, EntryTrade, Tag
from journal.models.writing import SEARCHED
from tests.factories import AT, make_trade, make_user
from tests.snapshots import matches_snapshot

URL = "/api/v1/journal/entries"
BREAKOUT, PULLBACK, TECH = 6, 7, 1
WORDS = {"date": "2026-03-02", "title": "A page"}


@pytest.fixture
def write(as_user):
    """Return a way to write an entry as somebody, and get the whole of it."""

    def post(user, **words):
        answer = as_user(user).post(URL, {**WORDS, **words})
        assert answer.status_code == 201, answer.json()
        return answer.json()["data"]

    return post


@pytest.fixture
def titles(as_user):
    """Return a way to list titles as somebody."""

    def get(user, **params):
        answer = as_user(user).get(URL, params)
        assert answer.status_code == 200, answer.json()
        return [one["title"] for one in answer.json()["data"]]

    return get


def refused(answer, status, *fields):
    assert answer.status_code == status, answer.json()
    assert set(answer.json().get("fields", {})) == set(fields), answer.json()
    return answer.json()


def test_an_entry_is_a_dated_page(desk, write, as_user):
    live, sim = make_trade(desk.ana), make_trade(desk.ana, sim=True)
    own = Tag.objects.create(layer=3, parent_id=7, trader=desk.ana.trader, name="Late")
    made = write(
        desk.ana,
        title="  Two good breakouts ",
        body="  # Body\n\n* kept as it is \n",
        mood="calm",
        trades=[str(live.pk), str(sim.pk)],
        tags=[own.pk, BREAKOUT],
    )
    read = as_user(desk.ana).get(f"{URL}/{made['id']}").json()

    assert read["data"] == made
    assert read["meta"] == {"trader": desk.ana.trader_id}
    assert made["title"] == "Two good breakouts"
    assert made["body"] == "  # Body\n\n* kept as it is \n"
    assert set(made["trades"]) == {str(live.pk), str(sim.pk)}
    assert [tag["path"] for tag in made["tags"]] == [
        ["Tech", "Breakout"], ["Tech", "Pullback", "Late"],
    ]  # fmt: skip


def test_what_is_left_out_is_empty(desk, write):
    made = write(desk.ana)

    assert (made["body"], made["mood"]) == ("", "")
    assert made["trades"] == made["tags"] == made["images"] == made["comments"] == []


def test_a_large_page_is_refused_only_where_its_texts_would_fill_the_memory(desk, as_user):
    assert as_user(desk.ana).get(URL, {"page_size": 1000}).status_code == 200
    refused(as_user(desk.ana).get(URL, {"page_size": 1001}), 400, "page_size")
    told = {"trader": desk.ana.trader, "date": AT.date(), "created_at": AT, "updated_at": AT}
    Entry.objects.bulk_create(
        Entry(**told, title=f"long {n}", body="long " * 10_000) for n in range(101)
    )
    refused(as_user(desk.ana).get(URL, {"page_size": 101}), 400, "page_size")
    assert as_user(desk.ana).get(URL, {"page_size": 100}).status_code == 200


def test_whose_entries(desk, write, as_user, titles):
    other = make_user("cleo", group=desk.sven.group, is_admin=True)
    mine = write(desk.ana, title="Ana's")
    write(desk.bo, title="Bo's")
    ana = {"trader": desk.ana.trader_id}

    assert titles(desk.ana) == ["Ana's"]
    assert titles(desk.cora) == []  # no trader of her own
    assert titles(desk.cora, **ana) == ["Ana's"]
    assert as_user(desk.cora).get(f"{URL}/{mine['id']}", ana).status_code == 200
    refused(as_user(desk.bo).get(URL, ana), 403)
    refused(as_user(other).get(URL, ana), 404)
    missing = as_user(desk.bo).get(f"{URL}/999999").json()
    for user in (desk.bo, desk.cora, desk.sven, other):
        for method in ("get", "put", "delete"):
            answer = getattr(as_user(user), method)(f"{URL}/{mine['id']}", WORDS)
            if user in (desk.cora, other) and method != "get":
                assert refused(answer, 403)["code"] == "no_trader"
            else:
                assert refused(answer, 404) == missing
    assert Entry.objects.count() == 2


def test_an_admin_reads_and_does_not_write(desk, write, as_user):
    mine = write(desk.ana)
    cora = as_user(desk.cora)

    for method, path in (("post", URL), ("put", f"{URL}/{mine['id']}")):
        answer = getattr(cora, method)(f"{path}?trader={desk.ana.trader_id}", WORDS)
        assert refused(answer, 403)["code"] == "no_trader"


def test_newest_first_by_pages(desk, write, as_user):
    for day, title in ((3, "b"), (1, "a"), (3, "c"), (9, "d")):
        write(desk.ana, date=f"2026-03-{day:02}", title=title)

    first = as_user(desk.ana).get(URL, {"page_size": 3}).json()
    second = as_user(desk.ana).get(first["meta"]["next"]).json()

    assert [one["title"] for one in first["data"] + second["data"]] == ["d", "c", "b", "a"]
    assert (first["meta"]["count"], second["meta"]["next"]) == (4, None)


def test_days(desk, write, titles):
    for day in (1, 2, 3):
        write(desk.ana, date=f"2026-03-0{day}", title=str(day))

    assert titles(desk.ana, start_date="2026-03-02") == ["3", "2"]
    assert titles(desk.ana, end_date="2026-03-02") == ["2", "1"]
    assert titles(desk.ana, start_date="2026-03-02", end_date="2026-03-02") == ["2"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("breakout", ["One"]),
        ("BREAK", ["One"]),
        ("retest breakout", ["One"]),
        ("breakout missing", []),
        ("the", ["Two"]),  # no word is too common
        ("two", ["Two"]),
        ("o'neill", ["Two"]),
        ("zürich", ["Two"]),
        ("5400.25", ["One"]),
        ("risk-off", ["One"]),
        ("off", ["One"]),
        ("", ["Two", "One"]),
        ("   ", ["Two", "One"]),
        ("reakout", []),
        ("c:\\logs", ["Two"]),
        ("https://desk.test/pl", ["One"]),
        ("nq", ["One"]),
        ("es/nq", ["One"]),
    ],
)
def test_found_by_the_beginnings_of_words(desk, write, titles, q, found):
    write(
        desk.ana,
        title="One",
        body="**Breakout** at 5400.25, risk-off; waited for a retest of ES/NQ https://desk.test/plan",
    )
    write(
        desk.ana,
        title="Two",
        body="O'Neill of Zürich said the word; see c:\\logs",
        date="2026-03-03",
    )
    write(desk.bo, title="Bo's", body="Breakout the two O'Neill risk-off")

    assert titles(desk.ana, q=q) == found


ODD = (
    "'", "''", '"', "\\", "\\'", "';--", "& | !", "a & !b", "(", ":*", "a:*b", "<->", "%", "_", "*",
    "'':*", "\\\\'':*|", "!!!", "&", "a'b\\c", "💥", "\u202e", "\ud7ff", "x" * 200, "' OR 1=1",
    "é́", "\t\n", "a\u00a0b", "-", "$$", "{}", "ﬀ",
)  # fmt: skip


@pytest.mark.parametrize("q", ODD)
def test_no_search_breaks_anything(desk, write, titles, q):
    write(desk.ana, title="One")
    assert titles(desk.ana, q=q) in ([], ["One"])


def test_what_cannot_be_searched_for_is_refused(desk, as_user):
    for q in ("a\x00b", "x" * 201):
        refused(as_user(desk.ana).get(URL, {"q": q}), 400, "q")


def test_a_search_goes_by_its_index(desk, write):
    write(desk.ana, title="One")
    found = Entry.objects.alias(searched=SEARCHED).filter(searched=SearchQuery("one"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "entry_search" in found.explain()


def test_the_longest_body_of_the_oddest_words_is_kept_and_found(desk, write, titles):
    words = [f"w{n}-ä{n}.x/{n}" for n in range(6_000)]
    body = " ".join(words)[:50_000]
    write(desk.ana, title="Long", body=body)
    write(desk.ana, title="Wide", body="語" * 49_998 + " z")

    assert titles(desk.ana, q="w1999-ä1999") == ["Long"]
    assert titles(desk.ana, q="z") == ["Wide"]


def test_written_anew_whole(desk, write, as_user):
    trade, other = make_trade(desk.ana), make_trade(desk.ana)
    made = write(desk.ana, body="old", mood="calm", trades=[str(trade.pk)], tags=[BREAKOUT])
    answer = as_user(desk.ana).put(
        f"{URL}/{made['id']}",
        {"date": "2026-03-05", "title": "New", "trades": [str(other.pk)], "tags": [PULLBACK]},
    )

    new = answer.json()["data"]
    assert answer.status_code == 200
    assert (new["id"], new["date"], new["title"]) == (made["id"], "2026-03-05", "New")
    assert (new["body"], new["mood"], new["trades"]) == ("", "", [str(other.pk)])
    assert [tag["id"] for tag in new["tags"]] == [PULLBACK]
    assert new["created_at"] == made["created_at"]
    assert new["updated_at"] > made["updated_at"]


def test_who_has_read_an_older_one_is_told(desk, write, as_user):
    made, ana = write(desk.ana), as_user(desk.ana)
    path, read = f"{URL}/{made['id']}", {"updated_at": made["updated_at"]}
    first = ana.put(path, {**WORDS, "title": "First", **read})
    late = ana.put(path, {**WORDS, "title": "Late", **read})

    assert first.status_code == 200
    assert refused(late, 409)["code"] == "changed_meanwhile"
    assert ana.get(path).json()["data"]["title"] == "First"
    assert ana.put(path, {**WORDS, "title": "Last"}).status_code == 200


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"date": "2.3.2026"}, "date"),
        ({"date": None}, "date"),
        ({"body": "x" * 50_001}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"mood": "x" * 41}, "mood"),
        ({"trades": ["x"]}, "trades"),
        ({"trades": ["0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801"]}, "trades"),
        ({"trades": "all"}, "trades"),
        ({"tags": [TECH]}, "tags"),
        ({"tags": [999_999]}, "tags"),
        ({"tags": [-1]}, "tags"),
        ({"tags": list(range(1, 60))}, "tags"),
    ],
)
def test_what_is_wrong_is_named(desk, write, as_user, words, field):
    made, ana = write(desk.ana), as_user(desk.ana)

    refused(ana.post(URL, {**WORDS, **words}), 400, field)
    refused(ana.put(f"{URL}/{made['id']}", {**WORDS, **words}), 400, field)
    assert Entry.objects.count() == 1


def test_only_own_trades_and_own_tags(desk, write, as_user):
    theirs = Tag.objects.create(layer=3, parent_id=7, trader=desk.bo.trader, name="Late")
    trade, ana = make_trade(desk.bo), as_user(desk.ana)

    refused(ana.post(URL, {**WORDS, "trades": [str(trade.pk)]}), 400, "trades")
    refused(ana.post(URL, {**WORDS, "tags": [theirs.pk]}), 400, "tags")


def test_what_is_retired_or_gone_may_stay_where_it_stands(desk, write, as_user):
    trade = make_trade(desk.ana)
    made = write(desk.ana, trades=[str(trade.pk)], tags=[BREAKOUT])
    Tag.objects.filter(pk=BREAKOUT).update(retired_at=made["created_at"])
    trade.delete()
    same = {**WORDS, "trades": made["trades"], "tags": [BREAKOUT]}
    ana = as_user(desk.ana)

    again = ana.put(f"{URL}/{made['id']}", same)

    assert again.status_code == 200, again.json()
    assert again.json()["data"]["trades"] == made["trades"]
    refused(ana.post(URL, {**WORDS, "tags": [BREAKOUT]}), 400, "tags")
    refused(ana.post(URL, {**WORDS, "trades": made["trades"]}), 400, "trades")


def test_deleted_with_all_that_hangs_on_it_and_written_down(desk, write, as_user):
    made = write(desk.ana, trades=[str(make_trade(desk.ana).pk)], tags=[BREAKOUT])
    as_user(desk.cora).post(f"{URL}/{made['id']}/comments", {"text": "Why?"})
    answer = as_user(desk.ana).delete(f"{URL}/{made['id']}")

    assert answer.json()["data"] == {"id": made["id"], "images": 0, "comments": 1}
    assert not Entry.objects.exists()
    assert not EntryTag.objects.exists()
    assert not EntryTrade.objects.exists()
    told = LogEntry.objects.get(scope="journal")
    assert (told.action, told.entity_type, told.entity_id) == ("delete", "entry", made["id"])
    assert told.user_email == "ana@desk.test"
    refused(as_user(desk.ana).delete(f"{URL}/{made['id']}"), 404)


@pytest.mark.parametrize("size", [1, 7])
def test_costs_few_queries(desk, write, as_user, django_assert_num_queries, size):
    trade = make_trade(desk.ana)
    for _ in range(size):
        made = write(desk.ana, trades=[str(trade.pk)], tags=[BREAKOUT, PULLBACK])
        as_user(desk.cora).post(f"{URL}/{made['id']}/comments", {"text": "Why?"})
    client = as_user(desk.ana)

    with django_assert_num_queries(4):  # scope, rows and what hangs on them, tags, comments
        assert len(client.get(URL).json()["data"]) == size


def test_snapshot(desk, write, as_user):
    trade = make_trade(desk.ana)
    made = write(desk.ana, body="Waited.", mood="calm", trades=[str(trade.pk)], tags=[BREAKOUT])
    as_user(desk.cora).post(f"{URL}/{made['id']}/comments", {"text": "Why?"})
    body = as_user(desk.ana).get(URL).json()
    (one,) = body["data"]
    one |= {"id": 1, "trades": ["a trade"], "created_at": "now", "updated_at": "now"}
    one["comments"][0] |= {"id": 1, "trader": 1, "entry": 1, "created_at": "now"}
    body["meta"]["trader"] = 1

    assert matches_snapshot("journal/entries", body)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_to_write_anew_and_to_delete_at_once_takes_turns(desk, write, as_user):
    """Both hold the accounts first: neither waits for the other in a ring."""
    trades = [str(make_trade(desk.ana).pk) for _ in range(3)]

    def turn(number: int, address: str) -> int:
        try:
            client = as_user(desk.ana)
            if number % 2:
                return client.delete(address).status_code
            return client.put(address, {**WORDS, "trades": trades}).status_code
        finally:
            connection.close()

    for _ in range(8):
        address = f"{URL}/{write(desk.ana, trades=trades)['id']}"
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(turn, range(4), [address] * 4))
        assert set(found) <= {200, 404}
        assert found.count(404) >= 1
    assert not Entry.objects.exists()
