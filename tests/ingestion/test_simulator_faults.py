"""What goes wrong, goes wrong the same way each time, and never touches the truth."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

import httpx  # noqa: TID251 - to loopback only
import pytest

from ingestion.simulator import Setup, Simulator, faults
from ingestion.simulator.population import ENVIRONMENTS
from tests.ingestion.simulator_reader import DAY, Reader, at

START = date(2026, 3, 2)
CLEAN = Setup(
    start=START, days=19, traders=20, accounts=24, page_size=50, slow_seconds=0.01, retry_after=0
)
FULL = replace(CLEAN, faults="full")
END = at(START) + 36 * DAY


def made(setup):
    """A simulator long after its days."""
    return Simulator(setup, clock=lambda: at(date(2027, 1, 1)))


def content(simulator):
    """What the effective rows say, without their stamps and identities."""
    return sorted(
        (env, account, row.told.ns, row.told.instrument, row.told.signed, row.told.ticks)
        for (env, account, _), row in simulator.truth().effective.items()
    )


def read_all(simulator):
    """Read everything; return the identities and how many rows came."""
    got, rows = set(), 0
    with simulator.serve() as address:
        for company in simulator.companies:
            for environment in ENVIRONMENTS:
                with Reader(address.base_url, company, environment) as one:
                    one.pages("ttaccount/accounts", "accounts")
                    for begin in range(at(START), END, 3 * DAY):
                        found = one.fills(begin, begin + 3 * DAY - 1)
                        rows += len(found)
                        got |= {
                            (environment, str(row["accountId"]), row["uniqueExecId"])
                            for row in found
                        }
                    numbers = {row.told.instrument_id for row in simulator.truth().told.values()}
                    for number in sorted(numbers)[:20]:
                        for _ in range(3):
                            with suppress(httpx.TransportError):
                                one.ask(f"ttpds/instrument/{number}")
        return got, rows


@pytest.fixture(scope="module")
def full():
    simulator = made(FULL)
    got, rows = read_all(simulator)
    return simulator, got, rows


def test_whatever_goes_wrong_the_loop_reads_every_identity(full):
    simulator, got, rows = full
    truth = simulator.truth()

    assert got == set(truth.told) | set(truth.unusable)
    assert rows > len(got)  # repeats


def test_every_fault_of_the_plan_occurs(full):
    simulator, _, _ = full
    happened = simulator.plan.happened

    missing = set(faults.PRESETS["full"]) - set(happened)
    assert missing <= {"wide"}  # the windows above were narrow
    assert happened["tie_across_pages"] > 0
    assert happened["newcomer_traded"] > 0


def test_the_effective_rows_are_those_of_a_plan_without_faults(full):
    simulator, _, _ = full

    assert content(simulator) == content(made(CLEAN))
    assert simulator.truth().positions == made(CLEAN).truth().positions == {}


def test_the_same_seed_gives_the_same_faults(full):
    simulator, got, rows = full
    again = made(FULL)

    assert read_all(again) == (got, rows)
    assert again.plan.happened == simulator.plan.happened


def test_another_seed_gives_others(full):
    simulator, _, _ = full

    assert set(made(replace(FULL, seed=8)).truth().told) != set(simulator.truth().told)


def test_a_correction_keeps_the_execution_time_of_what_it_names(full):
    simulator, _, _ = full
    told = simulator.truth().told

    second_words = [(key, row) for key, row in told.items() if row.action != 14]
    assert {row.action for _, row in second_words} == {15, 16}
    for (environment, account, _), row in second_words:
        named = told[environment, account, row.ref]
        assert row.told.ns == named.told.ns
        assert not named.is_effective
    assert any(row.stamp < told[e, a, row.ref].stamp for (e, a, _), row in second_words)


def test_clocks_are_skewed_and_reports_come_late(full):
    simulator, _, _ = full
    lags = [row.stamp - row.told.ns for row in simulator.truth().told.values()]

    assert min(lags) < -60 * 10**9
    assert max(lags) > 3600 * 10**9


def test_a_backdated_row_appears_after_its_stamp(full):
    simulator, _, _ = full
    row = next(row for row in simulator.truth().told.values() if row.fault == "backdated")
    account = row.account_id
    company = next(
        one.company for one in simulator.population.accounts if one.account_id == account
    )
    environment = next(e for e, _, i in simulator.truth().told if i == row.identity)

    def shown(now):
        rows = simulator.books.rows(
            company, environment, low=row.stamp, high=row.stamp, now=now, limit=500
        )
        return row.identity in {one.identity for one in rows}

    assert not shown(row.appears - 1)
    assert shown(row.appears)


def test_a_wide_window_is_a_504(full):
    simulator = made(FULL)
    with simulator.serve() as address, Reader(address.base_url, simulator.companies[0]) as one:
        answers = [
            one.ask("ttledger/fills", minTimestamp=at(START), maxTimestamp=END) for _ in range(4)
        ]

    assert answers[-1].status_code == 504
    assert simulator.plan.happened["wide"] > 0


def test_who_calls_before_retry_after_is_counted():
    simulator = made(replace(CLEAN, faults="busy=0.9", retry_after=30))
    with simulator.serve() as address, Reader(address.base_url, simulator.companies[0]) as one:
        answers = [one.ask("ttpds/markets", of=number) for number in range(6)]

    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 30
    assert address.counts["impatient"] > 0


def test_a_request_is_answered_at_the_fourth_asking_at_the_latest():
    plan = faults.read("error=1", seed=1)

    assert [plan.answer("this", ("error",)) for _ in range(5)] == ["error"] * 3 + [None, "error"]


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("none", {}),
        ("", {}),
        ("late=0.5, slow=0", {"late": 0.5}),
        ("mild,busy=0.2,late=0,skew=0", {**faults.PRESETS["mild"], "busy": 0.2}),
    ],
)
def test_a_plan_can_be_written_as_text(text, rates):
    expected = {name: rate for name, rate in rates.items() if f"{name}=0," not in f"{text},"}

    assert faults.read(text, seed=1).rates == expected


@pytest.mark.parametrize("text", ["some", "late", "late=often", "late=2", "late=-1", "late=nan"])
def test_a_plan_that_makes_no_sense_is_refused(text):
    with pytest.raises(faults.BadPlan):
        faults.read(text, seed=1)
