import pytest

from futures.models import Product
from tests.snapshots import matches_snapshot

URL = "/api/v1/products"


@pytest.mark.parametrize("slash", ["", "/"])
def test_lists_all_products_by_symbol(desk, as_user, slash):
    answer = as_user(desk.ana).get(URL + slash)

    assert answer.status_code == 200
    symbols = [row["symbol"] for row in answer.json()["data"]]
    assert len(symbols) == answer.json()["meta"]["count"] == 84
    assert symbols == sorted(symbols)


def test_colors_are_distinct(desk, as_user):
    colors = [row["color"] for row in as_user(desk.ana).get(URL).json()["data"]]

    assert len(set(colors)) == len(colors)


def test_is_closed_to_strangers(db, api):
    answer = api.get(URL)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"error", "code"}


def test_an_edit_shows_at_once(desk, as_user):
    client = as_user(desk.ana)
    client.get(URL)
    Product.objects.filter(symbol="ES").update(name="The big one")

    rows = client.get(URL).json()["data"]

    assert next(row["name"] for row in rows if row["symbol"] == "ES") == "The big one"


def test_costs_two_queries_cold_and_one_warm(desk, as_user, django_assert_num_queries):
    client = as_user(desk.ana)
    with django_assert_num_queries(2):  # version, products
        client.get(URL)
    with django_assert_num_queries(1):  # version
        client.get(URL)


def test_body(desk, as_user):
    rows = as_user(desk.ana).get(URL).json()["data"]

    assert matches_snapshot("products", [row | {"id": 0} for row in rows])
