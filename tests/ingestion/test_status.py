"""GET ingestion/status: how ingestion stands for a group, for its admins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from ingestion import actions, examples
from ingestion.models import Feed, Stream
from ingestion.providers.base import Misfit
from ledger.models import CandlesDue, Fill, ReconcileDue
from tests.factories import make_account, make_reconciled, make_trade, make_trader, make_user
from tests.ingestion.fake_provider import NOW, FakeProvider, fill, make_connection
from tests.snapshots import matches_snapshot, shape
from traders.models import PlatformAccount

URL = "/api/v1/ingestion/status"


@pytest.fixture(autouse=True)
def present():
    with time_machine.travel(NOW + timedelta(seconds=90), tick=False):
        yield


@pytest.fixture
def ask(as_user):
    def get(user):
        answer = as_user(user).get(URL)
        assert answer.status_code == 200, answer.json()
        return answer.json()["data"]

    return get


def put_aside(connection, *reasons):
    misfits = [Misfit({"row": n}, reason) for n, reason in enumerate(reasons)]
    actions.quarantine(misfits, stream=Stream.FILLS, at=NOW, connection_id=connection.pk)


@pytest.mark.parametrize("name", ["ana", "otto", "sven"])
def test_others_are_refused(desk, as_user, name):
    answer = as_user(getattr(desk, name)).get(URL)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")


def test_an_admin_without_a_group_and_nobody_at_all(db, api, as_user):
    answer = as_user(make_user(is_admin=True)).get(URL)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_group")
    assert api.get(URL).status_code == 401


def test_a_group_without_anything_has_zeros(desk, ask):
    assert ask(desk.cora) == {
        "connections": [],
        "fills": dict.fromkeys(("usable", "replaced", "void", "excluded", "waiting"), 0),
        "waiting": [],
        "problems": {"skipped": 0, "mismatch": 0, "unverifiable": 0},
        "oldest_unreconciled_day": None,
        "candles_due": 0,
        "states_due": 0,
    }


def test_a_feed_tells_how_late_it_is_and_what_went_wrong(desk, ask):
    connection = make_connection(group=desk.group, name="TT desk")
    fills = {"connection": connection, "stream": Stream.FILLS}
    Feed.objects.filter(**fills).update(
        last_ok_at=NOW, attempts=3, last_error="the provider is down", rows_read=7, rows_new=4
    )
    connection.alarm, connection.alarm_at = "the key is refused", NOW
    connection.save()

    (told,) = ask(desk.cora)["connections"]
    assert (told["name"], told["alarm"]) == ("TT desk", "the key is refused")
    assert told["alarm_at"] == "2026-03-10T12:00:00Z"
    found = {feed["stream"]: feed for feed in told["feeds"]}
    assert list(found)[:2] == ["accounts", "fills"]
    assert found["accounts"]["lag_seconds"] is found["accounts"]["history_percent"] is None
    assert found["fills"] | {"due_at": ""} == {
        "stream": "fills",
        "due_at": "",
        "last_ok_at": "2026-03-10T12:00:00Z",
        "lag_seconds": 90.0,
        "history_percent": 0,
        "failures": 3,
        "last_error": "the provider is down",
        "rows_read": 7,
        "rows_new": 4,
    }


def test_quarantine_is_told_by_reason_the_most_frequent_first(desk, ask):
    connection = make_connection(group=desk.group)
    put_aside(connection, "rare", "often", "often", *(f"once {n:02}" for n in range(30)))
    actions.settle(
        list(connection.quarantine.filter(reason="rare").values_list("id", flat=True)), at=NOW
    )

    (told,) = ask(desk.cora)["connections"]
    assert told["quarantined"] == 32
    assert [row["reason"] for row in told["quarantine"]][:2] == ["often", "once 00"]
    assert told["quarantine"][0] == {
        "reason": "often", "count": 2, "last_seen_at": "2026-03-10T12:00:00Z",
    }  # fmt: skip
    assert len(told["quarantine"]) == 20


def test_fills_by_state_and_why_they_wait(desk, ask):
    make_connection(group=desk.group)
    FakeProvider(
        fills=[fill(instrument="NEW"), fill(instrument="NEW"), fill(), fill(side=-1)]
    ).poll()

    told = ask(desk.cora)
    assert (told["fills"]["usable"], told["fills"]["waiting"]) == (2, 2)
    assert told["waiting"] == [{"reason": "unknown instrument NEW", "count": 2}]
    assert told["connections"][0]["open_instruments"] == 1
    Fill.objects.filter(instrument_id="NEW").update(reason="another")  # felt at once
    assert ask(desk.cora)["waiting"] == [{"reason": "another", "count": 2}]


def test_problems_of_all_time_and_of_every_account(desk, ask):
    gone = make_trader(desk.group, is_archived=True)
    for state, day, whose in (
        ("mismatch", 3, desk.ana), ("mismatch", 4, desk.otto), ("unverifiable", 2, gone),
        ("skipped", 5, make_account(desk.ana.trader, is_sim=True)), ("open", 1, desk.bo),
    ):  # fmt: skip
        make_reconciled(make_trade(whose), state, day=date(2026, 3, day))

    told = ask(desk.cora)
    assert told["problems"] == {"skipped": 1, "mismatch": 2, "unverifiable": 1}
    assert told["oldest_unreconciled_day"] == "2026-03-02"


def test_what_is_due(desk, ask):
    own, other = (PlatformAccount.objects.get(trader=u.trader_id) for u in (desk.ana, desk.sven))
    trade = make_trade(desk.sven)
    CandlesDue.objects.all().delete()
    ReconcileDue.objects.all().delete()
    for account in (own, own, other):
        CandlesDue.objects.create(account=account, since=date(2026, 3, 1))
        ReconcileDue.objects.create(account=account, since=date(2026, 3, 1))
    CandlesDue.objects.create(contract=trade.contract, since=date(2026, 3, 1))

    told = ask(desk.cora)
    assert (told["candles_due"], told["states_due"]) == (3, 2)


def test_nothing_of_another_group_is_told(desk, ask):
    before = ask(desk.cora)
    put_aside(make_connection(group=desk.sven.group), "theirs")
    FakeProvider(fills=[fill(instrument="NEW")]).poll()
    make_reconciled(make_trade(desk.sven))

    assert ask(desk.cora) == before
    coach = make_user(group=desk.sven.group, is_admin=True)
    assert ask(coach)["connections"][0]["quarantine"][0]["reason"] == "theirs"


@pytest.mark.parametrize("size", [1, 4])
def test_costs_nine_queries_cold_and_eight_warm(desk, as_user, django_assert_num_queries, size):
    for n in range(size):
        put_aside(make_connection(group=desk.group), *(f"reason {m}" for m in range(n)))
        make_reconciled(make_trade(make_trader(desk.group, accounts=2)))
    client = as_user(desk.cora)
    # scope; waiting, fills, problems, what is due; connections, feeds, quarantine, instruments
    for queries in (9, 8):
        with django_assert_num_queries(queries):
            client.get(URL)


def test_the_body(desk, as_user):
    put_aside(make_connection(group=desk.group, name="TT desk"), "quantity is 0")
    FakeProvider(fills=[fill(instrument="NEW")]).poll()
    Feed.objects.exclude(stream=Stream.FILLS).delete()
    Feed.objects.update(due_at=NOW, last_ok_at=NOW)
    make_reconciled(make_trade(desk.ana))

    body = as_user(desk.cora).get(URL).json()
    assert matches_snapshot("ingestion/status", body)
    assert shape(examples.STATUS) == shape(body), "the example in the schema is out of date"
