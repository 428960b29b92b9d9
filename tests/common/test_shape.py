"""Shapes compiled once: what DRF's serializers say, to the byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework import serializers

from common.api import Flag, Price, Usd, UtcDateTime, shaped
from common.api.fields import to_cents
from common.api.shape import _table_of
from common.rendering import Json
from tests.shaped_twice import shaped_twice


class Word(StrEnum):
    OLD = "old"


class Shouted(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return super().to_representation(value).upper()


class LegOut(serializers.Serializer):
    id = serializers.IntegerField()
    price = Price(allow_null=True)


class WholeOut(serializers.Serializer):
    """A field of every kind that the house has."""

    id = serializers.UUIDField(source="key")
    name = serializers.CharField()
    loud = Shouted(source="name")
    size = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    flag = Flag(allow_null=True)
    kind = serializers.ChoiceField(["old", "new"])
    day = serializers.DateField(allow_null=True)
    at = UtcDateTime(allow_null=True)
    local = serializers.DateTimeField(source="at")
    pnl = Usd(allow_null=True)
    ids = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    bag = serializers.DictField(child=serializers.IntegerField())
    leg = LegOut(allow_null=True)
    legs = LegOut(many=True)
    secret = serializers.CharField(write_only=True)


class SelfMadeOut(serializers.Serializer):
    def to_representation(self, instance: Any) -> Any:
        return {"made": str(instance)}


class PerhapsOut(serializers.Serializer):
    here = serializers.IntegerField()
    perhaps = serializers.IntegerField(required=False)
    usual = serializers.IntegerField(default=7)


class FarOut(serializers.Serializer):
    deep = serializers.IntegerField(source="leg.id")
    all = SelfMadeOut(source="*")


@dataclass(frozen=True, slots=True)
class Leg:
    id: int
    price: Decimal | None


@dataclass(frozen=True)
class Called:
    here: int

    def perhaps(self) -> int:
        return self.here + 1

    @property
    def usual(self) -> int:
        return self.here + 2


class SumOut(serializers.Serializer):
    place = serializers.IntegerField()
    pnl = Usd(allow_null=True)


class Straight(NamedTuple):
    place: int
    pnl: int | None


class Turned(NamedTuple):
    more: str
    pnl: int | None
    place: int


money = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13)
legs = st.builds(Leg, st.integers(0, 2**40), st.none() | money)
lists = st.lists(legs, max_size=3)
instants = st.datetimes(
    datetime(1970, 1, 1), datetime(2199, 1, 1),  # noqa: DTZ001 - they want them so
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]),
)  # fmt: skip
rows = st.fixed_dictionaries(
    {
        "key": st.uuids(),
        "name": st.text() | st.integers() | st.sampled_from(Word),
        "size": st.none() | st.integers(-(2**40), 2**40) | st.booleans(),
        "rate": st.none() | st.floats(allow_nan=False, allow_infinity=False) | money,
        "flag": st.sampled_from([None, True, False, 1, 0, "yes", "no"]),
        "kind": st.sampled_from(["old", "new", "", "unknown", Word.OLD]),
        "day": st.none() | st.dates(date(1970, 1, 1)),
        "at": st.none() | instants,
        "pnl": st.none() | money,
        "ids": st.none() | st.lists(st.none() | st.uuids(), max_size=2),
        "bag": st.dictionaries(st.text(), st.none() | st.integers(0, 9), max_size=2),
        "leg": st.none() | legs,
        "legs": st.none() | lists | lists.map(tuple),
    }
)


@given(st.lists(st.none() | st.integers(-(2**70), 2**70), max_size=60))
@example([5_000] * 24)
@example([2**63] + [0] * 23)
def test_named_tuples_in_whatever_order_and_columns_of_money_come_out_as_from_drf(amounts):
    straight = [Straight(place, amount) for place, amount in enumerate(amounts)]
    turned = [Turned("more", amount, place) for place, amount in enumerate(amounts)]
    assert shaped_twice(SumOut, straight, many=True) == shaped_twice(SumOut, turned, many=True)


@given(st.lists(rows | rows.map(lambda row: SimpleNamespace(**row)), max_size=3))
def test_every_kind_of_field_comes_out_as_from_drf(found):
    shaped_twice(WholeOut, found, many=True)
    for row in found:
        shaped_twice(WholeOut, row, many=False)


def test_what_is_shaped_at_once_is_known_to_be():
    assert _table_of(WholeOut)
    assert _table_of(SelfMadeOut) is None
    assert _table_of(FarOut) is None


@pytest.mark.parametrize(
    ("out", "row"),
    [
        (SelfMadeOut, 3),
        (PerhapsOut, {"here": 1}),
        (PerhapsOut, {"here": 1, "perhaps": None, "usual": 2}),
        (PerhapsOut, Called(1)),
        (FarOut, {"leg": Leg(1, None)}),
        (WholeOut, None),
    ],
)
def test_what_is_not_known_is_left_to_drf(out, row):
    shaped_twice(out, row, many=False)
    if row is not None:
        shaped_twice(out, [row, row], many=True)


def test_what_may_not_be_left_out_is_a_fault_with_its_name():
    with pytest.raises(KeyError, match="on serializer `PerhapsOut`"):
        shaped(PerhapsOut, {"usual": 1}, many=False)


def test_days_instants_and_ids_leave_in_the_form_of_drf():
    row = {"at": datetime(2026, 3, 2, 14, 30, 20, 5, UTC), "key": UUID(int=7)}
    told = shaped(type("Out", (serializers.Serializer,), {
        "at": UtcDateTime(), "key": serializers.UUIDField(),
    }), row, many=False)  # fmt: skip

    assert Json().render(told) == (
        b'{"at":"2026-03-02T14:30:20.000005Z","key":"00000000-0000-0000-0000-000000000007"}'
    )


@given(st.decimals(-(2**63), 2**63, places=6) | money)
def test_cents_are_the_nearest_and_never_a_negative_zero(value):
    scaled = value.as_integer_ratio()
    cents, rest = divmod(scaled[0] * 100, scaled[1])
    cents += 2 * rest > scaled[1] or (2 * rest == scaled[1] and cents % 2)

    assert str(to_cents(value)) == str(cents / 100)


@given(st.integers(-(2**63), 2**63) | st.integers(-400, 400).map(lambda n: n * 2_500))
def test_millionths_are_told_as_their_dollars(micros):
    assert str(to_cents(micros)) == str(to_cents(Decimal(micros).scaleb(-6)))
