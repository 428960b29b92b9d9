"""The metric table: by hand, and against slow twins."""

from __future__ import annotations

import statistics
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, combinations_with_replacement, groupby
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calc.metrics import (
    longest_run,
    max_drawdown,
    sharpe,
    sortino,
    sqn,
    summary,
    weekdays,
    win_loss,
)
from calc.metrics.risk import quiet_days

CENTS = st.decimals("-500", "500", places=2)
START, END = date(2026, 3, 2), date(2026, 3, 8)  # a Monday to its Sunday


def dollars(*amounts):
    return [Decimal(amount) for amount in amounts]


def whole(pnl, daily, **more):
    given = {"hold_seconds": [Decimal(60)] * len(pnl), "start": START, "end": END, **more}
    return summary(pnl=pnl, daily=daily, **given)


def test_a_week_by_hand():
    """Mon +100 -40 0, Tue -60, Sat +20: five weekdays and a Saturday."""
    pnl = dollars("100", "-40", "0", "-60", "20")
    daily = {
        date(2026, 3, 2): Decimal(60),
        date(2026, 3, 3): Decimal(-60),
        date(2026, 3, 7): Decimal(20),
    }
    hold = [Decimal(seconds) for seconds in (10, 20, 30, 40, 100)]

    week = whole(pnl, daily, hold_seconds=hold)

    assert (week.trade_count, week.win_count, week.loss_count, week.scratch_count) == (5, 2, 2, 1)
    assert (week.win_rate, week.loss_rate, week.win_loss_ratio) == (0.4, 0.4, 1.0)
    assert (week.gross_profit, week.gross_loss, week.pnl) == (120, -100, 20)
    assert week.profit_factor == 1.2
    assert (week.average_win, week.average_loss, week.payoff_ratio) == (60, -50, 1.2)
    assert week.expectancy == 4
    assert (week.largest_win, week.largest_loss) == (100, -60)
    assert (week.max_consecutive_wins, week.max_consecutive_losses) == (1, 2)
    assert week.max_drawdown == 60
    assert isclose(week.recovery_factor, 20 / 60)
    series = [60, -60, 0, 0, 0, 20]
    assert isclose(week.sharpe, sqrt(252) * statistics.mean(series) / statistics.stdev(series))
    assert isclose(week.sortino, sqrt(252) * statistics.mean(series) / sqrt(3600 / 6))
    assert isclose(week.sqn, sqrt(5) * 4 / statistics.stdev([float(p) for p in pnl]))
    assert (week.average_hold_seconds, week.median_hold_seconds) == (40, 30)
    assert week.notes == ()


def test_without_a_trade_everything_undefined_says_so():
    empty = whole([], {})
    nulls = [name for name in empty.__slots__ if getattr(empty, name) is None]
    assert len(nulls) == 16
    assert sorted(note.split(" is null: ")[0] for note in empty.notes) == sorted(nulls)
    assert {note.split(": ")[1] for note in empty.notes} == {"no trade was closed in the period"}
    assert (empty.gross_profit, empty.gross_loss, empty.max_drawdown) == (0, 0, 0)
    assert (empty.trade_count, empty.max_consecutive_wins) == (0, 0)


def test_only_winners():
    lucky = whole(dollars("10", "10"), {START: Decimal(20)})
    assert lucky.profit_factor is lucky.win_loss_ratio is lucky.payoff_ratio is None
    assert lucky.recovery_factor is lucky.sortino is lucky.sqn is None
    assert lucky.win_rate == 1.0
    assert lucky.loss_rate == 0.0
    assert lucky.sharpe is not None
    assert "profit_factor is null: there is no losing trade" in lucky.notes
    assert "recovery_factor is null: there is no drawdown" in lucky.notes
    assert "sortino is null: there is no losing day" in lucky.notes
    assert "sqn is null: it needs two trades that differ" in lucky.notes


