"""Every reading of a group against its slow twin: groups of 1, 2, 5 and 40, cohorts of 0, 1, 3."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.comparative import twins
from tests.comparative.teams import make_team
from tests.personal.conftest import held_notes
from traders.models import Trader

PERIODS = (
    {},
    {"start_date": "2026-03-04", "end_date": "2026-03-06"},
    {"start_date": "2026-03-03", "end_date": "2026-03-03"},
    {"start_date": "2026-04-03", "end_date": "2026-05-01"},
)
LEAST = (0, 1, 3)
pytestmark = pytest.mark.django_db


def within(trades, params):
    first = params.get("start_date", "2026-03-01")
    last = params.get("end_date", "2026-03-31")
    return [trade for trade in trades if first <= str(trade.closed_on) <= last]


def near(expected, got):
    """Compare floats of ratios, which a twin divides otherwise, to 12 digits."""
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(near(expected[k], got[k]) for k in expected)
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(near, expected, got))
    if isinstance(expected, datetime):
        return expected == datetime.fromisoformat(got)
    return got == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(("size", "seed"), [(1, 1), (2, 2), (5, 3), (5, 4), (40, 5)])
def test_agrees_with_the_slow_way(read, size, seed):
    team = make_team(size, seed)
    for least in LEAST:
        team.group.min_cohort = least
        team.group.save()
        for user in team.users if least else team.peers:
            rule = {"least": 0 if user.is_admin else least, "own": user.trader_id}
            for params in PERIODS:
                those = within(team.visible(user), params)
                _same_sums(read, user, params, those, rule)
                _same_rates(read, user, params, those, rule)
                _same_standing(read, user, params, those, rule)
    _same_lines(read, team)


def _same_sums(read, user, params, those, rule):
    days = read(user, "comparative/performance-by-time", **params)
    products = read(user, "comparative/performance-by-product", **params)
    assert days["data"] == twins.by_time(those, **rule)
    assert products["data"] == twins.by_product(those, **rule)
    for answer in (days, products):
        assert answer["meta"]["data_through"] == "2026-04-02"
        if not rule["least"]:
            assert answer["meta"]["notes"] == held_notes(those)


def _same_rates(read, user, params, those, rule):
    answer = read(user, "comparative/win-loss-ratio", **params)
    assert near(twins.win_loss(those, **rule, averages=user.is_admin), answer["data"])
    assert answer["meta"]["obfuscated"] is False


def _same_standing(read, user, params, those, rule):
    answer = read(user, "comparative/standing", **params)
    assert near(twins.standing(those, **rule), answer["data"])
    notes = " ".join(answer["meta"]["notes"])
    for name, row in answer["data"].items():
        assert (row["rank"] is None) == (f"rank by {name} is null" in notes)


def _same_lines(read, team):
    traders = [
        (trader.pk, trader.name, trader.name == "Otto")
        for trader in Trader.objects.filter(group=team.group, is_archived=False)
    ]
    for params in PERIODS:
        those = within(team.visible(team.cora), params)
        answer = read(team.cora, "traders/overview", **params)
        assert near(twins.overview(those, traders), answer["data"])
    gold = next(trade.product for trade in team.books if trade.product.symbol == "GC")
    those = [trade for trade in team.visible(team.cora) if trade.product == gold]
    answer = read(team.cora, "traders/overview", product=gold.pk)
    assert near(twins.overview(those, traders), answer["data"])
