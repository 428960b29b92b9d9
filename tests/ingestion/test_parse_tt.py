"""TT's rows: the facts one by one, then anything at all."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.parse import foreign, tt
from ingestion.providers.base import Account, Action, Bar, Fill, Kind, Misfit
from tests.ingestion.fake_tt import tt_row

STAMP = 1_760_000_000_123_456_789
GROUP = [
    {"fillExecId": "10", "fillPx": "5000.5", "fillQty": "1"},
    {"fillExecId": "9", "fillPx": "5000.25", "fillQty": "2"},
]


def row(**other):
    return foreign.read_json(json.dumps(tt_row(1, STAMP, **other)))


def read(**other):
    return tt.fills(row(**other))


def test_a_plain_row():
    (fill,) = read()
    assert fill == Fill(
        exec_id="exec-1",
        leg_index=0,
        ref_exec_id=None,
        action=Action.NEW,
        account_id="77",
        instrument_id="4611",
        kind=Kind.OUTRIGHT,
        synthetic=False,
        side=1,
        quantity=1,
        price=Decimal("5000.25"),
        exec_time_ns=STAMP - 1000,
        recv_time_ns=STAMP,
        fees=None,
        position_effect=None,
        raw=fill.raw,
    )
    assert fill.raw["orderId"] == "o-1"


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"side": 2}, {"side": -1}),
        ({"lastQty": "3"}, {"quantity": 3}),
        ({"lastQty": "3.0"}, {"quantity": 3}),
        ({"lastPx": "-37.63"}, {"price": Decimal("-37.63")}),
        ({"lastPx": 0}, {"price": Decimal(0)}),
        ({"lastPx": "1E-7"}, {"price": Decimal("0.0000001")}),
        ({"multiLegReportingType": 2}, {"kind": Kind.LEG}),
        ({"multiLegReportingType": "3"}, {"kind": Kind.SPREAD}),
        ({"multiLegReportingType": None}, {"kind": Kind.OUTRIGHT}),
        ({"manualFill": "true"}, {"kind": Kind.ADMIN}),
        ({"manualFill": True, "multiLegReportingType": "2"}, {"kind": Kind.LEG}),
        ({"manualFill": "false"}, {"kind": Kind.OUTRIGHT}),
        ({"marketId": "ALGO"}, {"synthetic": True}),
        ({"marketId": "ASE"}, {"synthetic": True}),
        ({"positionEffect": "O"}, {"position_effect": "O"}),
        (
            {"execType": 15, "execRefID": "exec-0"},
            {"action": Action.CORRECT, "ref_exec_id": "exec-0"},
        ),
        (
            {"execType": "16", "execRefID": "exec-0"},
            {"action": Action.CANCEL, "ref_exec_id": "exec-0"},
        ),
        ({"execRefID": "exec-0"}, {"action": Action.NEW, "ref_exec_id": None}),
    ],
)
def test_facts(other, what):
    (fill,) = read(**other)
    assert {name: getattr(fill, name) for name in what} == what


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"uniqueExecId": ""}, "uniqueExecId is missing"),
        ({"uniqueExecId": None}, "uniqueExecId is missing"),
        ({"uniqueExecId": "a\x00b"}, "uniqueExecId holds a character that cannot be kept"),
        ({"uniqueExecId": "\ud800"}, "uniqueExecId holds a character that cannot be kept"),
        ({"uniqueExecId": "x" * 201}, "uniqueExecId is longer than 200"),
        ({"accountId": True}, "accountId is not a text"),
        ({"accountId": {}}, "accountId is not a text"),
        ({"instrumentId": "  "}, "instrumentId is missing"),
        ({"marketId": None}, "marketId is missing"),
        ({"side": "3"}, "side is unknown: '3'"),
        ({"side": True}, "side is unknown"),
        ({"execType": "F"}, "execType is unknown: 'F'"),
        ({"execType": "16"}, "execRefID is missing: the cancel names no execution"),
        ({"multiLegReportingType": "4"}, "multiLegReportingType is unknown"),
        ({"manualFill": "maybe"}, "manualFill is unknown"),
        ({"lastQty": 0}, "lastQty is 0"),
        ({"lastQty": "-2"}, "lastQty is -2"),
        ({"lastQty": "1.5"}, "lastQty is not a whole number"),
        ({"lastQty": "NaN"}, "lastQty is not finite"),
        ({"lastQty": 2**31}, "lastQty is out of range"),
        ({"lastQty": "1_0"}, "lastQty is not a number"),
        ({"lastPx": "NaN"}, "lastPx is not finite: NaN"),
        ({"lastPx": "-Infinity"}, "lastPx is not finite"),
        ({"lastPx": "1.0000000001"}, "lastPx is finer than"),
        ({"lastPx": "9223372037"}, "lastPx is out of range"),
        ({"lastPx": "1e99"}, "lastPx is out of range"),
        ({"lastPx": "1e999999"}, "lastPx is not a number"),
        ({"lastPx": "1\x00"}, "lastPx is not a number"),
        ({"lastPx": "\u0661"}, "lastPx is not a number"),
        ({"lastPx": [1]}, "lastPx is not a number"),
        ({"transactTime": "0"}, "transactTime is no stamp"),
        ({"timeStamp": str(2**63)}, "timeStamp is no stamp"),
        ({"timeStamp": "-1"}, "timeStamp is no stamp"),
        ({"timeStamp": "2026-01-01"}, "timeStamp is not a number"),
        ({"fillsGroup": GROUP}, "fillsGroup adds up to 3, lastQty is 1"),
        ({"fillsGroup": "no"}, "fillsGroup is not a list"),
        ({"fillsGroup": [1]}, "fillsGroup is not a list"),
        ({"fillsGroup": GROUP[:1]}, "fillsGroup says 5000.5, lastPx is 5000.25"),
        ({"fillsGroup": [GROUP[0]] * 2, "lastQty": 2}, "fillsGroup repeats a fillExecId"),
    ],
)
def test_misfits(other, reason):
    misfit = read(**other)
    assert isinstance(misfit, Misfit)
    assert misfit.reason.startswith(reason)
    json.dumps(misfit.raw).encode()
    assert "\x00" not in json.dumps(misfit.raw, ensure_ascii=False)


@pytest.mark.parametrize("key", [key for key in tt_row(1, 2) if key in (
    "uniqueExecId", "timeStamp", "transactTime", "accountId", "instrumentId", "marketId", "side",
    "lastQty", "lastPx", "execType",
)])  # fmt: skip
def test_a_missing_key_is_named(key):
    lost = row()
    del lost[key]
    assert tt.fills(lost) == Misfit(lost, f"{key} is missing")


def test_one_match_through_several_prices_is_several_fills():
    fills = read(fillsGroup=GROUP, lastQty=3, lastPx="5000.333333333")
    assert [(f.leg_index, f.quantity, f.price) for f in fills] == [
        (1, 2, Decimal("5000.25")),
        (2, 1, Decimal("5000.5")),
    ]
    assert {fill.exec_id for fill in fills} == {"exec-1"}
    again = read(fillsGroup=GROUP[::-1], lastQty=3, lastPx="5000.333333333")
    assert [(f.leg_index, f.price) for f in again] == [(f.leg_index, f.price) for f in fills]


def test_a_group_of_one_is_the_row_and_a_cancel_is_never_divided():
    (fill,) = read(fillsGroup=GROUP[:1], lastPx="5000.5")
    assert fill.leg_index == 0
    (fill,) = read(fillsGroup=GROUP, lastQty=3, execType="16", execRefID="exec-0")
    assert (fill.leg_index, fill.quantity) == (0, 3)


def test_market_names():
    assert tt.fills(row(marketId=7), markets={"7": "Algo"})[0].synthetic
    assert not tt.fills(row(marketId=7))[0].synthetic


def test_json_is_read_without_floats():
    text = '{"a": 0.1, "b": 5000.2500, "c": NaN, "d": 1e5, "e": 12, "f": ' + "9" * 5000 + "}"
    told = foreign.read_json(text)
    assert told | {"f": 0} == {
        "a": "0.1",
        "b": "5000.2500",
        "c": "NaN",
        "d": "1e5",
        "e": 12,
        "f": 0,
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    | st.sampled_from(["NaN", "Infinity", "1e400", "-0", "\x00", "14", "1", "3"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from([*tt_row(1, 2), "fillsGroup", "execRefID", "manualFill", "positionEffect"]),
        json_values,
        max_size=6,
    ),
    st.sets(st.sampled_from(list(tt_row(1, 2))), max_size=2),
)
def test_no_row_raises(changes, lost):
    changed = {**row(), **changes}
    for key in lost:
        del changed[key]
    answer = tt.fills(changed)
    for item in [answer] if isinstance(answer, Misfit) else answer:
        stored = json.dumps(item.raw, ensure_ascii=False)
        stored.encode()
        assert "\x00" not in stored
    if not isinstance(answer, Misfit):
        assert sum(fill.quantity for fill in answer) == foreign.whole(changed["lastQty"], "lastQty")
        for fill in answer:
            assert fill.quantity > 0
            assert fill.side in (1, -1)
            assert fill.price == fill.price.quantize(Decimal("1E-9"))
            assert 0 < fill.recv_time_ns < 2**63
            assert 0 < len(fill.exec_id) <= 200


@given(json_values)
def test_no_value_raises(value):
    assert isinstance(tt.fills(value), Misfit)
    assert isinstance(tt.account(value, is_sim=False), Misfit | Account)
    assert isinstance(tt.bar(value), Misfit | Bar)
    tt.stamp(value)
    json.dumps(foreign.storable(value)).encode()


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"timeStamp": 60 * 10**9 + 1}, "does not start a minute"),
        ({"high": "0.5"}, "do not hold"),
        ({"low": "3"}, "do not hold"),
        ({"volume": -1}, "volume is negative"),
        ({"close": "inf"}, "close is not finite"),
    ],
)
def test_bars_that_contradict_themselves(other, reason):
    bar = {
        "contract": "ES Mar26", "timeStamp": 60 * 10**9, "open": "1", "high": "2", "low": "0.5",
        "close": "1.5", "volume": "10",
    }  # fmt: skip
    assert isinstance(tt.bar(bar), Bar)
    assert reason in tt.bar({**bar, **other}).reason
