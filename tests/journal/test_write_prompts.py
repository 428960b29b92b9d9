"""Mondays: all prompts at once, twice, at the same time, late; and what that costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from journal import tasks
from journal.actions import prompts as actions
from journal.models import WelcomePrompt
from skyll import schedule
from skyll.celery import app
from tests.cast import make_desk
from tests.factories import make_group, make_trade, make_trader
from tests.journal.conftest import NOW
from traders.models import Trader


def kept():
    rows = WelcomePrompt.objects.order_by("id")
    return list(rows.values_list("id", "trader_id", "prompt_message", "fingerprint", "made_at"))


def test_it_writes_what_a_read_would(desk, greeting):
    for user in (desk.ana, desk.bo, desk.otto, desk.sven):
        make_trade(user, day=24)
        make_trade(user, day=10, pnl="-3")
    make_trade(make_trader(desk.group, is_archived=True), day=24)
    make_group(is_archived=True)
    assert actions.write_prompts(at=NOW) == 2 + 4
    written = kept()
    for user in (desk.ana, desk.bo, desk.otto, desk.cora, desk.sven):
        found = greeting(user)
        row = WelcomePrompt.objects.get(pk=found["id"])
        symbol = row.product.symbol if row.product else None
        assert (row.prompt_message, symbol) == (found["prompt_message"], found["product_symbol"])
    assert kept() == written  # no read has written anything


def test_once_more_changes_nothing(desk):
    make_trade(desk.ana, day=24)
    tasks.write_prompts(come="what may")
    written = kept()
    assert actions.write_prompts(at=NOW + timedelta(days=3)) == 0
    assert kept() == written


def test_it_makes_anew_what_no_longer_holds(desk):
    make_trade(desk.ana, day=24)
    actions.write_prompts(at=NOW)
    make_trade(desk.ana, day=24)
    assert actions.write_prompts(at=NOW) == 2
    assert WelcomePrompt.objects.count() == 3


@pytest.mark.parametrize("size", [1, 12])
def test_it_costs_the_same_for_few_and_many(db, django_assert_num_queries, size):
    for number in range(size):
        group = make_group()
        for _ in range(2):
            trader = make_trader(group)
            make_trade(trader, day=24)
            make_trade(trader, day=3 + number, symbol="CL")
    # scopes: groups and accounts; rows, traders; begin, lock, insert, end
    with django_assert_num_queries(8):
        assert actions.write_prompts(at=NOW) == 3 * size
    with django_assert_num_queries(7):
        assert actions.write_prompts(at=NOW) == 0
    make_trade(Trader.objects.order_by("id")[0], day=24)
    with django_assert_num_queries(8):  # an update in the insert's stead
        assert actions.write_prompts(at=NOW) == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_and_readers_at_once_write_each_once():
    desk = make_desk()
    traders = [desk.ana, desk.bo, desk.otto]
    for user in traders:
        make_trade(user, day=24)
    for _ in range(3):
        together = Barrier(6)

        def turn(number, together=together):
            try:
                together.wait(10)
                if number % 2:
                    actions.write_prompts(at=NOW)
                else:
                    found = actions.welcome(traders[number // 2], at=NOW)
                    return found.prompt_message
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            read = [message for message in pool.map(turn, range(6)) if message]
        rows = WelcomePrompt.objects.exclude(trader=None).order_by("trader")
        assert [row.prompt_message for row in rows] == read
        assert WelcomePrompt.objects.filter(trader=None).count() == 2
        make_trade(desk.ana, day=25)  # the next round makes hers anew


def test_a_slower_writer_does_not_reach_the_reader(desk, greeting, monkeypatch):
    """One that read the books before an opt-out writes after it: the answer is still of now."""
    make_trade(desk.ana, pnl="100", day=24)
    before = greeting(desk.ana)
    stale = WelcomePrompt.objects.get(pk=before["id"])
    make_trade(desk.ana, pnl="11", day=24)
    keep = actions.keep

    def slower(*args, **given):
        done = keep(*args, **given)
        stale.save()
        return done

    monkeypatch.setattr(actions, "keep", slower)
    assert "+111.00" in greeting(desk.ana)["prompt_message"]
    monkeypatch.setattr(actions, "keep", keep)
    assert "+111.00" in greeting(desk.ana)["prompt_message"]
    stale.refresh_from_db()
    assert "+111.00" in stale.prompt_message


def test_beat_makes_up_for_a_monday_that_it_missed(db):
    schedule.write()
    task = PeriodicTask.objects.get(name="write_prompts")
    task.last_run_at = datetime(2026, 3, 23, 0, 20, tzinfo=UTC)
    for at, due in (
        (datetime(2026, 3, 29, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 30, 0, 19, tzinfo=UTC), False),
        (datetime(2026, 3, 30, 0, 20, 1, tzinfo=UTC), True),
        (datetime(2026, 4, 1, 12, tzinfo=UTC), True),
    ):
        with time_machine.travel(at, tick=False):
            assert ModelEntry(task, app=app).is_due().is_due == due, at
