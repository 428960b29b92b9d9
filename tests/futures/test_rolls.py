"""Which month leads its product: by volume, by rule, by hand; made anew without a change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from common.api import Period
from futures import queries, rolls
from futures.models import Contract, Product, Roll
from futures.rolls import HAND, RULE, VOLUME, Lead, Month, calendar
from futures.tasks import roll_nightly
from tests.factories import make_bar

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bars"
MAR = Month(1, date(2026, 3, 1), date(2026, 3, 20))
JUN = Month(2, date(2026, 6, 1), date(2026, 6, 19))
SEP = Month(3, date(2026, 9, 1), None)
MONTHS = (MAR, JUN, SEP)
NONE: dict[date, int] = {}


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def leads(volumes, by_hand=NONE, months=MONTHS, until="09-30"):
    found = calendar(months, volumes, by_hand, until=day(until))
    return [(f"{at:%m-%d}", *lead) for at, lead in found.items()]


def test_the_later_month_leads_from_the_day_after_its_volume_is_more():
    volumes = {
        day("03-09"): {1: 900, 2: 100},
        day("03-10"): {1: 500, 2: 500},
        day("03-11"): {1: 400, 2: 401},
        day("03-12"): {1: 500, 2: 400},  # never backwards
    }
    assert leads(volumes, until="03-31") == [("12-01", 1, RULE), ("03-12", 2, VOLUME)]
    assert leads(volumes, until="03-11") == [("12-01", 1, RULE)]


def test_a_month_may_be_left_out():
    volumes = {day("03-11"): {1: 5, 2: 6, 3: 7}}
    assert leads(volumes, until="03-31")[1:] == [("03-12", 3, VOLUME)]


def test_a_day_on_which_one_of_them_has_no_bars_compares_nothing():
    volumes = {day("03-05"): {1: 9, 2: 3}, day("03-10"): {2: 500}, day("03-11"): {1: 7}}
    # a week after the last day that compared them, and from the thirteenth on, the rule speaks
    assert leads(volumes, until="04-30")[1:] == [("03-13", 2, RULE)]
    volumes |= {day("03-09"): {1: 9, 2: 3}}
    assert leads(volumes, until="04-30")[1:] == [("03-17", 2, RULE)]


def test_without_bars_expiry_rules():
    assert leads({}) == [
        ("12-01", 1, RULE),
        ("03-13", 2, RULE),  # seven days before 20 March
        ("06-12", 3, RULE),
    ]  # and September, of which no last day is known, has no follower
    early = MAR._replace(expires_on=None)
    assert leads({}, months=(early, JUN), until="04-30")[1:] == [("03-01", 2, RULE)]


def test_the_rule_waits_for_the_next_comparison_where_that_speaks_against_it():
    volumes = {day("03-16"): {1: 9, 2: 3}}
    assert leads(volumes, until="04-30")[1:] == [("03-21", 2, RULE)]
    volumes = {day("03-16"): {1: 3, 2: 9}}
    assert leads(volumes, until="04-30")[1:] == [("03-13", 2, RULE)]


def test_a_month_that_is_over_leads_no_more_whatever_its_volume_was():
    volumes = {day("03-01") + timedelta(days=n): {1: 9, 2: 3} for n in range(19)}
    assert leads(volumes, until="04-30")[1:] == [("03-21", 2, RULE)]


def test_bars_before_what_the_rule_knows_begin_with_the_busiest():
    start = date(2025, 6, 2)
    found = calendar(MONTHS, {start: {1: 5, 2: 9}}, NONE, until=start + timedelta(days=9))
    assert found == {start: Lead(2, VOLUME)}


def test_by_hand_holds_until_the_next_by_hand_or_the_end_of_its_month():
    volumes = {day("03-02") + timedelta(days=n): {1: 5, 2: 9} for n in range(30)}
    assert leads(volumes, {day("03-04"): 1, day("03-16"): 2}, until="04-30")[1:] == [
        ("03-03", 2, VOLUME), ("03-04", 1, HAND), ("03-16", 2, HAND),
    ]  # fmt: skip
    assert leads(volumes, {day("03-04"): 1}, until="04-30")[-1] == ("03-21", 2, RULE)


DAYS = [day("02-20") + timedelta(days=n) for n in range(130)]
VOLUMES = st.dictionaries(
    st.sampled_from(DAYS), st.dictionaries(st.sampled_from((1, 2, 3)), st.integers(0, 3))
)


@settings(deadline=None)
@given(VOLUMES, st.dictionaries(st.sampled_from(DAYS), st.sampled_from((1, 2, 3)), max_size=2))
def test_never_backwards_and_each_roll_by_volume_has_its_day(volumes, by_hand):
    found = list(calendar(MONTHS, volumes, by_hand, until=DAYS[-1]).items())
    for (_, before), (at, after) in pairwise(found):
        if after.source == HAND:
            assert by_hand[at] == after.contract_id
            continue
        assert after.contract_id > before.contract_id
        if after.source == VOLUME:
            traded = volumes[at - timedelta(days=1)]
            assert traded[after.contract_id] > traded[before.contract_id]
    for at in DAYS[1:]:
        before, after = (
            [lead for from_day, lead in found if from_day <= one][-1]
            for one in (at - timedelta(days=1), at)
        )
        traded = volumes.get(at - timedelta(days=1), {})
        own = traded.get(before.contract_id)
        later = [n for contract, n in traded.items() if contract > before.contract_id]
        if (
            HAND not in (before.source, after.source)
            and own is not None
            and max(later, default=0) > own
        ):
            assert traded[after.contract_id] == max(later)


@settings(deadline=None)
@given(VOLUMES, st.dictionaries(st.sampled_from(DAYS), st.sampled_from((1, 2, 3)), max_size=2))
def test_going_on_from_any_day_comes_to_the_same(volumes, by_hand):
    whole = calendar(MONTHS, volumes, by_hand, until=DAYS[-1])
    for since in DAYS[1::17]:
        lead = [one for at, one in whole.items() if at < since][-1:]
        rest = calendar(
            MONTHS, volumes, by_hand, until=DAYS[-1], since=since, lead=lead[0] if lead else None
        )
        assert not lead or rest == {at: one for at, one in whole.items() if at >= since}


@pytest.fixture
def es(db) -> tuple[Contract, ...]:
    product = Product.objects.get(symbol="ES")
    return tuple(
        Contract.objects.create(
            product=product, name=f"ES {month.expiry_month:%b%y}", currency="USD",
            expiry_month=month.expiry_month, expires_on=month.expires_on,
            tick_size=product.tick_size, point_value=50,
        )
        for month in (MAR, JUN)
    )  # fmt: skip


def trade_both(es, at: str, volume: int, later: int) -> None:
    for contract, one in zip(es, (volume, later), strict=True):
        make_bar(contract, f"{at}T20:00:00Z", "5000", volume=one - 1)
        make_bar(contract, f"{at}T23:59:00Z", "5000", volume=1)


def run(*args: str) -> str:
    said = StringIO()
    call_command("roll_calendar", *args, stdout=said)
    return said.getvalue()


def stored() -> list[tuple]:
    return list(Roll.objects.order_by("from_day").values_list("from_day", "contract", "source"))


def test_the_command_writes_once_and_leaves_what_is_by_hand(es, time_machine):
    time_machine.move_to(datetime(2026, 3, 20, tzinfo=UTC))
    trade_both(es, "2026-03-11", 5, 6)
    assert run("--product", "ES", "--dry-run") == (
        "ES: 2 rolls written, 0 removed, 0 as they were (dry run: nothing is stored)\n"
        "  2025-12-01  ES Mar26  by rule\n  2026-03-12  ES Jun26  by volume\n"
    )
    assert stored() == []
    assert run() == "ES: 2 rolls written, 0 removed, 0 as they were\n"
    first = list(Roll.objects.order_by("pk").values_list())
    assert run() == "ES: 0 rolls written, 0 removed, 2 as they were\n"
    assert list(Roll.objects.order_by("pk").values_list()) == first

    trade_both(es, "2026-03-09", 5, 6)  # comes late
    Roll.objects.create(
        product=es[0].product, from_day=day("03-05"), contract=es[0], source="hand"
    )  # fmt: skip
    assert run() == "ES: 0 rolls written, 1 removed, 2 as they were\n"
    assert [row[2] for row in stored()] == ["rule", "hand"]
    Roll.objects.filter(source="hand").delete()
    assert run() == "ES: 1 rolls written, 0 removed, 1 as they were\n"
    assert stored()[-1] == (day("03-10"), es[1].pk, "volume")
    with pytest.raises(CommandError, match="no product QQX"):
        run("--product", "QQX")


def test_a_day_counts_when_it_is_over_and_nights_come_to_the_same(es, time_machine):
    trade_both(es, "2026-03-11", 5, 6)
    trade_both(es, "2026-05-11", 5, 6)
    for night in range(120):
        at = datetime(2026, 3, 1, 0, 40, tzinfo=UTC) + timedelta(days=night)
        time_machine.move_to(at, tick=False)
        roll_nightly()
        assert (es[1].pk in [row[1] for row in stored()]) == (at.date() >= day("03-12"))
    nightly = stored()
    assert len(nightly) == 2
    assert run() == "ES: 0 rolls written, 0 removed, 2 as they were\n"


def test_what_a_night_costs_does_not_grow_with_contracts(es, django_assert_num_queries):
    at = datetime(2026, 3, 20, tzinfo=UTC)
    rolls.keep(product_id=es[0].product_id, at=at)
    with django_assert_num_queries(6):  # savepoint and its end, lock, months, rolls, volumes
        rolls.keep(product_id=es[0].product_id, at=at, whole=False)


def test_front_month_and_rolls_of_a_period(es, django_assert_num_queries):
    rolls.keep(product_id=es[0].product_id, at=datetime(2026, 7, 1, tzinfo=UTC))
    product = es[0].product_id
    with django_assert_num_queries(1):
        front = queries.front_month(product_id=product, day=day("03-12"))
    assert (front.contract, front.contract_id, front.source) == ("ES Mar26", es[0].pk, "rule")
    assert queries.front_month(product_id=product, day=day("03-13")).contract == "ES Jun26"
    assert queries.front_month(product_id=product, day=date(2025, 11, 30)) is None
    with django_assert_num_queries(1):
        found = queries.rolls_of(product_id=product, period=Period(day("02-01"), day("03-13")))
    assert [row.contract for row in found] == ["ES Mar26", "ES Jun26"]
    later = queries.rolls_of(product_id=product, period=Period(day("03-13"), day("07-01")))
    assert [row.contract for row in later] == ["ES Jun26"]


@pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data beside the project")
def test_the_real_roll_of_december_2013(db, time_machine):
    time_machine.move_to(datetime(2014, 1, 2, tzinfo=UTC))
    for month in ("Dec13", "Mar14"):
        call_command("import_bars", str(DATA / f"lean_ES_{month}.csv.gz"), stdout=StringIO())

    def told() -> list[tuple]:
        run()
        return [
            (str(at), Contract.objects.get(pk=contract).name, source)
            for at, contract, source in stored()
        ]

    # Bars of both months: 2 December (1,303,719 to 3,596 contracts) and 18 December (284,376 to
    # 2,261,640). In between the rule speaks as soon as a week has told nothing.
    assert told() == [("2013-09-01", "ES Dec13", "rule"), ("2013-12-10", "ES Mar14", "rule")]
    Contract.objects.filter(name="ES Dec13").update(expires_on=date(2013, 12, 20))
    assert told()[1:] == [("2013-12-13", "ES Mar14", "rule")]
    Contract.objects.filter(name="ES Dec13").update(expires_on=date(2013, 12, 30))
    assert told()[1:] == [("2013-12-19", "ES Mar14", "volume")]
