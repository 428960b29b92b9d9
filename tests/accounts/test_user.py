import pytest

from accounts.models import CustomUser
from audit.models import LogEntry
from tests.audit.reading import told

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


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_new_name_is_written_down_with_who_when_and_by_which_door(desk, as_user, slash):
    names = {"first_name": "Ana", "last_name": "Bell"}
    assert as_user(desk.ana).patch(URL + slash, names).status_code == 200

    entry = LogEntry.objects.get()
    assert (entry.scope, entry.action, entry.entity_type, entry.entity_id) == (
        "user_management", "update", "custom_user", desk.ana.pk,
    )  # fmt: skip
    assert (entry.user_email, entry.trader_id_snapshot) == ("ana@desk.test", desk.ana.trader_id)
    assert told() == [
        (
            "update",
            {
                "first_name": ("", "Ana"),
                "last_name": ("", "Bell"),
                "source": (None, "api"),
            },
        )
    ]


def test_a_patch_leaves_what_others_changed_meanwhile(desk, as_user):
    client = as_user(desk.ana)  # knows ana as she was
    CustomUser.objects.filter(pk=desk.ana.pk).update(last_name="Bell", opt_out=True)

    body = client.patch(URL, {"first_name": "Ana"}).json()

    assert (body["first_name"], body["last_name"], body["opt_out"]) == ("Ana", "Bell", True)
    assert [fields["first_name"] for _, fields in told()] == [("", "Ana")]


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


@pytest.mark.parametrize("body", [{"optOut": False}, {"opt-out": True}, {"": 1}])
def test_a_wish_that_is_named_wrongly_toggles_nothing(desk, as_user, body):
    answer = as_user(desk.otto).post(f"{URL}/opt-out", body)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["opt_out"]
    desk.otto.refresh_from_db()
    assert desk.otto.opt_out is True


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


def test_a_wish_that_is_granted_already_writes_nothing(desk, as_user):
    assert as_user(desk.otto).post(f"{URL}/opt-out", {"opt_out": True}).json() == {"opt_out": True}

    assert told() == []


@pytest.mark.parametrize("call", ["patch", "opt-out"])
def test_a_log_in_that_is_deleted_at_this_moment_is_no_error(desk, as_user, call):
    client = as_user(desk.ana)
    CustomUser.objects.filter(pk=desk.ana.pk).delete()

    if call == "patch":
        answer = client.patch(URL, {"first_name": "Ana"})
    else:
        answer = client.post(f"{URL}/opt-out", {})

    assert answer.status_code == 404
    assert answer.json()["code"] == "no_log_in"
