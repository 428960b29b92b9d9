import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from audit.models import LogEntry
from tests.factories import make_account, make_contract, make_group, make_trader, make_user

PASSWORD = "correct horse battery"


@pytest.fixture
def operator(desk) -> Client:
    user = make_user("operator", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def form(desk, **given):
    words = {
        "username": "finn", "email": "Finn@Desk.test", "first_name": "", "last_name": "",
        "group": desk.group.pk, "trader": "", "usable_password": "true",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    return words | given


def test_a_user_made_here_can_log_in(desk, operator, api):
    trader = make_trader(desk.group)
    answer = operator.post(reverse("admin:accounts_customuser_add"), form(desk, trader=trader.pk))

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    answer = api.post("/api/v1/auth/login", {"email": "finn@desk.test", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"]["trader"] == trader.pk
    entry = LogEntry.objects.get(action="create")
    assert entry.changes["trader"] == {"old": None, "new": trader.pk}
    assert "password" not in entry.changes


def test_a_trader_of_another_group_is_refused(desk, operator):
    stranger = make_trader(make_group())
    answer = operator.post(reverse("admin:accounts_customuser_add"), form(desk, trader=stranger.pk))

    assert answer.status_code == 200
    assert "The trader belongs to another group" in answer.content.decode()
    assert not CustomUser.objects.filter(username="finn").exists()


def test_the_search_box_finds_a_trader_by_an_account(desk, operator):
    trader = make_trader(desk.group, "Nameless", accounts=0)
    make_account(trader, "XY-4711")
    make_account(trader, "XY-4712")

    answer = operator.get(
        reverse("admin:autocomplete"),
        {
            "term": "4711", "app_label": "accounts", "model_name": "customuser",
            "field_name": "trader",
        },
    )  # fmt: skip

    assert [row["text"] for row in answer.json()["results"]] == [
        "Nameless · Desk · XY-4711, XY-4712"
    ]


TABLES = [
    "accounts_customuser", "audit_logentry", "futures_contract", "futures_product",
    "traders_group", "traders_platform", "traders_platformaccount", "traders_trader",
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_a_list_costs_the_same_for_few_rows_and_many(
    desk, operator, table, django_assert_max_num_queries
):
    make_contract()
    url = reverse(f"admin:{table}_changelist")
    with django_assert_max_num_queries(50) as few:
        assert operator.get(url).status_code == 200
    for number in range(5):
        trader = make_trader(make_group(), accounts=2)
        make_user(group=trader.group, trader=trader)
        make_contract(("CL", "NQ", "GC", "6E", "ZN")[number])
    with django_assert_max_num_queries(len(few)):
        assert operator.get(url).status_code == 200


def test_the_log_is_read_only_and_tokens_are_out_of_sight(desk, operator):
    assert operator.get(reverse("admin:audit_logentry_add")).status_code == 403
    assert operator.get("/admin/token_blacklist/outstandingtoken/").status_code == 404


def test_a_coach_is_no_operator(desk):
    client = Client()
    client.force_login(desk.cora)

    assert client.get("/admin/", follow=False).status_code == 302
