"""The present unrolls, a restart contradicts nothing, and the command says what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ingestion.simulator import Setup, Simulator, demo
from ingestion.simulator.state import OtherMarket, Spans
from tests.ingestion.simulator_reader import NS, at

START = date(2026, 1, 5)


def live_simulator(tmp_path, now):
    setup = Setup(
        start=date(2026, 3, 2), days=5, goes_on=True, traders=10, accounts=10, live_every=2.0,
        state=tmp_path / "state.json",
    )  # fmt: skip
    return Simulator(setup, clock=lambda: now[0])


@pytest.mark.parametrize("moment", ["2026-03-04 15:00", "2026-03-07 15:00"])  # also a Saturday
def test_the_present_unrolls_with_a_trade_every_few_seconds(tmp_path, moment):
    begin = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    now = [begin * NS]
    simulator = live_simulator(tmp_path, now)
    with simulator.serve():
        before = set(simulator.truth().told)
        now[0] = (begin + 60) * NS
        fresh = set(simulator.truth().told) - before

    assert len(fresh) > 10


def test_a_restart_serves_what_was_served_and_nothing_in_between(tmp_path):
    begin = int(datetime(2026, 3, 4, 15, tzinfo=UTC).timestamp())
    now = [begin * NS]
    first = live_simulator(tmp_path, now)
    with first.serve():
        now[0] = (begin + 60) * NS
        told = set(first.truth().told)
    now[0] = (begin + 3600) * NS

    second = live_simulator(tmp_path, now)
    with second.serve():
        anew = second.truth().told
        live = [row.told.ns // NS for (_, _, name), row in anew.items() if name.startswith("L")]

    assert told <= set(anew)
    assert not [stamp for stamp in live if begin + 60 + 90 + 260 < stamp < begin + 3590]


def test_live_trades_end_flat_and_positions_say_so(tmp_path):
    begin = int(datetime(2026, 3, 7, 15, tzinfo=UTC).timestamp())  # a Saturday: nothing else
    now = [begin * NS]
    simulator = live_simulator(tmp_path, now)
    simulator.spans.begin(begin)
    simulator.spans.spans[0][1] = begin + 60
    now[0] = (begin + 30) * NS
    open_now = sum(len(simulator.books.positions(n, "ext_prod_live", now=now[0])) for n in range(3))
    held = simulator.truth().positions
    now[0] = (begin + 600) * NS

    assert len(held) >= open_now > 0
    swings = {key for key in simulator.truth().positions if "MBT" not in key[2]}
    assert set(simulator.truth().positions) == swings


def test_speed_unrolls_the_past():
    real = [2 * 10**18]
    simulator = Simulator(Setup(start=START, days=5, speed=1440.0), clock=lambda: real[0])

    assert simulator.now() == at(START)
    real[0] += 60 * NS
    assert simulator.now() == min(real[0], at(START) + 86_400 * NS)


def test_spans_are_kept_ahead_and_joined(tmp_path):
    spans = Spans(tmp_path / "state.json")
    spans.begin(1000)
    spans.keep(1050)
    again = Spans(tmp_path / "state.json")
    again.begin(1100)  # within the 90 s that were kept ahead
    assert again.spans == [[1000, 1190]]
    last = Spans(tmp_path / "state.json")
    last.begin(5000)
    assert last.within(0, 5010) == [(1000, 1190), (5000, 5010)]


def test_the_demo_s_market_is_remembered(tmp_path):
    first = demo.setup_of(tmp_path, today=date(2026, 11, 20))
    later = demo.setup_of(tmp_path, today=date(2026, 12, 24), faults="full")

    assert first.start == later.start == date(2025, 11, 20)
    assert later.faults == "full"
    assert later.goes_on
    with pytest.raises(OtherMarket, match="seed 7, not 9"):
        demo.setup_of(tmp_path, today=date(2026, 12, 24), seed=9)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"start": START, "faults": "all"}, "is no fault"),
        ({"start": START, "traders": 5, "accounts": 1}, "at least as many accounts"),
        ({"start": START, "products": 99}, "products: 1 to"),
    ],
)
def test_the_command_says_what_is_wrong(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("simulate_provider", port=0, **options)
