"""The demo's journals: written once, and by the doors that everybody uses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journal.models import Comment, Entry, Tag, TradeNote, TradeTag
from skyll.demo import journal
from skyll.demo.people import ADMIN, TRADER
from tests.factories import make_group, make_trade, make_trader, make_user

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def demo():
    group = make_group()
    told, other = make_trader(group), make_trader(group)
    user = make_user("t", group=group, trader=told)
    coach = make_user("c", group=group, is_admin=True)
    type(user).objects.filter(pk=user.pk).update(email=TRADER)
    type(user).objects.filter(pk=coach.pk).update(email=ADMIN)
    for trader in (told, other):
        for day in range(2, 28):
            make_trade(trader, day=day)
    make_trade(told, sim=True)
    return told, other


def test_journals_are_written_once(demo):
    told, other = demo
    first = journal.write(at=AT)

    assert first.tagged == TradeTag.objects.values("trade").distinct().count() > 20
    assert first.notes == TradeNote.objects.count() > 0
    assert first.entries == Entry.objects.filter(trader=told).count() == 10
    assert first.comments == Comment.objects.filter(by_coach=True).count()
    assert Tag.objects.filter(trader=told).count() == 2
    assert not Tag.objects.filter(trader=other).exists()
    assert not TradeTag.objects.filter(account__is_sim=True).exists()
    assert str(journal.write(at=AT)) == "Demo journals: all there"
    assert TradeTag.objects.values("trade").distinct().count() == first.tagged


def test_nobody_has_traded_yet():
    make_trader(make_group())
    assert journal.write(at=AT) == journal.Written()