def test_only_losers():
    unlucky = whole(dollars("-10"), {START: Decimal(-10)})
    assert unlucky.profit_factor == unlucky.win_loss_ratio == 0.0
    assert unlucky.payoff_ratio is unlucky.average_win is unlucky.largest_win is None
    assert unlucky.recovery_factor == -1.0
    assert "average_win is null: there is no winning trade" in unlucky.notes


def test_equal_days_have_no_sharpe_and_no_noise():
    """Ten times 0.1 as floats would leave a spread of 1e-17 and a sharpe of 1e17."""
    assert sharpe(dollars(*["0.1"] * 10)) is None
    assert sqn(dollars(*["0.1"] * 10)) is None


def test_a_scratch_within_the_tolerance_counts_as_neither():
    pnl = dollars("5", "-1", "-1", "3")
    record = win_loss(pnl=pnl, outcomes=[1, 0, -1, 0])
    assert (record.win_count, record.loss_count, record.scratch_count) == (1, 1, 2)
    assert (record.average_win, record.average_loss) == (Decimal(5), Decimal(-1))
    full = whole(pnl, {START: Decimal(6)}, outcomes=[1, 0, -1, 0])
    assert full.gross_profit + full.gross_loss == full.pnl == 6


@given(st.lists(CENTS, max_size=30))
def test_drawdown_agrees_with_the_slow_way(pnl):
    levels = [Decimal(0), *accumulate(pnl)]
    slow = max(high - low for high, low in combinations_with_replacement(levels, 2))
    assert max_drawdown(pnl) == slow


@given(st.lists(st.sampled_from([1, 0, -1]), max_size=30))
def test_runs_agree_with_the_slow_way(outcomes):
    decided = [outcome for outcome in outcomes if outcome]
    for side in (1, -1):
        slow = [len(list(run)) for outcome, run in groupby(decided) if outcome == side]
        assert longest_run(outcomes, side) == max(slow, default=0)


@given(st.lists(CENTS, max_size=15), st.integers(0, 400))
def test_risk_agrees_with_the_zeros_written_out(pnl, quiet):
    series = [Fraction(day) for day in pnl] + [Fraction(0)] * quiet
    expected: dict[str, float | None] = {"sharpe": None, "sortino": None}
    if len(set(series)) > 1:
        spread = sqrt(statistics.variance(series))
        expected["sharpe"] = sqrt(252) * float(statistics.mean(series)) / spread
    if min(series, default=0) < 0:
        falls = sqrt(statistics.mean([min(Fraction(0), day) ** 2 for day in series]))
        expected["sortino"] = sqrt(252) * float(statistics.mean(series)) / falls
    assert {"sharpe": sharpe(pnl, quiet), "sortino": sortino(pnl, quiet)} == pytest.approx(expected)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-3, 60))
def test_weekdays_agree_with_the_calendar(start, length):
    days = [start + timedelta(days=n) for n in range(length)]
    end = start + timedelta(days=length - 1)
    assert weekdays(start, end) == sum(day.weekday() < 5 for day in days)
    weekend = [day for day in days if day.weekday() >= 5]
    assert quiet_days(weekend, start, end) == weekdays(start, end)
    assert quiet_days(days, start, end) == 0


def test_a_period_of_all_time_costs_nothing():
    assert weekdays(date.min, date.max) == 2_608_615  # 521,722 weeks and a Monday to Friday


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hold_seconds": []}, "one holding time"),
        ({"outcomes": []}, "one outcome"),
        ({"outcomes": [2]}, r"\+1, 0 or -1"),
        ({"daily": {START: Decimal(4)}}, "daily sums"),
        ({"daily": {END + timedelta(days=1): Decimal(5)}}, "outside the period"),
    ],
)
def test_refuses_what_does_not_fit_together(change, sentence):
    given = {"pnl": dollars("5"), "daily": {START: Decimal(5)}, **change}
    with pytest.raises(ValueError, match=sentence):
        whole(**given)
