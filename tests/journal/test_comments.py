"""Comments: between a trader and the admins of the group, and nobody else."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import CustomUser
from journal.models import Comment, Detached
from tests.factories import AT, make_trade, make_user
from traders.models import Trader

BASE = "/api/v1/journal"


@pytest.fixture
def cleo(desk):
    """An admin of the other group."""
    return make_user("cleo", group=desk.sven.group, is_admin=True)


@pytest.fixture
def coco(desk):
    """A second admin of the group, who trades too."""
    trader = Trader.objects.create(group=desk.group, name="Coco")
    return make_user("coco", group=desk.group, trader=trader, is_admin=True)


@pytest.fixture
def places(desk, as_user):
    """Addresses of the comments on a trade and on an entry of ana."""
    entry = as_user(desk.ana).post(f"{BASE}/entries", {"date": "2026-03-02", "title": "A"})
    return (
        f"{BASE}/trades/{make_trade(desk.ana).pk}/comments",
        f"{BASE}/entries/{entry.json()['data']['id']}/comments",
    )


@pytest.fixture
def say(as_user):
    """Return a way to comment as somebody, and get the comment."""

    def post(user, place, text="Why?"):
        answer = as_user(user).post(place, {"text": text})
        assert answer.status_code == 201, answer.json()
        return answer.json()["data"]

    return post


def test_trader_and_coach_talk(desk, places, say, as_user):
    for place in places:
        asked = say(desk.cora, place, "Why?")
        told = say(desk.ana, place, "It was planned")

        assert (asked["author"], asked["by_coach"], asked["is_own"]) == ("cora", True, True)
        assert (told["author"], told["by_coach"]) == ("ana", False)
        for user, waiting in ((desk.ana, asked), (desk.cora, told)):
            answer = as_user(user).get(place).json()
            assert [one["text"] for one in answer["data"]] == ["Why?", "It was planned"]
            assert [one["id"] for one in answer["data"] if one["to_acknowledge"]] == [waiting["id"]]
            assert (answer["meta"]["count"], answer["meta"]["unacknowledged"]) == (2, 1)
            assert answer["meta"]["trader"] == desk.ana.trader_id
    entry = as_user(desk.ana).get(places[1].removesuffix("/comments")).json()["data"]
    assert entry["to_acknowledge"] == 1


def test_nobody_else_hears_or_speaks(desk, places, say, as_user, cleo):
    una = make_user("una", group=desk.group)
    said = [say(desk.ana, place) for place in places]
    nowhere = (f"{BASE}/trades/{uuid4()}/comments", f"{BASE}/entries/999999/comments")
    for user in (desk.bo, desk.otto, desk.sven, una, cleo):
        one = as_user(user)
        for place, missing in zip(places, nowhere, strict=True):
            for answer, same in (
                (one.get(place), one.get(missing)),
                (one.post(place, {"text": "x"}), one.post(missing, {"text": "x"})),
            ):
                assert (answer.status_code, answer.json()) == (404, same.json()), user
        for comment in said:
            path, missing = f"{BASE}/comments/{comment['id']}", f"{BASE}/comments/999999"
            for answer, same in (
                (one.delete(path), one.delete(missing)),
                (one.post(f"{path}/acknowledge"), one.post(f"{missing}/acknowledge")),
            ):
                assert (answer.status_code, answer.json()) == (404, same.json()), user
        assert one.get(f"{BASE}/comments").json()["data"] == []
    assert Comment.objects.filter(acknowledged_at=None).count() == 2


def test_one_thing_takes_so_many_comments(desk, places, say, as_user, monkeypatch):
    """Every list that tells of it tells all of them."""
    monkeypatch.setattr("journal.actions.comments.MOST_COMMENTS", 2)
    for place in places:
        first = [say(desk.cora, place), say(desk.ana, place)][0]
        answer = as_user(desk.ana).post(place, {"text": "Why?"})
        assert (answer.status_code, answer.json()["code"]) == (400, "too_many_comments")

        assert as_user(desk.cora).delete(f"{BASE}/comments/{first['id']}").status_code == 200
        say(desk.ana, place)


def test_the_other_side_acknowledges_once(desk, places, say, as_user, coco):
    asked, told = say(desk.cora, places[0]), say(desk.ana, places[0])

    def acknowledge(user, comment):
        return as_user(user).post(f"{BASE}/comments/{comment['id']}/acknowledge")

    for user, comment in ((desk.cora, asked), (coco, asked), (desk.ana, told)):
        answer = acknowledge(user, comment)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_side"), user
    first = acknowledge(desk.ana, asked).json()["data"]
    again = acknowledge(desk.ana, asked).json()["data"]
    by_coco = acknowledge(coco, told).json()["data"]  # any admin of the group

    assert first == again
    assert first["acknowledged_at"] is not None
    assert by_coco["acknowledged_at"] is not None
    assert Comment.objects.get(pk=told["id"]).acknowledged_by == coco
    assert as_user(desk.ana).get(places[0]).json()["meta"]["unacknowledged"] == 0


def test_an_admin_is_the_trader_of_the_own_trades(desk, say, as_user, coco):
    place = f"{BASE}/trades/{make_trade(coco).pk}/comments"
    own, asked = say(coco, place), say(desk.cora, place)

    assert (own["by_coach"], asked["by_coach"]) == (False, True)
    answer = as_user(coco).post(f"{BASE}/comments/{asked['id']}/acknowledge")
    assert answer.status_code == 200
    answer = as_user(coco).post(f"{BASE}/comments/{own['id']}/acknowledge")
    assert answer.status_code == 403
    assert as_user(desk.cora).get(place).json()["meta"]["unacknowledged"] == 1


def test_only_who_wrote_it_deletes_it(desk, places, say, as_user, coco):
    said = say(desk.cora, places[0])
    path = f"{BASE}/comments/{said['id']}"
    for user in (desk.ana, coco):
        answer = as_user(user).delete(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_comment")

    assert as_user(desk.cora).delete(path).json()["data"] == {"id": said["id"]}
    assert not Comment.objects.exists()
    assert as_user(desk.cora).delete(path).status_code == 404


def test_all_that_was_said_newest_first(desk, places, say, as_user, coco):
    for place in places:
        say(desk.cora, place, "To ana")
    say(desk.bo, f"{BASE}/trades/{make_trade(desk.bo).pk}/comments", "By bo")

    def texts(user, **params):
        answer = as_user(user).get(f"{BASE}/comments", params).json()
        return [one["text"] for one in answer["data"]], answer["meta"]["unacknowledged"]

    assert texts(desk.ana) == (["To ana", "To ana"], 2)
    assert texts(desk.bo) == (["By bo"], 0)
    assert texts(desk.cora) == texts(coco) == (["By bo", "To ana", "To ana"], 1)
    assert texts(desk.cora, unacknowledged=True) == (["By bo"], 1)
    assert texts(desk.cora, trader=desk.ana.trader_id) == (["To ana", "To ana"], 0)
    assert texts(desk.ana, unacknowledged=True, page_size=1) == (["To ana"], 2)
    assert as_user(desk.ana).get(f"{BASE}/comments", {"trader": 1}).status_code == 403
    theirs = {"trader": desk.sven.trader_id}
    assert as_user(desk.cora).get(f"{BASE}/comments", theirs).status_code == 404


def test_roles_are_asked_each_time(desk, places, say, as_user):
    said = say(desk.cora, places[0])
    CustomUser.objects.filter(pk=desk.cora.pk).update(is_admin=False)

    assert as_user(desk.cora).get(places[0]).status_code == 404
    assert as_user(desk.cora).delete(f"{BASE}/comments/{said['id']}").status_code == 404
    assert as_user(desk.ana).get(places[0]).json()["data"][0]["author"] == "cora"


def test_a_user_who_is_gone_leaves_the_words(desk, places, say, as_user):
    say(desk.cora, places[0])
    desk.cora.delete()

    (told,) = as_user(desk.ana).get(places[0]).json()["data"]
    assert (told["author"], told["is_own"]) == ("cora", False)


def test_of_a_detached_trade_they_are_read_and_not_added_to(desk, say, as_user):
    trade = make_trade(desk.ana)
    place = f"{BASE}/trades/{trade.pk}/comments"
    say(desk.cora, place)
    Detached.objects.create(
        account=trade.account, trade_id=trade.pk, contract=trade.contract, side=1, quantity=1,
        entry_price=1, exit_price=1, opened_ns=1, closed_ns=2, detached_at=AT,
    )  # fmt: skip
    trade.delete()

    assert len(as_user(desk.ana).get(place).json()["data"]) == 1
    assert as_user(desk.ana).post(place, {"text": "x"}).status_code == 404


@pytest.mark.parametrize("text", ["", "  ", "x" * 5_001, None, 7, "a\x00"])
def test_what_is_no_comment_is_named(desk, places, as_user, text):
    for place in places:
        answer = as_user(desk.ana).post(place, {"text": text})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])
    assert not Comment.objects.exists()


@pytest.mark.parametrize("size", [1, 5])
def test_costs(desk, places, say, as_user, django_assert_num_queries, size):
    for _ in range(size):
        for place in places:
            say(desk.cora, place)
    ana = as_user(desk.ana)

    for place in places:
        with django_assert_num_queries(3):  # what it is about, comments, both counts
            assert len(ana.get(place).json()["data"]) == size
    with django_assert_num_queries(2):
        ana.get(f"{BASE}/comments")
