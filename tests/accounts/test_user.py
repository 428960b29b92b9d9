import pytest

from audit.models import LogEntry

URL = "/api/v1/auth/user"


@pytest.mark.parametrize("slash", ["", "/"])
def test_shows_who_is_logged_in(desk, as_user, slash):
    body = as_user(desk.otto).get(URL + slash).json()

    assert (body["email"], body["group"], body["trader"]) == (
        "otto@desk.test",
        desk.group.pk,
        desk.otto.trader_id,
    )
    assert body["opt_out"] is True


def test_names_may_be_patched_and_nothing_else(desk, as_user):
    answer = as_user(desk.ana).patch(
        URL, {"first_name": "Ana", "is_admin": True, "email": "x@desk.test", "group": None}
    )

    assert answer.status_code == 200
    assert answer.json()["first_name"] == "Ana"
    desk.ana.refresh_from_db()
    assert (desk.ana.first_name, desk.ana.is_admin, desk.ana.email) == (
        "Ana",
        False,
        "ana@desk.test",
    )
    entry = LogEntry.objects.get(action="update")
    assert entry.changes == {
        "first_name": {"old": "", "new": "Ana"},
        "source": {"old": None, "new": "api"},
    }


@pytest.mark.parametrize("name", [0, None, True, [], "x" * 151, "a\x00"])
def test_a_name_is_text(desk, as_user, name):
    answer = as_user(desk.ana).patch(URL, {"last_name": name})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["last_name"]


def test_the_same_name_again_writes_nothing(desk, as_user):
    as_user(desk.ana).patch(URL, {"first_name": ""})

    assert not LogEntry.objects.exists()


def test_other_methods_are_refused_in_our_shape(desk, as_user):
    answer = as_user(desk.ana).delete(URL)

    assert answer.status_code == 405
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_opt_out_toggles_and_sets(desk, as_user, slash):
    url = f"{URL}/opt-out{slash}"
    said = [
        as_user(desk.ana).post(url, body).json()
        for body in ({}, {}, {"opt_out": True}, {"opt_out": True}, {"opt_out": False})
    ]

    assert said == [{"opt_out": state} for state in (True, False, True, True, False)]
    changes = LogEntry.objects.filter(action="opt_out").order_by("id")
    assert [entry.changes["opt_out"]["new"] for entry in changes] == [True, False, True, False]
    assert {entry.trader_id_snapshot for entry in changes} == {desk.ana.trader_id}


@pytest.mark.parametrize("kind", ["", "application/json", "application/x-www-form-urlencoded"])
def test_no_body_at_all_toggles(desk, as_user, kind):
    client = as_user(desk.ana)
    said = [client.generic("POST", f"{URL}/opt-out", "", kind).json() for _ in range(2)]

    assert said == [{"opt_out": True}, {"opt_out": False}]


@pytest.mark.parametrize("wish", [0, 1, "false", "no", None, []])
def test_opting_out_is_true_or_false_and_nothing_that_looks_like_it(desk, as_user, wish):
    answer = as_user(desk.ana).post(f"{URL}/opt-out", {"opt_out": wish})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["opt_out"]
    assert not LogEntry.objects.exists()
