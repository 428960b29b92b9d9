"""Instruments: what is priced, what is refused; contract names in every common form."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.parse import contract_names, tt_instruments
from ingestion.parse.contract_names import UnknownName
from ingestion.parse.foreign import Unusable

PRODUCT = {"symbol": "ES", "name": "E-mini S&P 500", "marketId": "7", "currency": "usd"}
ROW = {
    "id": 4611,
    "alias": "ES Mar26",
    "tickSize": "0.25",
    "tickValue": "12.5",
    "pointValue": 50,
    "displayFactor": "1.0",
    "productTypeId": "34",
}


def read(product=None, **other):
    return tt_instruments.instrument(
        {**ROW, **other},
        {**PRODUCT, **(product or {})},
        markets={"7": "CME"},
        product_types={"34": "Future", "200": "Option", "51": "Multileg"},
    )


def test_a_future():
    read_out = read()
    assert read_out.instrument_id == "4611"
    assert (read_out.exchange, read_out.currency, read_out.kind) == ("CME", "USD", "future")
    assert (read_out.tick_value, read_out.point_value) == (Decimal("12.5"), Decimal(50))
    assert read_out.expires_on is None


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"productTypeId": "200"}, "option"),
        ({"productTypeId": "51"}, "spread"),
        ({"productTypeId": "99"}, "future"),
        ({"productTypeId": None, "alias": "ES Mar26-Jun26"}, "spread"),
        ({"productTypeId": None, "alias": "ES Mar26 C6000"}, "option"),
        ({"productTypeId": None, "alias": "Gold spot"}, "other"),
        ({"productType": "FUT"}, "future"),
    ],
)
def test_kinds(other, kind):
    assert read(**other).kind == kind


@pytest.mark.parametrize(
    "expiry", ["20260320", "2026-03-20", "2026-03-20T14:30:00Z", 1774017000000000000]
)
def test_expiries(expiry):
    assert read(expiry=expiry).expires_on == date(2026, 3, 20)
    assert read(expirationDate=expiry).expires_on == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"displayFactor": "0.01"}, r"displayFactor is 0\.01: only 1"),
        ({"displayFactor": None}, "displayFactor is missing"),
        ({"tickValue": "12"}, r"tickValue is 12, not tickSize x pointValue = 12\.5"),
        ({"tickSize": 0}, "tickSize is 0"),
        ({"pointValue": "-5"}, "pointValue is -5"),
        ({"alias": ""}, "alias is missing"),
        ({"expiry": "soon"}, "expiry is no day"),
    ],
)
def test_refusals(other, reason):
    with pytest.raises(Unusable, match=reason):
        read(**other)


def test_a_product_without_a_currency_is_refused():
    with pytest.raises(Unusable, match="currency"):
        read(product={"currency": "US Dollar"})


def test_what_is_not_told_is_none_and_yields_are_not_checked():
    assert read(pointValue=None).point_value is None
    assert read(tickValue="0").tick_value is None
    bill = read(product={"symbol": "IR", "currency": "AUD"}, tickValue="24.15", pointValue="2415")
    assert bill.point_value == 2415


@pytest.mark.parametrize(
    ("text", "on", "name"),
    [
        ("MESH5", "2025-01-22", "MES Mar25"),
        ("MNQM6", "2026-04-09", "MNQ Jun26"),
        ("ES Mar26", "2026-01-01", "ES Mar26"),
        ("ES MAR 2026", "2026-01-01", "ES Mar26"),
        ("ESH26", "2026-01-01", "ES Mar26"),
        ("ESH2026", "2026-01-01", "ES Mar26"),
        ("ES H6", "2026-01-01", "ES Mar26"),
        ("ES 03-26", "2026-01-01", "ES Mar26"),
        ("6AH6", "2026-01-01", "6A Mar26"),
        ("M2KU6", "2026-01-01", "M2K Sep26"),
        ("ESH0", "2029-12-01", "ES Mar30"),
        ("ESZ9", "2030-01-02", "ES Dec29"),
        ("ESZ5", "2026-01-02", "ES Dec25"),
        ("ESZ5", "2026-03-01", "ES Dec35"),
        ("SR3Z4", "2026-01-02", "SR3 Dec34"),
    ],
)
def test_contract_names(text, on, name):
    assert contract_names.tt_form(text, on=date.fromisoformat(on)) == name


@pytest.mark.parametrize(
    "text", ["", "ES", "Mar26", "ES Foo26", "ES 13-26", "AAPL", "ES Mar26 C6000", "H5", "ES Mar"]
)
def test_names_that_are_none(text):
    with pytest.raises(UnknownName):
        contract_names.tt_form(text, on=date(2026, 1, 1))


@given(
    st.dates(date(2001, 1, 1), date(2089, 12, 31)),
    st.integers(1, 12),
    st.integers(0, 96),
)
def test_one_digit_names_the_nearest_living_contract(on, month, ahead):
    """A contract that expires within eight years is found again from its one-digit name."""
    year, rest = divmod(on.year * 12 + on.month - 1 + ahead, 12)
    code = contract_names.MONTH_CODES[rest]
    read_out = contract_names.read(f"ES{code}{year % 10}", on=on)
    assert (read_out.year, read_out.month) == (year, rest + 1)
    assert contract_names.kind_of(str(read_out)) == "future"
