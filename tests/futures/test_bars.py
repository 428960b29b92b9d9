"""Bars in the database: stored once, counted right, by month, with writers beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from futures.bars import BarColumns, NewBar, StoredBars, store_bars
from futures.models import Bar, Contract
from tests.factories import make_contract

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MONTHS = "SELECT relname FROM pg_class WHERE relname ~ '^futures_bar_[0-9]{4}_[0-9]{2}$'"


def bar(contract: Contract, minute: int = 0, close: str = "5000", volume: int = 1) -> NewBar:
    prices = (Decimal(close), Decimal(close) + 1, Decimal(close) - 1, Decimal(close))
    return NewBar(contract.pk, NOON + timedelta(minutes=minute), *prices, volume)


def stored() -> list[tuple]:
    rows = Bar.objects.order_by("contract_id", "start_at")
    return list(
        rows.values_list("contract_id", "start_at", "open", "high", "low", "close", "volume")
    )


def ask(sql: str, *given: object) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [str(row[0]) for row in cursor.fetchall()]


class Slow:
    """What storing means, one bar after another in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, datetime], NewBar] = {}

    def store(self, bars: Sequence[NewBar]) -> StoredBars:
        latest = {(one.contract_id, one.start_at): one for one in bars}
        new = [key for key in latest if key not in self.rows]
        changed = [key for key in latest if key in self.rows and self.rows[key] != latest[key]]
        touched = sorted({(contract, at.date()) for contract, at in (*new, *changed)})
        self.rows |= latest
        same = len(latest) - len(new) - len(changed)
        return StoredBars(len(new), len(changed), same, tuple(touched))


class StoredAsTheSlowWay(TestCase):
    @settings(deadline=None, max_examples=50)
    @given(
        st.lists(
            st.lists(
                st.tuples(
                    st.booleans(),
                    st.sampled_from((0, 1, 2, 719, 720, 31 * 1440, 40 * 1440)),
                    st.sampled_from(("5000", "5000.25", "-0.000000001", "9000000000")),
                    st.integers(0, 2),
                ),
                max_size=8,
            ),
            max_size=4,
        )
    )
    def test_counts_days_versions_and_rows(self, deliveries) -> None:
        one, two = make_contract("ES"), make_contract("ES", "Jun26")
        slow, changes = Slow(), {one.pk: 0, two.pk: 0}
        for delivery in deliveries:
            bars = [bar(two if other else one, *rest) for other, *rest in delivery]
            told = store_bars(bars)
            assert told == slow.store(bars)
            for contract in {contract for contract, _ in told.touched}:
                changes[contract] += 1
        assert stored() == [tuple(slow.rows[key]) for key in sorted(slow.rows)]
        assert dict(Contract.objects.values_list("pk", "bars_version")) == changes


@pytest.mark.django_db
def test_of_two_for_one_minute_the_later_stands():
    es = make_contract()
    told = store_bars([bar(es, close="1"), bar(es, 1), bar(es, close="2")])

    assert told == StoredBars(2, 0, 0, ((es.pk, date(2026, 3, 10)),))
    assert Bar.objects.get(start_at=NOON).close == 2
    assert store_bars([bar(es, close="2")]) == StoredBars(same=1)
    assert store_bars([]) == store_bars(BarColumns.of([])) == StoredBars()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"start_at": NOON + timedelta(seconds=1)}, "does not start a minute"),
        ({"open": Decimal("0.0000000001")}, "finer than"),
        ({"open": Decimal("NaN")}, "not a finite number"),
        ({"contract_id": 0}, "no contract 0"),
    ],
)
def test_what_cannot_be_kept_is_an_error(wrong, error):
    with pytest.raises((ValueError, LookupError), match=error), transaction.atomic():
        store_bars([bar(make_contract())._replace(**wrong)])
    assert not stored()


@pytest.mark.django_db
def test_a_month_is_read_from_one_partition_by_the_composite_key_alone():
    es = make_contract()
    store_bars([bar(es, minute) for minute in range(0, 90 * 1440, 60)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE futures_bar")
    plan = "\n".join(
        ask(
            "EXPLAIN SELECT * FROM futures_bar WHERE contract_id = %s AND start_at >= %s "
            "AND start_at < %s ORDER BY start_at",
            es.pk, "2026-04-01 00:00+00", "2026-05-01 00:00+00",
        )
    )  # fmt: skip
    assert "futures_bar_2026_04" in plan
    assert plan.count(" on futures_bar_") == 1
    indexes = ask(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'futures_bar_2026_04' ORDER BY 1"
    )
    assert len(indexes) == 1
    assert "UNIQUE INDEX" in indexes[0]
    assert indexes[0].endswith("USING btree (contract_id, start_at)")


def beside(*jobs):
    """Start all at once, each with a connection of its own; return what they returned."""
    gate = Barrier(len(jobs))

    def run(job):
        try:
            gate.wait()
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_writers_beside_each_other_open_a_month_once_and_count_each_minute_once():
    es, later = make_contract("ES"), make_contract("ES", "Jun26")
    rows: list[NewBar] = []
    for year in range(2031, 2039):  # months that no other test has opened
        assert f"futures_bar_{year}_05" not in ask(MONTHS)
        start = datetime(year, 5, 29, tzinfo=UTC)
        rows = [
            bar(contract)._replace(start_at=start + timedelta(minutes=97 * number))
            for contract in (es, later)
            for number in range(60)  # into June
        ]
        parts = (rows[:60], rows[60:], rows, rows[::-1])
        told = beside(*(lambda part=part: store_bars(part) for part in parts))
        assert sum(one.new for one in told) == len(rows)
        assert sum(one.same for one in told) == 2 * len(rows)
    assert Bar.objects.count() == 8 * len(rows)
    assert set(Contract.objects.values_list("bars_version", flat=True)) == {8}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_month_that_is_being_opened_keeps_no_reader_waiting():
    es = make_contract()
    store_bars([bar(es)])
    with transaction.atomic():
        store_bars([bar(es)._replace(start_at=datetime(2033, 1, 1, tzinfo=UTC))])
        assert beside(lambda: [row[1] for row in stored()]) == [[NOON]]
    assert len(stored()) == 2
