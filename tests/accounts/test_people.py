"""Every write to a log-in: the deed, its rows in the log, and what is refused."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group as Rights
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction

from accounts import actions
from accounts.models import CustomUser, Session
from accounts.sessions import open_session
from audit.models import LogEntry
from common import clock
from common.api.errors import Invalid, Refusal
from tests.audit.reading import told
from tests.factories import AT, make_group, make_trader, make_user

PASSWORD = "correct horse battery"
DONE = {"by": "operator@desk.test", "at": AT}
BY_API = DONE | {"source": "api"}
BY_CONSOLE = DONE | {"source": "console"}
CONSOLE = {"source": (None, "console")}


def make(**given) -> CustomUser:
    words = {"email": "Finn@Desk.test", "username": "finn", "password": PASSWORD}
    return actions.create_user(**words | given, **BY_CONSOLE)


def has_sessions(user: CustomUser) -> bool:
    return Session.objects.filter(user=user, ended_at=None).exists()


def test_made_with_all_that_it_says_and_no_password(desk):
    trader = make_trader(desk.group)

    user = make(trader=trader, is_admin=True, opt_out=True, first_name="Finn")

    assert user.check_password(PASSWORD)
    assert (user.email, user.group, user.trader) == ("finn@desk.test", desk.group, trader)
    assert EmailAddress.objects.get(user=user, verified=True, primary=True).email == user.email
    entry = LogEntry.objects.get()
    assert (entry.user_email, entry.entity_id, entry.trader_id_snapshot, entry.timestamp) == (
        "operator@desk.test", user.pk, trader.pk, AT,
    )  # fmt: skip
    fields = {
        "email": "finn@desk.test", "username": "finn", "first_name": "Finn", "is_active": True,
        "is_admin": True, "opt_out": True, "group": desk.group.pk, "trader": trader.pk,
    }  # fmt: skip
    assert told() == [("create", {name: (None, one) for name, one in fields.items()} | CONSOLE)]


def test_without_a_password_none_works(desk):
    assert not make(password=None).has_usable_password()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_admin": True}, [("role", {"is_admin": (False, True)})]),
        (
            {"is_staff": True, "is_superuser": True},
            [("role", {"is_staff": (False, True), "is_superuser": (False, True)})],
        ),
        ({"opt_out": True}, [("opt_out", {"opt_out": (False, True)})]),
        ({"is_active": False}, [("deactivate", {"is_active": (True, False)})]),
        ({"last_name": "B"}, [("update", {"last_name": ("", "B")})]),
        ({"email": "Bo@new.test"}, [("update", {"email": ("bo@desk.test", "bo@new.test")})]),
        (
            {"last_name": "B", "is_admin": True, "opt_out": True},
            [
                ("update", {"last_name": ("", "B")}),
                ("role", {"is_admin": (False, True)}),
                ("opt_out", {"opt_out": (False, True)}),
            ],
        ),
        ({"is_admin": False, "username": "bo"}, []),
    ],
)
def test_one_row_for_each_kind_of_deed(desk, change, expected):
    user = actions.change_user(user=desk.bo, **change, **BY_CONSOLE)

    assert sorted(told()) == sorted((deed, fields | CONSOLE) for deed, fields in expected)
    for name, value in change.items():
        assert getattr(user, name) == (value.lower() if name == "email" else value)
    assert {row.trader_id_snapshot for row in LogEntry.objects.all()} <= {desk.bo.trader_id}


def test_activated_again(desk):
    for active in (False, True):
        actions.change_user(user=desk.bo, is_active=active, **BY_CONSOLE)

    assert [deed for deed, _ in told()] == ["deactivate", "activate"]


def test_linked_to_another_and_to_nobody(desk):
    first, second = desk.bo.trader_id, make_trader(desk.group)

    actions.link(user=desk.bo, trader=second, **BY_API)
    actions.link(user=desk.bo, trader=second, **BY_API)
    actions.link(user=desk.bo, trader=None, **BY_API)

    api = {"source": (None, "api")}
    assert told() == [
        ("link", {"trader": (first, second.pk)} | api),
        ("unlink", {"trader": (second.pk, None)} | api),
    ]
    assert {row.trader_id_snapshot for row in LogEntry.objects.all()} == {second.pk}


def test_one_without_a_group_comes_into_the_trader_s(desk):
    user = make_user("lone")

    user = actions.link(user=user, trader=make_trader(desk.group), **BY_CONSOLE)

    assert user.group == desk.group
    assert {deed for deed, _ in told()} == {"group", "link"}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda desk: {"trader": desk.sven.trader}, actions.OtherGroup),
        (lambda desk: {"trader": desk.ana.trader}, actions.TraderTaken),
        (lambda desk: {"group": desk.sven.group}, actions.OtherGroup),
        (lambda desk: {"group": None}, actions.OtherGroup),
        (lambda desk: {"email": "ANA@desk.test"}, actions.AddressTaken),
        (lambda desk: {"username": "ana"}, actions.UsernameTaken),
        (lambda desk: {"email": "no address"}, Invalid),
        (lambda desk: {"username": "a b"}, Invalid),
        (lambda desk: {"first_name": "x" * 151}, Invalid),
    ],
)
def test_what_is_refused_leaves_nothing_behind(desk, change, refusal):
    change = change(desk)
    before = CustomUser.objects.filter(pk=desk.bo.pk).values().get()

    with pytest.raises(refusal) as refused:
        actions.change_user(user=desk.bo, **change, **BY_CONSOLE)
    assert issubclass(refusal, Refusal)
    assert refused.value.status in (400, 409)

    assert CustomUser.objects.filter(pk=desk.bo.pk).values().get() == before
    assert told() == []


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (lambda desk: {"trader": desk.sven.trader, "group": desk.group}, actions.OtherGroup),
        (lambda desk: {"trader": desk.ana.trader}, actions.TraderTaken),
        (lambda desk: {"email": "Ana@desk.test"}, actions.AddressTaken),
        (lambda desk: {"username": "ana"}, actions.UsernameTaken),
        (lambda desk: {"email": "finn"}, Invalid),
        (lambda desk: {"username": ""}, Invalid),
    ],
)
def test_nobody_is_made_who_cannot_be(desk, given, refusal):
    count = CustomUser.objects.count()

    with pytest.raises(refusal):
        make(**given(desk))

    assert (CustomUser.objects.count(), told()) == (count, [])


def test_the_group_and_a_trader_of_it_change_together(desk):
    there = make_trader(desk.sven.group)

    user = actions.change_user(user=desk.bo, group=there.group, trader=there, **BY_CONSOLE)

    assert (user.group, user.trader) == (there.group, there)
    assert {deed for deed, _ in told()} == {"group", "link"}


def test_a_new_address_is_the_only_one_and_counts_as_verified(desk):
    actions.change_user(user=desk.bo, email="new@desk.test", **BY_CONSOLE)

    [row] = EmailAddress.objects.filter(user=desk.bo)
    assert (row.email, row.verified, row.primary) == ("new@desk.test", True, True)


def test_deactivation_and_a_new_password_end_every_session(desk):
    for deed in (
        lambda user: actions.change_user(user=user, is_active=False, **BY_CONSOLE),
        lambda user: actions.set_password(user=user, password=PASSWORD, **BY_CONSOLE),
    ):
        open_session(desk.bo, at=clock.now())
        open_session(desk.ana, at=clock.now())
        deed(desk.bo)
        assert not has_sessions(desk.bo)
        assert has_sessions(desk.ana)


def test_other_changes_leave_sessions_alone(desk):
    open_session(desk.bo, at=clock.now())
    actions.change_user(user=desk.bo, is_admin=True, opt_out=True, trader=None, **BY_CONSOLE)

    assert has_sessions(desk.bo)


def test_a_password_is_written_down_without_a_word_of_it(desk):
    actions.set_password(user=desk.bo, password=PASSWORD, **BY_CONSOLE)
    actions.set_password(user=desk.bo, password=None, **BY_CONSOLE)

    assert told() == [("password", CONSOLE), ("password", CONSOLE)]
    desk.bo.refresh_from_db()
    assert not desk.bo.has_usable_password()


def test_deleted_with_its_last_words(desk):
    pk, trader = desk.bo.pk, desk.bo.trader_id
    open_session(desk.bo, at=clock.now())

    actions.delete_user(user=desk.bo, **BY_CONSOLE)

    assert not CustomUser.objects.filter(pk=pk).exists()
    entry = LogEntry.objects.get()
    assert (entry.action, entry.entity_id, entry.trader_id_snapshot) == ("delete", pk, trader)
    assert entry.changes["email"] == {"old": "bo@desk.test", "new": None}
    with pytest.raises(Refusal):
        actions.rename(user=CustomUser(pk=pk), names={"first_name": "x"}, **BY_API)


def test_a_form_that_saves_by_itself_is_written_down_rights_included(desk):
    before = actions.known(desk.bo)
    open_session(desk.bo, at=clock.now())
    desk.bo.set_password(PASSWORD)
    desk.bo.is_active = False
    desk.bo.save()
    desk.bo.groups.add(Rights.objects.create(name="Operators"))
    reading = Permission.objects.get(codename="view_logentry", content_type__app_label="audit")
    desk.bo.user_permissions.add(reading)

    actions.note_change(before=before, user=desk.bo, **BY_CONSOLE)

    assert dict(told()) == {
        "deactivate": {"is_active": (True, False)} | CONSOLE,
        "role": {
            "permission_groups": ([], ["Operators"]),
            "permissions": ([], ["audit.view_logentry"]),
        }
        | CONSOLE,
        "password": CONSOLE,
    }
    assert not has_sessions(desk.bo)
    assert "argon2" not in repr(before)
    assert desk.bo.password not in repr(before)


def test_who_registered_another_s_address_gets_neither_a_place_nor_a_role(desk):
    attacker = make_user("boss", password="of the attacker", verified=False)

    for given in ({"trader": make_trader(desk.group)}, {"is_admin": True}, {"is_staff": True}):
        with pytest.raises(actions.Unproven):
            actions.change_user(user=attacker, **given, **BY_CONSOLE)
    assert told() == []

    boss = make(email="Boss@desk.test", username="chief")
    assert not CustomUser.objects.filter(pk=attacker.pk).exists()
    assert boss.check_password(PASSWORD)
    assert [deed for deed, _ in told()] == ["delete", "create"]


DEEDS = {
    "create": lambda desk: make(),
    "change": lambda desk: actions.change_user(user=desk.bo, is_admin=True, **BY_CONSOLE),
    "link": lambda desk: actions.link(user=desk.bo, trader=None, **BY_CONSOLE),
    "opt out": lambda desk: actions.set_opt_out(user=desk.bo, opt_out=None, **BY_API),
    "rename": lambda desk: actions.rename(user=desk.bo, names={"first_name": "B"}, **BY_API),
    "password": lambda desk: actions.set_password(user=desk.bo, password="x", **BY_CONSOLE),
    "delete": lambda desk: actions.delete_user(user=desk.bo, **BY_CONSOLE),
    "move": lambda desk: actions.move_trader(
        trader=desk.bo.trader, group=make_group("New"), **BY_CONSOLE
    ),
    "merge": lambda desk: actions.merge_traders(
        kept=make_trader(desk.group, "Kept"), gone=desk.bo.trader, **BY_CONSOLE
    ),
}


def rows_but_the_log() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u::text FROM accounts_customuser u UNION ALL SELECT t::text FROM traders t "
            "WHERE t.name <> 'Kept' UNION ALL SELECT a::text FROM trader_platforms a "
            "WHERE a.account < 'A9' UNION ALL SELECT e::text FROM account_emailaddress e ORDER BY 1"
        )
        return cursor.fetchall()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_without_its_record_there_is_no_deed(desk, deed):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE user_management_audit_log ADD CHECK (false)")
    before = rows_but_the_log()

    with pytest.raises(DatabaseError), transaction.atomic():
        deed(desk)

    assert rows_but_the_log() == before


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_without_the_deed_there_is_no_record(desk, deed):
    with transaction.atomic():
        deed(desk)
        assert told()
        transaction.set_rollback(True)  # what the deed is part of fails

    assert told() == []


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_every_row_names_who_when_and_by_which_door(desk, deed):
    deed(desk)

    for row in LogEntry.objects.all():
        assert (row.scope, row.user_email, row.timestamp) == (
            "user_management", "operator@desk.test", AT,
        )  # fmt: skip
        assert row.changes["source"]["new"] in ("api", "console")
        assert None not in (row.entity_id, row.entity_type)
