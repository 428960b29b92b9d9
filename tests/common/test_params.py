from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from common.api import OpenPeriodParams, Period, read, read_page, read_period
from common.rendering import Json
from futures.models import Product
from futures.serializers import ProductParams, ProductsParams
from journal.serializers import JournalTradesParams

DATES = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


def ask(asked) -> Request:
    return Request(APIRequestFactory().get("/", asked))


def test_a_period_has_both_ends():
    period = read_period(ask(DATES))

    assert period == Period(date(2026, 3, 1), date(2026, 3, 31))
    assert period.days == 31
    assert period.instants == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert period.until(date(2026, 3, 2)) == Period(date(2026, 3, 1), date(2026, 3, 2))
    assert period.until(date(2026, 2, 28)) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start_date": None}, "start_date"),
        ({"end_date": ""}, "end_date"),
        ({"start_date": "20260301"}, "start_date"),
        ({"start_date": "2026-W10-1"}, "start_date"),
        ({"start_date": "2026-02-30"}, "start_date"),
        ({"start_date": "2026-03-01T00:00"}, "start_date"),
        ({"start_date": "\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661"}, "start_date"),
        ({"end_date": "9999-12-31"}, "end_date"),
        ({"start_date": "0001-01-01"}, "start_date"),
        ({"end_date": "2026-02-28"}, "end_date"),
        ({"start_date": ["2026-03-01", "2026-03-02"]}, "start_date"),
        ({"start_date": ["2026-03-01", "2026-03-01"]}, "start_date"),
    ],
)
def test_a_bad_day_is_named(change, field):
    asked = {name: value for name, value in {**DATES, **change}.items() if value is not None}

    with pytest.raises(serializers.ValidationError) as refused:
        read_period(ask(asked))

    assert list(refused.value.detail) == [field]


def test_names_that_nobody_declared_are_ignored():
    assert read_period(ask({**DATES, "colour": "red"})).days == 31


def test_a_period_may_be_left_out_where_it_may():
    assert read(OpenPeriodParams, ask({}))["period"] is None
    half = read(OpenPeriodParams, ask({"end_date": "2026-03-31"}))["period"]
    assert half.told == (None, date(2026, 3, 31))
    assert half.start < date(1970, 1, 1)
    whole = read(OpenPeriodParams, ask({"start_date": "1970-01-01", "end_date": "2199-12-31"}))
    assert whole["period"].told == (date(1970, 1, 1), date(2199, 12, 31))


def test_products_may_be_repeated(db):
    one, two = Product.objects.order_by("-id").values_list("id", flat=True)[:2]

    assert read(ProductsParams, ask({}))["product"] == ()
    assert read(ProductsParams, ask({"product": [one, two, one]}))["product"] == (two, one)


NO_IDS = [
    "ES", "", "0", "-1", "1.5", "1.0", "1_0", "+1", " 1", "\uff11", "999999999", "9" * 30, "1\x00",
]  # fmt: skip


@pytest.mark.parametrize("value", NO_IDS)
def test_an_unknown_product_is_named(db, value):
    for params in (ProductParams, ProductsParams):
        with pytest.raises(serializers.ValidationError) as refused:
            read(params, ask({"product": value}))
        assert list(refused.value.detail) == ["product"]


def test_one_product_is_given_once(db):
    known = Product.objects.values_list("id", flat=True)[0]

    assert read(ProductParams, ask({"product": known}))["product"] == known
    with pytest.raises(serializers.ValidationError):
        read(ProductParams, ask({"product": [known, known]}))


def test_pages():
    assert read_page(ask({})).rows == slice(0, 100)
    assert read_page(ask({"page": 3, "page_size": 7})).rows == slice(14, 21)
    for bad in ({"page": 0}, {"page_size": 1001}, {"page": "1_0"}, {"page": [1, 2]}):
        with pytest.raises(serializers.ValidationError):
            read_page(ask(bad))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "start_date": st.sampled_from(["2026-03-01", "2026-13-01", ""]),
            "end_date": st.sampled_from(["2026-03-31", "2026-02-01", "x"]),
            "page": st.sampled_from(["1", "0", "1.0", ""]),
            "page_size": st.sampled_from(["50", "5000"]),
            "tag": st.lists(st.sampled_from(["1", "2", "x"]), max_size=3),
            "untagged": st.sampled_from(["true", "maybe"]),
            "side": st.sampled_from(["long", "up"]),
            "trader": st.sampled_from(["7", "-1", "null"]),
        },
    )
)
def test_one_serializer_for_all_requests_reads_as_a_new_one(asked):
    form = JournalTradesParams(data=asked)
    if form.is_valid():
        assert read(JournalTradesParams, ask(asked)) == form.validated_data
        return
    with pytest.raises(serializers.ValidationError) as refused:
        read(JournalTradesParams, ask(asked))
    assert Json().render(refused.value.detail) == Json().render(form.errors)
