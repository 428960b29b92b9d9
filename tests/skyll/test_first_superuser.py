"""The one who lets everybody else in."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import CustomUser, Letter
from skyll import first_superuser
from skyll.management.commands import prepare
from tests.accounts.steps import log_in
from tests.audit.reading import told
from tests.factories import AT, make_user

BOSS = "boss@desk.test"
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Boss@Desk.test", PASSWORD


def boss() -> CustomUser:
    return CustomUser.objects.get(email=BOSS)


def test_with_a_password_it_can_log_in_at_once(named):
    assert first_superuser.ensure(at=AT) == f"Superuser: {BOSS}, with the password ADMIN_PASSWORD"

    assert (boss().is_staff, boss().is_superuser, boss().is_admin) == (True, True, False)
    assert log_in(BOSS, PASSWORD).status_code == 200
    [(deed, fields)] = told(scope="user_management", user_email="")
    assert (deed, fields["is_superuser"]) == ("create", (None, True))


def test_without_one_it_is_invited(named, settings):
    settings.ADMIN_PASSWORD = ""

    assert first_superuser.ensure(at=AT) == f"Superuser: {BOSS}, an invitation is on its way"

    assert not boss().has_usable_password()
    assert list(Letter.objects.values_list("kind", "email")) == [("invitation", BOSS)]


def test_where_there_is_one_nothing_happens(named):
    make_user("olga", is_staff=True, is_superuser=True)

    assert first_superuser.ensure(at=AT) is None
    assert not CustomUser.objects.filter(email=BOSS).exists()


def test_unnamed_it_says_how(settings):
    settings.ADMIN_EMAIL = ""
    assert "create_user --superuser --email" in (first_superuser.ensure(at=AT) or "")
    assert not CustomUser.objects.exists()


def test_a_log_in_that_is_there_is_raised(named, desk):
    make_user("boss", group=desk.group, password="the old one")

    assert first_superuser.ensure(at=AT) == f"Superuser: {BOSS}, raised from what it was"

    assert (boss().is_superuser, boss().group) == (True, desk.group)
    assert [deed for deed, _ in told()] == ["role", "password"]


def test_who_registered_the_address_is_not_raised(named):
    attacker = make_user("boss", password="of the attacker", verified=False)

    first_superuser.ensure(at=AT)

    assert boss().pk != attacker.pk
    assert boss().check_password(PASSWORD)


@pytest.mark.parametrize("password", ["short", "12345678", "bossdesk"])
def test_a_weak_password_stops_the_start(named, settings, password):
    settings.ADMIN_PASSWORD = password
    with pytest.raises(CommandError, match="ADMIN_EMAIL or ADMIN_PASSWORD is of no use: password"):
        call_command(prepare.Command())

    assert not CustomUser.objects.exists()
