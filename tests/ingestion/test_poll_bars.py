"""Bars by contract days: what is wanted, when it is asked for, and that it is asked for once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection as database

from futures.models import Bar
from ingestion.models import BarDay, Feed
from ingestion.poll import bar_days
from ingestion.poll import bars as bars_room
from ingestion.poll.watch import Watch
from ingestion.providers import base
from ingestion.providers.base import ProviderDown, Unsupported
from ledger.models import CandlesDue, Trade
from tests.ingestion.fake_provider import (
    NOW,
    FakeProvider,
    fill,
    instrument,
    make_connection,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
END = datetime(2026, 3, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def feed(**given):
    return make_connection(
        history_from=date(2026, 1, 1), price_feed=True, **{"bars_days": 30, **given}
    )


def trade(day: str, *, until: str = "", instrument: str = "ES", **given) -> list[base.Fill]:
    """Open at 11:00 and close at 11:30 of a day of March, or of `until`."""
    opened, closed = f"2026-03-{day} 11:00:00", f"2026-03-{until or day} 11:30:00"
    return [
        fill(opened, instrument=instrument, **given),
        fill(closed, instrument=instrument, side=-1, **given),
    ]


def bar(at: str, contract: str = "ES Mar26", close: str = "5001") -> base.Bar:
    start = datetime.fromisoformat(f"2026-{at}").replace(tzinfo=UTC)
    prices = [Decimal(price) for price in ("5000", "5002", "4999", close)]
    return base.Bar(contract, start, *prices, volume=10)


def every_minute(day: str, contract: str = "ES Mar26") -> list[base.Bar]:
    return [bar(f"{day} {n // 60:02}:{n % 60:02}", contract) for n in range(24 * 60)]


def known() -> list[tuple[str, str, int, bool]]:
    rows = BarDay.objects.order_by("-day", "contract__name").select_related("contract")
    return [(one.contract.name, f"{one.day:%m-%d}", one.bars, one.is_settled) for one in rows]


ES, NQ = "ES Mar26", "NQ Mar26"
TWO = {"ES": instrument(), "NQ": instrument("NQ")}


def test_today_comes_first_then_the_newest_days_each_whole():
    feed()
    fills = [*trade("05"), *trade("10"), *trade("09"), *trade("09", instrument="NQ")]
    tt = FakeProvider(fills=fills, instruments=TWO, bars=every_minute("03-09"))
    tt.poll()

    assert tt.stretches == [
        (ES, "03-10 00:00", "03-10 11:59"),
        (ES, "03-09 00:00", "03-09 23:59"),
        (NQ, "03-09 00:00", "03-09 23:59"),
        (ES, "03-05 00:00", "03-05 23:59"),
    ]
    assert known() == [
        (ES, "03-10", 0, False), (ES, "03-09", 1440, True), (NQ, "03-09", 0, True),
        (ES, "03-05", 0, True),
    ]  # fmt: skip


def test_a_position_wants_every_day_that_it_is_held():
    feed()
    FakeProvider(fills=trade("05", until="07")).poll()
    assert [day for _, day, *_ in known()] == ["03-07", "03-06", "03-05"]

    told = int(NOW.timestamp()) * 10**9
    tt = FakeProvider(fills=[fill("2026-03-08 11:00:00", received=told)])
    tt.later(65)
    assert [day for _, day, *_ in known()][:3] == ["03-10", "03-09", "03-08"]


def test_an_expired_contract_that_is_still_held_is_left_alone():
    feed()
    expired = {"ES": instrument(expires_on=date(2026, 3, 8))}
    FakeProvider(fills=[fill("2026-03-07 11:00:00")], instruments=expired).poll()

    assert [day for _, day, *_ in known()] == ["03-08", "03-07"]


def test_days_before_those_that_the_connection_brings_in_are_left_alone():
    feed(bars_days=3)
    FakeProvider(fills=[*trade("06"), *trade("01", until="08")]).poll()

    assert [day for _, day, *_ in known()] == ["03-08", "03-07"]


def test_every_account_of_the_platform_counts_and_no_other():
    connection = feed()
    make_connection(history_from=date(2026, 1, 1), environment="ext_prod_sim")
    make_connection(history_from=date(2026, 1, 1), platform="simulated")
    FakeProvider(fills=trade("09")).poll()
    assert Trade.objects.values_list("account__environment", flat=True).distinct().count() == 2

    Trade.objects.filter(account__platform=connection.platform).update(is_copied=True)
    BarDay.objects.all().delete()
    assert bar_days.wanted(connection, NOW) == []


def test_a_late_fill_on_an_old_day_gets_its_bars():
    feed()
    tt = FakeProvider(fills=trade("10"), bars=[*every_minute("03-04"), bar("03-10 11:00")])
    tt.poll()
    assert Bar.objects.count() == 1

    tt.fills += trade("04", received=int(NOW.timestamp()) * 10**9)
    tt.stretches.clear()
    tt.later(65)
    assert (ES, "03-04 00:00", "03-04 23:59") in tt.stretches
    assert Bar.objects.count() == 1441
    late = Trade.objects.get(closed_on=date(2026, 3, 4))
    assert (late.mae_usd, late.mfe_usd) == (-50, 100)  # its candles are made of them at once


def test_what_came_before_a_failure_is_kept_and_the_rest_comes_next():
    feed()
    tt = FakeProvider(
        fills=[*trade("10"), *trade("09"), *trade("08"), *trade("07")],
        bars=[bar(f"03-{day} 11:00") for day in ("10", "09", "08", "07")],
    )

    def broken(call):
        if call.startswith("bars") and len(tt.stretches) == 3:
            raise ProviderDown("503")

    tt.before = broken
    assert [one.error for one in tt.poll().failed] == ["503"]
    assert [day for _, day, *_ in known()] == ["03-10", "03-09"]
    assert Feed.objects.get(stream="bars").rows_new == Bar.objects.count() == 2

    tt.before = lambda call: None
    tt.stretches.clear()
    tt.later(30, ignore_due=True)
    assert [first[:5] for _, first, _ in tt.stretches] == ["03-08", "03-07"]
    assert Bar.objects.count() == 4


def test_bars_and_how_far_they_are_read_stand_or_fall_together(monkeypatch):
    feed()
    tt = FakeProvider(fills=trade("09"), bars=every_minute("03-09"))
    with monkeypatch.context() as patched:
        patched.setattr(bar_days, "mark", lambda *_: 1 / 0)
        assert len(tt.poll().failed) == 1
        assert not Bar.objects.exists()
        assert not CandlesDue.objects.filter(contract__isnull=False, account=None).exists()

    tt.later(600)
    assert known() == [(ES, "03-09", 1440, True)]


def test_a_turn_that_ran_out_of_time_goes_on_at_once():
    feed()
    tt = FakeProvider(fills=trade("09"), bars=every_minute("03-09"))
    tt.poll()
    BarDay.objects.all().delete()
    one = Feed.objects.get(stream="bars")
    came = bars_room.poll_bars(one, tt, Watch(NOW, budget_seconds=0))
    assert not came.is_whole
    assert not BarDay.objects.exists()

    tt.later(90, budget_seconds=0)
    assert Feed.objects.get(stream="bars").due_at < NOW + timedelta(seconds=100)


def test_the_past_gives_way_to_fills_that_wait_for_a_free_worker():
    feed()
    tt = FakeProvider(fills=[*trade("10"), *trade("09")])
    waiting = make_connection(history_from=date(2026, 1, 1), environment="ext_prod_sim")
    tt.poll()
    BarDay.objects.all().delete()
    tt.stretches.clear()
    fills = Feed.objects.filter(connection=waiting, stream="fills")
    fills.update(history_done_at=None, due_at=NOW)
    bars = list(Feed.objects.filter(stream="bars").values_list("id", flat=True))

    tt.later(65, among=bars)
    assert [day for _, day, *_ in known()] == ["03-10"]
    assert Feed.objects.get(stream="bars").due_at < NOW + timedelta(seconds=70)

    fills.update(claimed_until=NOW + timedelta(seconds=120))  # somebody has taken it
    tt.later(70, among=bars)
    assert [day for _, day, *_ in known()] == ["03-10", "03-09"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_pollers_at_once_store_each_bar_once():
    feed()
    fills = [one for day in range(2, 10) for one in trade(f"{day:02}")]
    tt = FakeProvider(fills=fills)
    tt.poll()
    BarDay.objects.all().delete()
    tt.bars = [one for day in range(2, 10) for one in every_minute(f"03-{day:02}")[600:720]]
    one = Feed.objects.get(stream="bars")
    together = Barrier(2)

    def turn(_):
        try:
            together.wait(10)
            return bars_room.poll_bars(one, tt, Watch(NOW, budget_seconds=20))
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(turn, range(2))

    assert first.new + second.new == Bar.objects.count() == 8 * 120
    assert [(bars, settled) for *_, bars, settled in known()] == [(120, True)] * 8


def test_a_contract_that_the_provider_has_no_bars_of_holds_no_other_up():
    feed()
    tt = FakeProvider(
        fills=[*trade("09"), *trade("08"), *trade("09", instrument="NQ")],
        instruments=TWO, bars=[bar("03-09 11:00", NQ)],
    )  # fmt: skip

    def none_here(call):
        if call == f"bars {ES}":
            raise Unsupported("no bars of it")

    tt.before = none_here
    report = tt.poll()

    assert not report.failed
    assert known() == [(ES, "03-09", 0, True), (NQ, "03-09", 1, True)]
    assert [name for name, *_ in tt.stretches] == [ES, NQ]  # one refusal a turn is enough


def test_a_bar_that_was_not_asked_for_is_put_aside(monkeypatch):
    feed()
    tt = FakeProvider(fills=trade("09"))
    monkeypatch.setattr(
        tt, "list_bars", lambda *_: base.Page((bar("03-09 11:00"), bar("03-10 12:00")))
    )
    report = tt.poll()

    bars = next(one for one in report.outcomes if one.stream == "bars")
    assert bars.quarantined == 1
    assert Bar.objects.count() == 1


@pytest.mark.parametrize("days", [2, 8])
def test_what_is_wanted_costs_one_query_and_storing_it_few(days, django_assert_num_queries):
    connection = feed()
    fills = [one for day in range(1, days + 1) for one in trade(f"{day:02}", account=str(day))]
    tt = FakeProvider(fills=fills)
    tt.poll()
    BarDay.objects.all().delete()
    with django_assert_num_queries(1):
        found = bar_days.wanted(connection, NOW)
    assert len(found) == days
    with django_assert_num_queries(2):
        bar_days.mark(connection.pk, found)
    assert bar_days.wanted(connection, NOW) == []
