"""What is written about trades that vanish: it follows, waits, comes back, or is given away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from journal import actions
from journal.models import Detached, Followed
from ledger.actions import record_fills
from ledger.models import Trade
from tests.factories import AT, make_contract, make_trade, make_user, new_fill
from tests.journal.steps import borne, journal_of, noted
from tests.snapshots import matches_snapshot

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


def fill(desk, name, side, minute, **given):
    account, contract = desk.ana.trader.accounts.get(), make_contract()
    at = START + timedelta(minutes=minute)
    return replace(new_fill(account, contract, name, side, 1, Decimal(5000), at), **given)


def bust(one):
    return replace(
        one, exec_id=f"{one.exec_id}x", action="cancel", ref_exec_id=one.exec_id,
        received_ns=one.received_ns + 1,
    )  # fmt: skip


@pytest.fixture
def written(desk):
    """A trade of fills a and b, with a tag and a note; returns it and its fills."""
    fills = fill(desk, "a", 1, 0), fill(desk, "b", -1, 10)
    record_fills(fills, at=AT)
    trade = Trade.objects.get()
    journal = journal_of(desk.ana)
    actions.add_tags(journal=journal, trade_id=trade.id, tag_ids=[6], field="tags", at=AT)
    actions.write_note(journal=journal, trade_id=trade.id, text="Waited", at=AT)
    return trade, *fills


def test_an_earlier_fill_takes_the_trade_and_what_is_written_follows(desk, journal, written):
    trade = written[0]
    late = fill(desk, "late", 1, -5), fill(desk, "later", -1, 20)
    record_fills(late, at=AT)
    heir = Trade.objects.get()
    assert heir.id != trade.id
    assert (borne(heir), noted(heir)) == ({6}, "Waited")
    row = Followed.objects.get()
    assert (row.old_trade_id, row.new_trade_id) == (trade.id, heir.id)
    assert journal(desk.ana)("get", "detached")["data"] == []


def test_what_both_had_is_joined(desk, written):
    trade, journal = written[0], journal_of(desk.ana)
    record_fills([fill(desk, "c", 1, 20), fill(desk, "d", -1, 30)], at=AT)
    other = Trade.objects.exclude(pk=trade.id).get()
    actions.add_tags(journal=journal, trade_id=other.id, tag_ids=[6, 7], field="tags", at=AT)
    actions.write_note(journal=journal, trade_id=other.id, text="Again", at=AT)
    # Bought once more before both, sold at the end: one trade of six fills.
    record_fills([fill(desk, "e", 1, -5), fill(desk, "f", -1, 40)], at=AT)
    whole = Trade.objects.get()
    assert (borne(whole), noted(whole)) == ({6, 7}, "Waited\n\nAgain")


def test_a_busted_trade_waits_and_is_shown_as_it_was(desk, journal, written):
    trade, *fills = written
    record_fills([bust(one) for one in fills], at=AT)
    found = journal(desk.ana)("get", "detached")
    (row,) = found["data"]
    assert (row["id"], row["notes"]) == (str(trade.id), "Waited")
    assert (row["closed_at"], row["quantity"]) == ("2026-03-02T14:10:00Z", 1)
    assert found["meta"]["count"] == 1
    row |= {"id": 1, "detached_at": "now"}
    assert matches_snapshot("journal/detached", found["data"])
    for user in (desk.bo, desk.cora, make_user("lone", group=desk.group)):
        assert journal(user)("get", "detached")["data"] == []
    coached = journal(desk.cora).list("detached", trader=desk.ana.trader_id)
    assert len(coached["data"]) == 1


def test_a_fill_that_crosses_zero_counts_for_both_that_hold_it(desk):
    e, f = fill(desk, "e", 1, 5), fill(desk, "f", 1, 10, quantity=2)
    record_fills([e, f, fill(desk, "g", -1, 20, quantity=3)], at=AT)
    journal, trade = journal_of(desk.ana), Trade.objects.get()
    actions.write_note(journal=journal, trade_id=trade.id, text="Waited", at=AT)
    # h and f are a trade; f and g are one, with more of the old fills; of g something stays open.
    record_fills([bust(e), fill(desk, "h", -1, 0)], at=AT)
    first, second = Trade.objects.order_by("opened_ns")
    assert (noted(first), noted(second)) == ("", "Waited")


def test_what_comes_in_the_same_batch_was_none_of_its_fills(desk, journal, written):
    _, *fills = written
    record_fills([*(bust(one) for one in fills), fill(desk, "n", 1, 5)], at=AT)
    assert len(journal(desk.ana)("get", "detached")["data"]) == 1


def test_one_that_was_open_when_it_went_has_no_exit(desk, journal, written):
    _, first, last = written
    record_fills([bust(last)], at=AT)
    assert journal(desk.ana)("get", "detached")["data"] == []  # the open position bears it
    record_fills([bust(first)], at=AT)
    (row,) = journal(desk.ana)("get", "detached")["data"]
    assert (row["closed_at"], row["exit_price"], row["pnl"]) == (None, None, None)
    assert (row["entry_price"], row["quantity"], row["side"]) == (5000.0, 1, "long")


def test_it_comes_back_with_its_trade(desk, journal, written):
    """Corrected onto an instrument that is not known yet, and then known."""
    trade, first, last = written
    fixes = [
        replace(
            one, exec_id=f"{one.exec_id}2", action="correct", ref_exec_id=one.exec_id,
            received_ns=one.received_ns + 1, contract_id=None, instrument_id="later",
        )
        for one in (first, last)
    ]  # fmt: skip
    record_fills(fixes, at=AT)
    assert len(journal(desk.ana)("get", "detached")["data"]) == 1
    again = [
        replace(
            one, exec_id=f"{one.exec_id}3", action="correct", ref_exec_id=one.exec_id,
            received_ns=one.received_ns + 2,
        )
        for one in (first, last)
    ]  # fmt: skip
    record_fills(again, at=AT)
    assert Trade.objects.get().id == trade.id
    assert journal(desk.ana)("get", "detached")["data"] == []
    assert (borne(trade), noted(trade)) == ({6}, "Waited")


def test_it_is_given_to_a_trade_of_the_traders_choice(desk, journal, written):
    trade, *fills = written
    record_fills([bust(one) for one in fills], at=AT)
    other, stranger = make_trade(desk.ana, day=3), make_trade(desk.bo)
    ask = journal(desk.ana)
    address = f"detached/{trade.id}/attach"
    for bad in ({}, {"trade": "x"}, {"trade": str(uuid4())}, {"trade": str(stranger.id)}):
        assert list(ask("post", address, bad, status=400)["fields"]) == ["trade"]
    body = {"trade": str(other.id)}
    for user in (desk.bo, desk.sven):
        assert journal(user)("post", address, body, status=404)["code"] == "unknown_trade"
    ask("post", f"detached/{uuid4()}/attach", body, status=404)
    ask("post", f"detached/{other.id}/attach", body, status=404)

    found = ask("post", address, body)
    assert (found["data"]["id"], found["data"]["notes"]) == (str(other.id), "Waited")
    assert not Detached.objects.exists()
    ask("post", address, body, status=404)


def test_where_nobody_wrote_a_vanished_trade_costs_one_query(desk, django_assert_max_num_queries):
    fills = fill(desk, "a", 1, 0), fill(desk, "b", -1, 10)
    record_fills(fills, at=AT)
    late = fill(desk, "late", 1, -5), fill(desk, "later", -1, 20)
    with django_assert_max_num_queries(45) as plain:
        record_fills(late, at=AT)
    told = [one["sql"] for one in plain.captured_queries]
    assert sum("journal_tradetag" in sql for sql in told) == 1
    with django_assert_max_num_queries(45) as quiet:
        record_fills([fill(desk, "c", 1, 30), fill(desk, "d", -1, 40)], at=AT)
    assert not any("journal_tradetag" in one["sql"] for one in quiet.captured_queries)


def test_the_list_costs_the_same_for_many(desk, as_user, written, django_assert_num_queries):
    _, *fills = written
    record_fills([bust(one) for one in fills], at=AT)
    client = as_user(desk.ana)
    row = Detached.objects.get()
    for _ in range(2):
        with django_assert_num_queries(8):
            client.get("/api/v1/journal/detached")
        for _ in range(5):
            row.trade_id = uuid4()
            row.pk = (row.account_id, row.trade_id)
            row.save(force_insert=True)
            actions.tagging._put({row.trade_id: row.account_id}, [6], at=AT)
