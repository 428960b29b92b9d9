"""The steps of the account flow, taken through the API."""

from __future__ import annotations

from threading import local

from rest_framework.test import APIClient

from tests import mails

AUTH = "/api/v1/auth"
PASSWORD = "correct horse battery"
OTHER = "a staple of another kind"
EMAIL = "nora@home.test"
_own = local()


def api() -> APIClient:
    """Return this thread's client: a new one for each call takes longer than the call."""
    if not hasattr(_own, "client"):
        _own.client = APIClient()
    return _own.client


def register(slash: str = "", **given):
    body = {"username": "nora", "email": EMAIL, "password": PASSWORD, **given}
    return api().post(f"{AUTH}/registration{slash}", body)


def verify(key: str, slash: str = ""):
    return api().post(f"{AUTH}/registration/verify-email{slash}", {"key": key})


def resend(email: str = EMAIL, slash: str = ""):
    return api().post(f"{AUTH}/registration/resend-email{slash}", {"email": email})


def ask_reset(email: str = EMAIL, slash: str = ""):
    return api().post(f"{AUTH}/password/reset{slash}", {"email": email})


def reset_link(email: str = EMAIL) -> dict[str, str]:
    """Return uid and token as they were mailed; what was owed before goes out first."""
    mails.arriving()
    assert ask_reset(email).status_code == 200
    return mails.only().query


def confirm(link: dict[str, str], password: str = OTHER, slash: str = "", **given):
    body = {**link, "new_password1": password, "new_password2": password, **given}
    return api().post(f"{AUTH}/password/reset/confirm{slash}", body)


def change(access: str, old: str = PASSWORD, new: str = OTHER, slash: str = "", **given):
    body = {"old_password": old, "new_password1": new, "new_password2": new, **given}
    return api().post(f"{AUTH}/password/change{slash}", body, HTTP_AUTHORIZATION=f"Bearer {access}")


def log_in(email: str = EMAIL, password: str = PASSWORD):
    return api().post(f"{AUTH}/login", {"email": email, "password": password})


def greet(access: str) -> int:
    """Return what an access token is answered."""
    return api().get(f"{AUTH}/user", HTTP_AUTHORIZATION=f"Bearer {access}").status_code
