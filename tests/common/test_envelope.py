from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from common.api import Page, Period, Usd, UtcDateTime, reply, reply_list, reply_page


@dataclass(frozen=True)
class Row:
    pnl: Decimal | None
    at: datetime


class RowOut(serializers.Serializer[Row]):
    pnl = Usd(allow_null=True)
    at = UtcDateTime()


ROW = Row(Decimal("1.005"), datetime(2026, 3, 2, 14, 30, 20, 5, tzinfo=UTC))
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("exact", "told"),
    [
        ("1.005", 1.0),
        ("1.015", 1.02),
        ("1.025", 1.02),
        ("-0.005", 0.0),
        ("1250.5", 1250.5),
        ("92233720368547.758", 92233720368547.76),
    ],
)
def test_money_is_rounded_half_even_once(exact, told):
    assert str(RowOut(Row(Decimal(exact), ROW.at)).data["pnl"]) == str(told)


@time_machine.travel(datetime(2026, 4, 2, 8, tzinfo=UTC))
def test_an_analytic_says_what_it_covers():
    answer = reply(RowOut, (ROW, Row(None, ROW.at)), period=MARCH, trader=None, obfuscated=True)

    assert isinstance(answer, Response)
    assert answer.data == {
        "data": [
            {"pnl": 1.0, "at": ROW.at},
            {"pnl": None, "at": ROW.at},
        ],
        "meta": {
            "start_date": date(2026, 3, 1),
            "end_date": date(2026, 3, 31),
            "currency": "USD",
            "obfuscated": True,
            "data_through": date(2026, 4, 2),
            "notes": [],
            "trader": None,
        },
    }
    assert answer["Cache-Control"] == "private, no-cache"


def test_one_row_is_an_object_and_no_rows_an_empty_list():
    one = reply(RowOut, ROW, period=None)
    assert isinstance(one, Response)
    assert one.data["data"]["pnl"] == 1.0
    assert reply_list(RowOut, ()).data == {"data": [], "meta": {"count": 0}}


def links(page: Page, count: int) -> tuple[str | None, str | None]:
    request = Request(APIRequestFactory().get(f"/x?page={page.number}&side=long"))
    meta = reply_page(RowOut, [], request=request, page=page, count=count, period=None).data["meta"]
    assert (meta["count"], meta["page"], meta["page_size"]) == (count, page.number, page.size)
    return meta["previous"], meta["next"]


def test_pages_link_to_their_neighbours():
    base = "http://testserver/x?page={}&side=long"
    assert links(Page(1, 10), 10) == (None, None)
    assert links(Page(1, 10), 11) == (None, base.format(2))
    assert links(Page(2, 10), 25) == (base.format(1), base.format(3))
    assert links(Page(3, 10), 25) == (base.format(2), None)


def test_beyond_the_end_the_way_back_leads_to_the_last_page():
    base = "http://testserver/x?page={}&side=long"
    assert links(Page(9, 10), 25) == (base.format(3), None)
    assert links(Page(9, 10), 0) == (base.format(1), None)
