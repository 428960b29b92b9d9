"""An operator of the console at work on log-ins."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from tests.factories import make_user

PASSWORD = "correct horse battery"
LIST = "/admin/accounts/customuser/"
ADD = f"{LIST}add/"


def operator_client(name: str = "olga", **given) -> Client:
    """Return a client at the console; a superuser unless told otherwise."""
    user = make_user(name, **{"is_staff": True, "is_superuser": True} | given)
    client = Client()
    client.force_login(user)
    return client


def page_of(user: CustomUser, page: str = "change") -> str:
    if page == "password":
        return f"{LIST}{user.pk}/password/"
    return reverse(f"admin:accounts_customuser_{page}", args=[user.pk])


def new_user(group, **given) -> dict:
    """Return the form for a new user with a password, as the page sends it."""
    words = {
        "username": "finn", "email": "Finn@Desk.test", "first_name": "", "last_name": "",
        "group": group.pk if group else "", "trader": "", "usable_password": "true",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    return words | given


def form_of(user: CustomUser, **given) -> dict:
    """Return the form of a user as the page sends it; None leaves a box unticked."""
    boxes = ("is_admin", "opt_out", "is_active", "is_staff", "is_superuser")
    words = {
        "username": user.username, "email": user.email, "first_name": user.first_name,
        "last_name": user.last_name, "group": user.group_id or "", "trader": user.trader_id or "",
        **{box: "on" for box in boxes if getattr(user, box)},
    }  # fmt: skip
    return {name: value for name, value in (words | given).items() if value is not None}


def act(client: Client, action: str, *users: CustomUser):
    form = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(LIST, form)


def said(answer) -> str:
    """Return what an action has just said."""
    return [str(message) for message in answer.wsgi_request._messages][-1]


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)
