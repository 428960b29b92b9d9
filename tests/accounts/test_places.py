"""Traders that are moved or merged, their log-ins with them."""

import pytest

from accounts import actions
from tests.audit.reading import told
from tests.factories import AT, make_account, make_group, make_trader, make_user
from traders.actions import GroupsApart, KeptIsArchived, SameTrader, TwoLogIns
from traders.models import PlatformAccount

DONE = {"by": "operator@desk.test", "at": AT, "source": "console"}
CONSOLE = {"source": (None, "console")}


def test_a_trader_takes_its_log_in_to_another_group(desk):
    there, trader = desk.sven.group, desk.ana.trader

    moved = actions.move_trader(trader=trader, group=there, **DONE)

    assert moved.other_terms
    assert moved.account_ids == tuple(trader.accounts.values_list("id", flat=True))
    trader.refresh_from_db()
    desk.ana.refresh_from_db()
    assert trader.group == desk.ana.group == there
    assert desk.ana.trader == trader
    group = {"group": (desk.group.pk, there.pk)} | CONSOLE
    assert told(entity_type="custom_user", entity_id=desk.ana.pk) == [("group", group)]
    assert told(entity_type="trader", entity_id=trader.pk) == [("group", group)]


def test_one_without_a_log_in_moves_alone_and_where_it_is_nothing_happens(desk):
    trader = make_trader(desk.group)

    assert actions.move_trader(trader=trader, group=desk.sven.group, **DONE).other_terms
    again = actions.move_trader(trader=trader, group=desk.sven.group, **DONE)

    assert (again.account_ids, again.other_terms) == ((), False)
    assert [deed for deed, _ in told()] == ["group"]


def test_two_become_one(desk):
    kept = make_trader(desk.group, "Anna")
    gone = desk.ana.trader
    make_account(gone, "A2", is_sim=True)
    accounts = list(gone.accounts.order_by("id"))

    moved = actions.merge_traders(kept=kept, gone=gone, **DONE)

    assert moved.account_ids == tuple(account.pk for account in accounts)
    assert not moved.other_terms
    assert kept.accounts.count() == 3
    gone.refresh_from_db()
    desk.ana.refresh_from_db()
    assert gone.is_archived
    assert desk.ana.trader == kept
    assert told(entity_type="trader") == [
        ("archive", {"is_archived": (False, True)} | CONSOLE),
        (
            "merge",
            {
                "merged_into": (None, kept.pk),
                "accounts": (None, [account.account for account in accounts]),
            }
            | CONSOLE,
        ),
    ]
    assert told(entity_type="trader_platform") == [
        ("move", {"trader": (gone.pk, kept.pk)} | CONSOLE)
    ] * len(accounts)
    assert told(entity_type="custom_user") == [("link", {"trader": (gone.pk, kept.pk)} | CONSOLE)]


def test_the_log_in_of_the_one_who_is_kept_stays(desk):
    gone = make_trader(desk.group)
    actions.merge_traders(kept=desk.ana.trader, gone=gone, **DONE)

    desk.ana.refresh_from_db()
    assert desk.ana.trader.accounts.count() == 2
    assert not told(entity_type="custom_user")


@pytest.mark.parametrize(("hidden", "has_log_in"), [(True, False), (False, True)])
def test_who_was_hidden_and_has_no_log_in_is_not_shown_by_a_merge(desk, hidden, has_log_in):
    gone = make_trader(desk.group, "Gus", opt_out=True)
    kept = desk.ana.trader if has_log_in else make_trader(desk.group, "Anna")

    actions.merge_traders(kept=kept, gone=gone, **DONE)

    kept.refresh_from_db()
    assert kept.opt_out is hidden  # a log-in speaks for itself


@pytest.mark.parametrize(
    ("pair", "refusal"),
    [
        (lambda desk: (desk.ana.trader, desk.ana.trader), SameTrader),
        (lambda desk: (desk.ana.trader, make_trader(make_group())), GroupsApart),
        (lambda desk: (desk.ana.trader, desk.bo.trader), TwoLogIns),
        (lambda desk: (make_trader(desk.group, is_archived=True), desk.bo.trader), KeptIsArchived),
    ],
)
def test_what_cannot_be_merged_stays_as_it_is(desk, pair, refusal):
    kept, gone = pair(desk)
    before = list(PlatformAccount.objects.order_by("id").values_list("id", "trader_id"))

    with pytest.raises(refusal):
        actions.merge_traders(kept=kept, gone=gone, **DONE)

    assert list(PlatformAccount.objects.order_by("id").values_list("id", "trader_id")) == before
    assert told() == []


def test_an_archived_one_can_be_merged_away(desk):
    gone = make_trader(desk.group, is_archived=True)
    make_user(group=desk.group)

    actions.merge_traders(kept=desk.ana.trader, gone=gone, **DONE)

    assert [deed for deed, _ in told(entity_type="trader")] == ["merge"]
