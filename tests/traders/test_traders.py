import pytest

from tests.factories import make_account, make_trader
from tests.snapshots import matches_snapshot

URL = "/api/v1/traders"


def names(answer) -> list[str]:
    return [row["name"] for row in answer.json()["data"]]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_coach_sees_the_traders_of_the_own_group(desk, as_user, slash):
    assert names(as_user(desk.cora).get(URL + slash)) == ["Ana", "Bo", "Otto"]


@pytest.mark.parametrize("name", ["ana", "otto", "sven"])
def test_others_are_refused(desk, as_user, name):
    answer = as_user(getattr(desk, name)).get(URL)

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_admin"


def test_archived_traders_are_listed_when_asked_for(desk, as_user):
    make_trader(desk.group, "Gone", is_archived=True)

    assert "Gone" not in names(as_user(desk.cora).get(URL))
    assert names(as_user(desk.cora).get(URL, {"archived": "true"})) == ["Gone"]


def test_a_bad_value_is_named(desk, as_user):
    answer = as_user(desk.cora).get(URL, {"archived": "perhaps"})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["archived"]


def test_costs_three_queries_cold_and_none_warm(desk, as_user, django_assert_num_queries):
    make_account(desk.ana.trader, is_sim=True)
    client = as_user(desk.cora)
    with django_assert_num_queries(3):  # traders with their users, accounts, platforms
        client.get(URL)
    with django_assert_num_queries(0):  # a list that may be a minute old
        client.get(URL)


def test_body(desk, as_user):
    make_account(desk.ana.trader, is_sim=True)
    rows = as_user(desk.cora).get(URL).json()["data"]
    for number, row in enumerate(rows):
        row["id"] = number
        row["user"] = row["user"] and number
        for place, account in enumerate(row["accounts"]):
            account["account"] = f"A{number}{place}"

    assert matches_snapshot("traders", rows)
