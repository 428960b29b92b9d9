import pytest

from tests.factories import make_account, make_trader, make_user
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


@pytest.mark.parametrize("size", [0, 9])
def test_costs_three_queries(desk, as_user, django_assert_num_queries, size):
    for _ in range(size):
        make_user(group=desk.group, trader=make_trader(desk.group, accounts=2))
    make_account(desk.ana.trader, is_sim=True)
    client = as_user(desk.cora)
    for _ in range(2):
        with django_assert_num_queries(3):  # traders with their users, accounts, platforms
            client.get(URL)


def test_what_changes_shows_at_the_next_request(desk, as_user):
    client = as_user(desk.cora)

    def row(name):
        return next((one for one in client.get(URL).json()["data"] if one["name"] == name), None)

    idle = make_trader(desk.group, "Idle")
    assert row("Idle")["user"] is None
    una = make_user("una", group=desk.group, trader=idle)
    assert row("Idle")["user"] == una.pk
    for opt_out in (True, False):
        una.opt_out = opt_out
        una.save()
        assert row("Idle")["opt_out"] is opt_out
    make_account(idle, "NEW-1")
    assert row("Idle")["accounts"][-1]["account"] == "NEW-1"
    idle.name = "Busy"
    idle.save()
    assert row("Idle") is None
    idle.is_archived = True
    idle.save()
    assert row("Busy") is None


def test_body(desk, as_user):
    make_account(desk.ana.trader, is_sim=True)
    rows = as_user(desk.cora).get(URL).json()["data"]
    for number, row in enumerate(rows):
        row["id"] = number
        row["user"] = row["user"] and number
        for place, account in enumerate(row["accounts"]):
            account["account"] = f"A{number}{place}"

    assert matches_snapshot("traders", rows)
