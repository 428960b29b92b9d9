"""Requests by which somebody wants more than is theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import CustomUser, Letter
from tests.authorization.matrix import rows
from tests.authorization.policies import one_trade, personal
from tests.authorization.roles import ROLES
from tests.authorization.test_matrix import MARCH, ask
from tests.authorization.world import PASSWORD, shown
from tests.factories import make_user

REGULAR, ADMIN = (
    next(role for role in ROLES if role.name == name) for name in ("regular", "admin")
)
SELF = "/api/v1/auth/user"
LOGIN = "/api/v1/auth/login"
RIGHTS: dict[str, Any] = {
    "id": 1, "pk": 1, "is_admin": True, "is_staff": True, "is_superuser": True, "is_active": True,
    "group": 1, "group_id": 1, "trader": 1, "trader_id": 1, "opt_out": True, "groups": [1],
    "user_permissions": [1], "email_verified": True, "verified": True, "role": "admin",
    "date_joined": "2020-01-01T00:00:00Z", "last_login": None, "__class__": "x",
}  # fmt: skip
BELIEVED_ELSEWHERE = (
    "X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Script-Name", "Forwarded",
)  # fmt: skip
OTHERS = (
    "trader[]={id}", "Trader={id}", "trader_id={id}", "trader.id={id}", "id={id}", "user={id}",
    "trader={id}&trader={id}", "trader=&trader={id}", "trader={id}%00", "trader=+{id}",
    "trader=%20{id}", "trader={id}.0", "trader=0x{id}", "trader={id}e0", "trader={id},{id}",
    "trader=0{id}", "trader=-{id}", "trader=%EF%BC%91", "trader={{{id}}}", "trader=[{id}]",
    "sim=true&trader={id}", "trader%00={id}", "trader={id}%0a", "trader=null", "trader=true",
    "trader=" + "9" * 4_000,
)  # fmt: skip


def facts(user: CustomUser) -> dict[str, Any]:
    row = CustomUser.objects.get(pk=user.pk)
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def test_no_way_to_write_the_parameter_opens_anothers_books(world):
    client, bo = world.client(REGULAR), world.trader_id("bo")
    for method, address in [*rows(personal), *rows(one_trade)]:
        path = address.replace("<uuid:trade_id>", str(world.trade_id("bo")))
        for form in OTHERS:
            days = "&".join(f"{name}={day}" for name, day in MARCH.items())
            query = f"{days}&{form.format(id=bo)}"
            answer = client.generic(method, f"/{path}?{query}", b'{"trader": %d}' % bo)

            assert answer.status_code in (200, 400, 403, 404), f"{path} {form}"
            assert shown(answer.content) <= {"ana"}, f"{path} {form}"


def test_a_parameter_given_twice_is_refused_even_to_an_admin(world):
    ana, sven = world.trader_id("ana"), world.trader_id("sven")
    for method, address in rows(personal):
        answer = ask(
            world.client(ADMIN), method, address, {**MARCH, "trader": f"{ana}&trader={sven}"}
        )
        assert answer.status_code == 400, address
        assert list(answer.json()["fields"]) == ["trader"]


def test_nobody_gives_themselves_rights(world):
    client, user = world.client(REGULAR), world.people["regular"]
    before = facts(user)
    for method in ("PATCH", "PUT", "POST", "DELETE"):
        for path in (SELF, f"{SELF}/", f"{SELF}/opt-out"):
            body = {**RIGHTS, "email": "new@desk.test", "username": "new", "password": "x"}
            body.pop("opt_out") if path.endswith("opt-out") else None
            client.generic(method, path, str(body).replace("'", '"'), "application/json")
            client.patch(path, body)

    after = facts(user)
    assert {name for name in before if before[name] != after[name]} <= {"opt_out"}
    assert client.patch(SELF, {**RIGHTS, "first_name": "Zed"}).status_code == 200
    assert {name for name in after if after[name] != facts(user)[name]} == {"first_name"}


def test_a_registration_brings_no_rights(world):
    body = {"username": "nell", "email": "nell@desk.test", "password": "Perched-Heron-48"}
    answer = APIClient().post("/api/v1/auth/registration", {**body, **RIGHTS})
    assert answer.status_code == 201

    nell = CustomUser.objects.get(email="nell@desk.test")
    assert nell.pk != 1
    assert not any((nell.is_admin, nell.is_staff, nell.is_superuser, nell.opt_out))
    assert (nell.group_id, nell.trader_id) == (None, None)
    assert not nell.groups.exists()
    assert not nell.user_permissions.exists()
    assert APIClient().post(LOGIN, body).status_code == 403


ADDRESSES = (
    "ana@desk.test\r\nBcc: eve@evil.test", "ana@desk.test\nBcc: eve@evil.test",
    "ana@desk.test,eve@evil.test", "ana@desk.test;eve@evil.test", "ana@desk.test eve@evil.test",
    "<ana@desk.test>", "Ana <ana@desk.test>", '"ana@desk.test\r\n"@evil.test', "@desk.test", "ana@",
    "ana@desk.test%0aBcc:eve@evil.test", "ana@desk.test\x00", ["ana@desk.test"],
    {"email": "ana@desk.test"}, "ana@desk.test\u2028Bcc: eve@evil.test", "a" * 300 + "@desk.test",
)  # fmt: skip


def test_an_address_that_hides_a_second_one_gets_no_letter(world):
    client = APIClient(raise_request_exception=False)
    for email in ADDRESSES:
        body = {"email": email, "username": "nell", "password": "Perched-Heron-48"}
        for call in ("registration", "registration/resend-email", "password/reset", "login"):
            answer = client.post(f"/api/v1/auth/{call}", body)

            assert answer.status_code == 400, f"{call} {email}"
            assert list(answer.json()["fields"]) == ["email"], f"{call} {email}"
    assert not Letter.objects.exists()


def test_a_name_is_of_one_line_and_reads_as_it_is_written(world):
    client = world.client(REGULAR)
    for name in ("a\r\nBcc: eve@evil.test", "a\x00", "a\x07", "a\u202eb", "a\u2028b", "a\x9fb"):
        for field in ("first_name", "last_name"):
            assert client.patch(SELF, {field: name}).status_code == 400, repr(name)
        body = {"username": name, "email": "nell@desk.test", "password": "Perched-Heron-48"}
        answer = APIClient().post("/api/v1/auth/registration", body)
        assert answer.status_code == 400, repr(name)
    for name in ("Zoë", "O'Neill", "李小龍", "Ana-María", "\u0628\u200c\u0628", ""):
        assert client.patch(SELF, {"first_name": name}).status_code == 200, name


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"])
def test_a_made_up_address_evades_no_limit(world, settings, header):
    settings.LIMITS = {**settings.LIMITS, "login.address": "3/15m"}
    client = APIClient(REMOTE_ADDR="203.0.113.9")
    seen = [
        client.post(
            LOGIN,
            {"email": f"nobody{n}@desk.test", "password": "x"},
            headers={header: f"198.51.100.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert seen == [401, 401, 401, 429, 429, 429]


def test_headers_of_proxies_change_no_method_path_or_link(world):
    client = world.client(REGULAR)
    page = "/api/v1/personal/trades?page=2&page_size=1"
    plain = client.get(page)
    for name in BELIEVED_ELSEWHERE:
        answer = client.get(page, headers={name: "https://evil.test/admin/"})
        assert (answer.status_code, answer.content) == (200, plain.content), name


def test_the_consoles_log_in_leads_to_no_foreign_place(world, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    user = world.people["admin"]
    CustomUser.objects.filter(pk=user.pk).update(is_staff=True)
    for place in ("https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"):
        answer = Client().post(
            f"/admin/account/login/?next={place}",
            {"login": user.email, "password": PASSWORD, "next": place},
        )
        assert answer.status_code == 302, place
        assert answer["Location"].startswith("/admin/"), place


JSON = "application/json"
ODD = (
    "", "a%00b", "9" * 400, "%ff", "%ED%A0%80", "'", '"', "%", "\\", "-1", "0", "1.5", "1e9",
    "NaN", "null", "[]", "{}", "%D9%A1", "2026-02-30", "0000-00-00", "9999-12-31",
    "../..", "<script>", "${7*7}", "a" * 5_000,
)  # fmt: skip


def test_no_value_of_a_parameter_breaks_anything(world):
    """Whatever the value: an answer or a refusal in our form, never a fault."""
    schema = Client().get("/schema.json").json()
    client = world.client(ADMIN)
    met: set[str] = set()
    for path, methods in schema["paths"].items():
        known = methods.get("get", {}).get("parameters", [])
        names = [one["name"] for one in known if one["in"] == "query"]
        address = path.replace("{trade_id}", str(world.trade_id("ana")))
        is_file = "/journal/export/" in path
        for name in names:
            rest = "&".join(f"{key}={day}" for key, day in MARCH.items() if key != name)
            for value in ODD[:3] if name in met else ODD:
                answer = client.get(f"{address}?{rest}&{name}={value}")
                told = f"{address} {name}={value[:30]}"

                assert answer.status_code in (200, 400, 403, 404), told
                kind = "text/csv; charset=utf-8" if is_file and answer.status_code == 200 else JSON
                assert answer["Content-Type"] == kind, told
            met.add(name)
    assert {"trader", "start_date", "product", "page", "sort"} <= met


def test_no_search_of_the_console_breaks_anything(world):
    client = Client(raise_request_exception=False)
    client.force_login(make_user("olga", is_staff=True, is_superuser=True))
    for model, of in admin.site._registry.items():
        label, name = model._meta.app_label, model._meta.model_name
        filters = [one for one in of.list_filter if isinstance(one, str)]
        searches = ["q", "o", "p", *(f"{one}{how}" for one in filters for how in ("", "__exact"))]
        boxes = f"/admin/autocomplete/?app_label={label}&model_name={name}&field_name="
        for value in ("a%00b", "%ff", "9" * 400):
            paths = [f"/admin/{label}/{name}/?{search}={value}" for search in searches]
            paths += [f"{boxes}{field}&term={value}" for field in of.autocomplete_fields]
            for path in paths:
                assert client.get(path).status_code in (200, 302, 400), path
