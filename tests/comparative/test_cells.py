"""A group's results by day are the same, whomever its sums count and whoever is asked for."""

from __future__ import annotations

import random
from datetime import date

import pytest

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import EVERYBODY, Cohort
from comparative.queries.atoms import cells
from ledger.models import GroupDay
from tests.comparative.teams import make_team
from traders.models import Group, PlatformAccount

PERIODS = (
    Period(date(2026, 3, 1), date(2026, 3, 31)),
    Period(date(2026, 3, 3), date(2026, 3, 5)),
    Period(date(2025, 3, 3), date(2025, 3, 5)),
)
ALL_TOLD = Cohort(1, ())  # every atom has a trader behind it: nothing is hidden, all is added up


def same(account_ids):
    """Assert that the sums give what the day results do, to the byte; return how it is told."""
    accounts = Accounts(tuple(account_ids), "")
    for period in PERIODS:
        plain = cells(accounts=accounts, period=period, cohort=ALL_TOLD)
        told = cells(accounts=accounts, period=period, cohort=EVERYBODY)
        assert repr([row[:5] for row in told]) == repr([row[:5] for row in plain])
    return cells(accounts=accounts, period=PERIODS[0], cohort=EVERYBODY)


def home(account_ids, group):
    PlatformAccount.objects.filter(id__in=account_ids).update(
        rolled_group_id=group.pk if group else None
    )


@pytest.fixture
def team(db):
    return make_team(9, 11)


def test_of_any_accounts_wherever_they_are_counted(team):
    chance = random.Random(3)
    ids = list(PlatformAccount.objects.order_by("id").values_list("id", flat=True))
    other = Group.objects.exclude(pk=team.group.pk).first()
    assert same(ids)
    assert same([]) == []
    for _ in range(25):
        home(chance.sample(ids, 2), chance.choice((None, other)))
        home(chance.sample(ids, 6), team.group)
        mine = PlatformAccount.objects.filter(rolled_group_id=team.group.pk)
        near = set(mine.values_list("id", flat=True)) ^ set(chance.sample(ids, 2))
        for those in (ids, near, chance.sample(ids, 7), chance.sample(ids, 1)):
            same(those)


def test_it_is_the_sums_that_answer_where_most_are_counted(team):
    ids = list(PlatformAccount.objects.order_by("id").values_list("id", flat=True))
    home(ids, team.group)
    before = [row[4] for row in same(ids[1:])]
    assert len(before) > 10
    GroupDay.objects.update(trade_count=1000)
    accounts = Accounts(tuple(ids[1:]), "")
    told = cells(accounts=accounts, period=PERIODS[0], cohort=EVERYBODY)
    assert min(row[4] for row in told) > 900
    few = Accounts(tuple(ids[:4]), "")  # less to add up than to take off
    told = cells(accounts=few, period=PERIODS[0], cohort=EVERYBODY)
    assert max(row[4] for row in told) < 900


def test_it_takes_one_query(team, django_assert_num_queries):
    home(PlatformAccount.objects.values_list("id", flat=True), team.group)
    with django_assert_num_queries(1) as asked:
        cells(accounts=Accounts((1, 2), ""), period=PERIODS[0], cohort=EVERYBODY)
    assert "ledger_groupday" in asked[0]["sql"]
