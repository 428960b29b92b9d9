"""Staff who are no superusers: they keep log-ins in order and cannot raise anybody's rights."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import CustomUser
from tests.accounts.operator import (
    ADD,
    LIST,
    act,
    form_of,
    new_user,
    operator_client,
    page_of,
    said,
)
from tests.factories import make_user

OTHER = "a staple of another kind"


@pytest.fixture
def office(desk) -> Client:
    """Staff with every right over log-ins that can be given."""
    client = operator_client("pia", is_superuser=False)
    pia = CustomUser.objects.get(username="pia")
    rights = Permission.objects.filter(content_type__app_label__in=("accounts", "auth"))
    pia.user_permissions.set(rights)
    return client


@pytest.fixture
def boss(desk) -> CustomUser:
    return make_user("boss", is_staff=True, is_superuser=True)


def test_they_make_and_change_log_ins(desk, office):
    assert office.post(ADD, new_user(desk.group)).status_code == 302
    assert office.post(page_of(desk.ana), form_of(desk.ana, opt_out="on")).status_code == 302
    desk.ana.refresh_from_db()
    assert desk.ana.opt_out


RIGHTS = {"is_staff": "on", "is_superuser": "on", "user_permissions": [1], "groups": []}


def test_they_give_no_rights(desk, office):
    office.post(ADD, new_user(desk.group, **RIGHTS))
    office.post(page_of(desk.ana), form_of(desk.ana, **RIGHTS))
    for user in CustomUser.objects.filter(username__in=("ana", "finn")):
        assert (user.is_staff, user.is_superuser, user.user_permissions.count()) == (
            False,
            False,
            0,
        )
    assert CustomUser.objects.filter(username="finn").exists()
    for page in (ADD, page_of(desk.ana)):
        assert 'name="is_superuser"' not in office.get(page).content.decode()


def test_nor_to_themselves(office):
    pia = CustomUser.objects.get(username="pia")
    assert office.post(page_of(pia), form_of(pia, **RIGHTS)).status_code == 403


@pytest.mark.parametrize("rank", [{"is_staff": True}, {"is_staff": True, "is_superuser": True}])
def test_log_ins_of_staff_are_out_of_their_reach(office, desk, rank):
    """Whoever changes the password or the address of one could become it."""
    boss = make_user("boss", group=desk.group, **rank)
    before = CustomUser.objects.get(pk=boss.pk).password
    form = {"usable_password": "true", "password1": OTHER, "password2": OTHER}
    assert office.post(page_of(boss, "password"), form | {"set-password": "1"}).status_code == 403
    assert office.post(page_of(boss), form_of(boss, email="pia2@desk.test")).status_code == 403
    assert office.post(page_of(boss, "delete"), {"post": "yes"}).status_code == 403
    for action in ("deactivate", "remove_second_factor", "end_all_sessions", "invite"):
        assert "only a superuser" in said(act(office, action, boss))
    boss.refresh_from_db()
    assert (boss.is_active, boss.password, boss.email) == (True, before, "boss@desk.test")
    shown = office.get(page_of(boss))
    assert shown.status_code == 200
    assert before not in shown.content.decode()


def test_they_delete_nobody(office, desk):
    assert office.post(page_of(desk.ana, "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in office.get(LIST).content.decode()


def test_permission_groups_are_for_superusers(office):
    assert office.get("/admin/auth/group/").status_code == 403
    assert office.post("/admin/auth/group/add/", {"name": "x"}).status_code == 403


def test_a_superuser_keeps_the_own_rights(boss):
    client = Client()
    client.force_login(boss)
    answer = client.post(
        page_of(boss), form_of(boss, is_superuser=None, is_staff=None, is_active=None)
    )
    assert answer.status_code == 302
    boss.refresh_from_db()
    assert (boss.is_superuser, boss.is_staff, boss.is_active) == (True, True, True)
