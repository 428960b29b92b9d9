"""Places among others, and what traders are ranked by, against slow twins."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from calc.metrics import MEASURES, Score, brief_of, measures_of, place, rates_of, win_loss

values = st.fractions(min_value=-3, max_value=3, max_denominator=3)  # few, so often equal
cents = st.decimals(-1000, 1000, places=2, allow_nan=False)


@given(values, st.lists(values, max_size=12))
def test_agrees_with_a_sorted_list(own, others):
    found = place(own, others)

    assert found.rank == sorted([own, *others], reverse=True).index(own) + 1
    if others:
        # Mean place of all equals, from the bottom, scaled to 0..100.
        ladder = sorted([own, *others])
        places = [n for n, value in enumerate(ladder) if value == own]
        middle = Fraction(sum(places), len(places))
        assert found.percentile == float(100 * middle / len(others))
    else:
        assert found.percentile is None


@given(values, st.lists(values, max_size=12), st.fractions(Fraction(1, 9), 9), values)
def test_only_the_order_counts(own, others, factor, shift):
    moved = [value * factor + shift for value in others]
    assert place(own * factor + shift, moved) == place(own, others)


def test_the_ends_and_the_middle():
    one, two, three = Fraction(1), Fraction(2), Fraction(3)
    assert place(three, [one, two]).percentile == 100
    assert place(one, [two, three]).percentile == 0
    assert place(two, [one, three]).percentile == place(two, [two, two]).percentile == 50
    assert [place(two, [two, one]).rank, place(one, [two, two]).rank] == [1, 3]


@given(st.lists(cents, max_size=12))
def test_measures_and_brief_agree_with_single_trades(pnl):
    won, lost = [p for p in pnl if p > 0], [p for p in pnl if p < 0]
    score = Score(len(pnl), len(won), sum(pnl, Decimal(0)), sum(won, Decimal(0)),
                  sum(lost, Decimal(0)))  # fmt: skip
    exact, brief = measures_of(score), brief_of(score)

    assert tuple(exact) == MEASURES
    assert exact["pnl"] == (sum(map(Fraction, pnl)) if pnl else None)
    assert exact["win_rate"] == (Fraction(len(won), len(pnl)) if pnl else None)
    assert exact["expectancy"] == (sum(map(Fraction, pnl)) / len(pnl) if pnl else None)
    factor = Fraction(sum(won)) / -Fraction(sum(lost)) if lost else None
    assert exact["profit_factor"] == factor
    for name in ("win_rate", "profit_factor"):
        told = getattr(brief, name)
        assert told == (None if exact[name] is None else float(exact[name]))
    nulls = [name for name in MEASURES if getattr(brief, name) is None]
    assert [note.split()[0] for note in brief.notes] == nulls
    assert brief.pnl == sum(pnl)


@given(st.lists(cents, max_size=12))
def test_rates_alone_are_those_of_the_whole(pnl):
    whole = win_loss(pnl=pnl)
    rates = rates_of(trades=whole.trade_count, wins=whole.win_count, losses=whole.loss_count)
    for name in ("trade_count", "scratch_count", "win_rate", "loss_rate", "win_loss_ratio"):
        assert getattr(rates, name) == getattr(whole, name)
    assert set(rates.notes) <= set(whole.notes)
