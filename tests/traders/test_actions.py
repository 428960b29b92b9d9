"""What is done to groups, traders and accounts, and what the log says of it."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.audit.reading import told
from tests.factories import AT, make_account, make_group, make_trader
from traders import actions
from traders.models import Platform, PlatformAccount, Trader

DONE = {"by": "operator@desk.test", "at": AT}
CONSOLE = {"source": (None, "console")}

pytestmark = pytest.mark.django_db


def open_account(group, **given):
    platform, _ = Platform.objects.get_or_create(code="tt", defaults={"name": "TT"})
    words = {
        "platform_id": platform.pk, "environment": "live", "account": "A1", "name": "Ana",
        "is_sim": False, "group_id": group.pk, "at": AT,
    }  # fmt: skip
    return actions.open_account(**words | given)


def test_an_account_of_the_provider_makes_its_trader_and_the_system_says_so():
    group = make_group()

    opened = open_account(group)

    account = opened.account
    assert opened.made
    assert told() == [
        ("create", {"group": (None, group.pk), "name": (None, "Ana")}),
        (
            "create",
            {
                "trader": (None, account.trader_id),
                "platform": (None, account.platform_id),
                "environment": (None, "live"),
                "account": (None, "A1"),
                "name": (None, "Ana"),
            },
        ),
    ]
    assert not open_account(group).made
    assert len(told()) == 2


def test_the_provider_s_new_name_is_written_down():
    group = make_group()
    open_account(group)

    renamed = open_account(group, name="Anna").account
    open_account(group, name="")

    assert renamed.name == "Anna"
    assert told(action="update") == [("update", {"name": ("Ana", "Anna")})]


def test_a_group_made_renamed_archived_restored():
    group = actions.make_group(name="Desk", **DONE)
    group = actions.change(one=group, name="Floor", min_cohort=3, **DONE)
    group = actions.archive(one=group, **DONE)
    group = actions.archive(one=group, **DONE)
    group = actions.restore(one=group, **DONE)

    assert (group.name, group.min_cohort, group.is_archived) == ("Floor", 3, False)
    assert told(entity_type="group", trader_id_snapshot=None) == [
        ("create", {"name": (None, "Desk")} | CONSOLE),
        ("update", {"name": ("Desk", "Floor"), "min_cohort": (0, 3)} | CONSOLE),
        ("archive", {"is_archived": (False, True)} | CONSOLE),
        ("restore", {"is_archived": (True, False)} | CONSOLE),
    ]


def test_a_trader_archived_and_restored():
    trader = make_trader(make_group())
    actions.archive(one=trader, **DONE)
    assert not actions.restore(one=trader, **DONE).is_archived

    rows = told(entity_type="trader", entity_id=trader.pk, trader_id_snapshot=trader.pk)
    assert [deed for deed, _ in rows] == ["archive", "restore"]


def test_an_account_changes_hands():
    group = make_group()
    old, near, far = make_trader(group), make_trader(group), make_trader(make_group())
    account = old.accounts.get()

    assert not actions.move_account(account=account, trader=near, **DONE).other_terms
    assert actions.move_account(account=account, trader=near, **DONE).account_ids == ()
    moved = actions.move_account(account=account, trader=far, **DONE)

    assert (moved.account_ids, moved.other_terms) == ((account.pk,), True)
    assert told(entity_type="trader_platform", entity_id=account.pk) == [
        ("move", {"trader": (old.pk, near.pk)} | CONSOLE),
        ("move", {"trader": (near.pk, far.pk)} | CONSOLE),
    ]


def test_a_change_leaves_what_others_wrote_meanwhile(desk):
    account = make_account(desk.ana.trader)
    PlatformAccount.objects.filter(pk=account.pk).update(books_version=7)

    actions.change(one=account, name="Main", **DONE)

    account.refresh_from_db()
    assert (account.name, account.books_version) == ("Main", 7)


def test_a_trader_is_not_torn_from_its_log_in(desk):
    with pytest.raises(actions.LogInLeftBehind):
        actions.change(one=desk.ana.trader, group=desk.sven.group, **DONE)

    assert told() == []


def test_the_database_tears_them_apart_for_nobody(desk):
    Trader.objects.filter(pk=desk.ana.trader_id).update(group=desk.sven.group)

    with (
        pytest.raises(IntegrityError, match="user_trader_of_group"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Trader.objects.filter(pk=desk.ana.trader_id).update(group=desk.group)


def test_a_merge_below_leaves_the_log_in_where_it_is(desk):
    kept = make_trader(desk.group)

    actions.merge(kept=kept, gone=desk.ana.trader, **DONE)

    desk.ana.refresh_from_db()
    assert desk.ana.trader.is_archived
    assert kept.accounts.count() == 2
