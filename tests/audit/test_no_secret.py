"""The whole life of a log-in, by every door: nothing secret stays in the log."""

from io import StringIO

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from tests import mails
from tests.accounts import steps
from tests.skyll import console

PASSWORDS = {f"a-secret-{number}-of-nora" for number in range(9)}
EMAIL = "nora@home.test"
pytestmark = pytest.mark.django_db


def hashed() -> str:
    return CustomUser.objects.get(email=EMAIL).password


def test_nothing_secret_stays_in_the_log(settings, monkeypatch):
    settings.PASSWORD_HASHERS = [
        f"{Argon2PasswordHasher.__module__}.{Argon2PasswordHasher.__name__}"
    ]
    fresh = iter(sorted(PASSWORDS))
    secrets: set[str] = set(PASSWORDS)

    # the API
    first, second, third = next(fresh), next(fresh), next(fresh)
    assert steps.register(password=first).status_code == 201
    key = mails.only().query["key"]
    assert steps.log_in(password=first).status_code == 403
    assert steps.verify(key).status_code == 200
    secrets |= {key, hashed()}
    assert steps.log_in(password="a-secret-guess").status_code == 401
    pair = steps.log_in(password=first).json()
    assert steps.change(pair["access_token"], first, second).status_code == 200
    secrets |= {"a-secret-guess", pair["access_token"], pair["refresh_token"], hashed()}
    link = steps.reset_link(EMAIL)
    assert steps.confirm(link, third).status_code == 200
    secrets |= {link["token"], hashed()}

    # the console
    olga = console.make_operator()
    operator = Client()
    console.log_in(operator, olga)
    secrets |= {console.PASSWORD, console.set_up_app(operator), operator.cookies["sessionid"].value}
    user = CustomUser.objects.get(email=EMAIL)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    fourth = next(fresh)
    given = {"password1": fourth, "password2": fourth, "usable_password": "true"}
    assert operator.post(page, given).status_code == 302
    assert CustomUser.objects.get(email=EMAIL).check_password(fourth)
    secrets |= {hashed()}

    # commands
    fifth, sixth = next(fresh), next(fresh)
    monkeypatch.setattr("sys.stdin", StringIO(f"{fifth}\n"))
    said = StringIO()
    call_command("create_user", "--email", EMAIL, "--password-stdin", stdout=said)
    assert CustomUser.objects.get(email=EMAIL).check_password(fifth)
    secrets |= {hashed()}
    name = "accounts.management.commands.changepassword.getpass"
    monkeypatch.setattr(name, lambda *_: sixth)
    call_command("changepassword", EMAIL, stdout=said)
    assert CustomUser.objects.get(email=EMAIL).check_password(sixth)
    secrets |= {hashed()}
    call_command("create_user", "--email", "bo@home.test", stdout=said)
    secrets |= {said.getvalue().rsplit(": ", 1)[1].strip()}

    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM user_management_audit_log l")
        rows = [row for (row,) in cursor.fetchall()]
    assert len(rows) > 12
    for row in rows:
        assert not [one for one in secrets if one in row], row
        assert not [one for one in secrets if one.rsplit("$")[-1] in row], row
        assert "argon2" not in row
