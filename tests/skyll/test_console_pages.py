"""Every page of the console: it opens, it costs the same for few rows and many, and for whom."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import CustomUser
from tests.factories import make_user
from tests.skyll.console_rows import make_row_of_everything

TABLES = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(make_user("operator", is_staff=True, is_superuser=True))
    return client


def url(table, page: str, *args) -> str:
    return reverse(f"admin:{table._meta.app_label}_{table._meta.model_name}_{page}", args=args)


def cost(client: Client, address: str, **asked) -> int:
    client.get(address, asked)  # what is asked once in a process, such as content types
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, asked).status_code == 200
    return len(queries)


def test_a_list_costs_the_same_for_few_rows_and_many(operator):
    for number in range(3):
        make_row_of_everything(number)
    few = {table: cost(operator, url(table, "changelist")) for table in TABLES}
    for number in range(3, 12):
        make_row_of_everything(number)
    rows = {table: table._default_manager.count() for table in TABLES}
    assert min(rows.values()) >= 12, f"make_row_of_everything() leaves some out: {rows}"
    assert {table: cost(operator, url(table, "changelist")) for table in TABLES} == few


def test_every_page_opens(operator):
    make_row_of_everything(0)
    request = operator.get("/admin/").wsgi_request
    for table in TABLES:
        row = table._default_manager.order_by("-pk")[0]
        may_add = admin.site._registry[table].has_add_permission(request)
        told = {
            page: operator.get(url(table, page, *args)).status_code
            for page, args in (
                ("changelist", ()),
                ("add", ()),
                ("change", (row.pk,)),
                ("history", (row.pk,)),
                ("delete", (row.pk,)),
            )
        }
        told["search"] = operator.get(url(table, "changelist"), {"q": "1"}).status_code
        assert told.pop("delete") in (200, 403)
        assert told.pop("add") == (200 if may_add else 403)
        assert set(told.values()) == {200}, f"{table}: {told}"


def test_a_coach_gets_no_page(desk):
    make_row_of_everything(0)
    client = Client()
    client.force_login(desk.cora)
    for table in TABLES:
        row = table._default_manager.order_by("-pk")[0]
        for address in (
            url(table, "changelist"), url(table, "add"), url(table, "change", row.pk),
            url(table, "delete", row.pk),
        ):  # fmt: skip
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code == 302, address
                assert answer["Location"].startswith("/admin/login/"), address


def test_other_pages_are_closed_to_a_coach_too(desk):
    client = Client()
    client.force_login(desk.cora)
    for address in ("/admin/", "/admin/autocomplete/", "/admin/password_change/", "/admin/jsi18n/"):
        assert client.get(address)["Location"].startswith("/admin/login/")


def test_a_search_box_costs_the_same_for_few_rows_and_many(operator):
    boxes = [
        {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        for app, model, field in (
            ("accounts", "customuser", "trader"),
            ("accounts", "customuser", "group"),
            ("traders", "platformaccount", "trader"),
            ("ledger", "feeschedule", "product"),
        )
    ]
    for number in range(3):
        make_row_of_everything(number)
    few = [cost(operator, "/admin/autocomplete/", **asked) for asked in boxes]
    for number in range(3, 12):
        make_row_of_everything(number)
    assert [cost(operator, "/admin/autocomplete/", **asked) for asked in boxes] == few


@pytest.mark.parametrize("page", ["accounts_customuser_change", "traders_trader_change"])
def test_a_page_costs_the_same_in_a_small_house_and_a_large_one(operator, page):
    make_row_of_everything(0)
    user = CustomUser.objects.exclude(trader=None).get()
    address = reverse(f"admin:{page}", args=[user.pk if "user" in page else user.trader_id])
    few = cost(operator, address)
    for number in range(1, 12):
        make_row_of_everything(number)
    assert cost(operator, address) == few


def test_the_index_has_sections_and_nothing_of_what_nobody_needs(operator):
    page = operator.get("/admin/").content.decode()
    found = [one["name"] for one in operator.get("/admin/").context["app_list"]]
    assert found == ["People", "Provider", "Money and markets", "System"]
    for unseen in ("Email addresses", "Outstanding", "Blacklisted", "Social", "Solar", "Clocked"):
        assert unseen not in page


def test_a_page_that_is_not_there_or_not_allowed_says_so(operator):
    answer = operator.get("/admin/nothing/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    pia = Client()
    pia.force_login(make_user("pia", is_staff=True))
    answer = pia.get("/admin/accounts/customuser/")
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()
