"""Accounts that change hands and traders that become one: what is written goes along."""

from __future__ import annotations

import pytest

from journal import actions
from journal.models import Comment, Entry, EntryTag, Image, Tag
from tests.factories import AT, make_account, make_trade, make_trader
from tests.journal.steps import borne, journal_of, noted
from traders.actions import merge, move_account

BY = {"by": "olga@desk.test", "at": AT}


@pytest.fixture
def second(desk):
    """Ana as the provider also knows her: another trader, without a log-in."""
    return make_trader(desk.group, "Ana two", accounts=2)


def own_tag(trader, name, parent_id=6):
    return Tag.objects.create(trader=trader, parent_id=parent_id, layer=3, name=name)


def about(trade):
    trader = trade.account.trader
    on_trade = {"account": trade.account, "trade_id": trade.id, "trader": trader}
    Image.objects.create(
        **on_trade, path=str(trade.id), content_type="image/png", width=1, height=1, size=1,
        created_at=AT,
    )  # fmt: skip
    Comment.objects.create(**on_trade, author_name="x", by_coach=False, text="x", created_at=AT)


def put(trade, *tags):
    actions.tagging._put({trade.id: trade.account_id}, [tag.pk for tag in tags], at=AT)


def test_merged_traders_have_one_journal(desk, second):
    ana = desk.ana.trader
    same, alone = own_tag(second, "FAILED first"), own_tag(second, "Only here")
    kept = own_tag(ana, "Failed first")
    trade = make_trade(second)
    put(trade, same, alone)
    about(trade)
    entry = Entry.objects.create(trader=second, date=AT, title="x", created_at=AT, updated_at=AT)
    EntryTag.objects.create(entry=entry, tag=same)

    merge(kept=ana, gone=second, **BY)
    assert borne(trade) == {kept.pk, alone.pk}
    assert set(Tag.objects.filter(layer=3).values_list("id", "trader_id")) == {
        (kept.pk, ana.pk), (alone.pk, ana.pk),
    }  # fmt: skip
    assert EntryTag.objects.get().tag_id == kept.pk
    for table in (Entry, Image, Comment):
        assert table.objects.get().trader_id == ana.pk
    found = actions.add_tags(
        journal=journal_of(desk.ana), trade_id=trade.id, tag_ids=[], field="tags", at=AT
    )
    assert {one.id for one in found} == {kept.pk, alone.pk}


def test_an_account_alone_takes_its_trades_writings_along(desk, second):
    ana, (going, staying) = desk.ana.trader, second.accounts.order_by("id")
    mine, theirs = own_tag(second, "Failed first"), own_tag(ana, "failed FIRST")
    other = own_tag(second, "Only here")
    gone, stays = make_trade(going), make_trade(staying)
    for trade in (gone, stays):
        put(trade, mine, other)
        about(trade)
    actions.write_note(
        journal=journal_of(desk.ana), trade_id=make_trade(desk.ana).id, text="x", at=AT
    )

    move_account(account=going, trader=ana, **BY)
    copied = Tag.objects.get(trader=ana, name="Only here")
    assert borne(gone) == {theirs.pk, copied.pk}
    assert borne(stays) == {mine.pk, other.pk}
    for table in (Image, Comment):
        told = dict(table.objects.values_list("trade_id", "trader_id"))
        assert told == {gone.id: ana.pk, stays.id: second.pk}
    going.refresh_from_db()
    assert going.journal_version > 0
    assert noted(gone) == ""


def test_moving_there_and_back_changes_nothing(desk, second):
    account = make_account(second)
    tag, trade = own_tag(second, "Failed first"), make_trade(account)
    put(trade, tag)
    for trader in (desk.ana.trader, second, desk.ana.trader, second):
        move_account(account=account, trader=trader, **BY)
        assert [one.name for one in Tag.objects.filter(pk__in=borne(trade))] == ["Failed first"]
    assert borne(trade) == {tag.pk}
    assert Tag.objects.filter(layer=3).count() == 2
