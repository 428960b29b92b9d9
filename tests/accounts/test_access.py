"""Who sees what."""

import pytest

from accounts import access
from tests.factories import make_account, make_group, make_trade, make_trader, make_user
from traders.models import PlatformAccount


def accounts_of(*traders) -> tuple[int, ...]:
    found = PlatformAccount.objects.filter(trader__in=traders, is_sim=False)
    return tuple(found.order_by("id").values_list("id", flat=True))


def test_a_trader_sees_the_own_accounts(desk, django_assert_num_queries):
    with django_assert_num_queries(1):
        scope = access.personal_in_view(desk.ana)

    assert scope.trader_id == desk.ana.trader_id
    assert scope.accounts.ids == accounts_of(desk.ana.trader)


def test_sim_accounts_stand_apart(desk):
    sim = make_account(desk.ana.trader, is_sim=True)

    assert sim.pk not in access.personal_in_view(desk.ana).accounts.ids
    assert access.personal_in_view(desk.ana, sim=True).accounts.ids == (sim.pk,)


def test_no_trader_means_no_accounts(desk):
    lone = make_user("lone", group=desk.group)

    for user in (desk.cora, lone):
        assert access.personal_in_view(user) == access.PersonalScope(access.NO_ACCOUNTS, None)


def test_a_coach_sees_any_trader_of_the_own_group(desk):
    archived = make_trader(desk.group, is_archived=True)

    for trader in (desk.ana.trader, desk.otto.trader, archived):
        scope = access.personal_in_view(desk.cora, trader=trader.pk)
        assert (scope.trader_id, scope.accounts.ids) == (trader.pk, accounts_of(trader))


def test_a_trader_without_accounts_is_still_a_trader(desk):
    fresh = make_trader(desk.group, accounts=0)

    assert access.personal_in_view(desk.cora, trader=fresh.pk).accounts.ids == ()


def test_another_groups_trader_and_none_at_all_are_the_same(desk):
    for pk in (desk.sven.trader_id, 999_999_999):
        with pytest.raises(access.UnknownTrader):
            access.personal_in_view(desk.cora, trader=pk)


def test_an_admin_without_a_group_finds_nobody(desk):
    drifter = make_user("drifter", is_admin=True)

    with pytest.raises(access.UnknownTrader):
        access.personal_in_view(drifter, trader=desk.ana.trader_id)


def test_only_admins_name_a_trader_even_themselves(desk):
    for pk in (desk.ana.trader_id, desk.bo.trader_id, desk.sven.trader_id, 999_999_999):
        with pytest.raises(access.NotAdmin):
            access.personal_in_view(desk.ana, trader=pk)


def test_peers_do_not_see_the_opted_out_and_coaches_do(desk, django_assert_num_queries):
    with django_assert_num_queries(1):
        peers = access.group_in_view(desk.ana, hides_money=True)

    assert peers.accounts.ids == accounts_of(desk.ana.trader, desk.bo.trader)
    coach = access.group_in_view(desk.cora, hides_money=True)
    assert coach.accounts.ids == accounts_of(desk.ana.trader, desk.bo.trader, desk.otto.trader)


def test_sizes_are_hidden_from_peers_where_the_endpoint_hides_them(desk):
    assert access.group_in_view(desk.ana, hides_money=True).veiled
    assert not access.group_in_view(desk.ana, hides_money=False).veiled
    assert not access.group_in_view(desk.cora, hides_money=True).veiled


def test_archived_traders_and_sim_accounts_are_in_no_comparison(desk):
    make_trader(desk.group, is_archived=True)
    make_account(desk.ana.trader, is_sim=True)

    coach = access.group_in_view(desk.cora, hides_money=False)
    assert coach.accounts.ids == accounts_of(desk.ana.trader, desk.bo.trader, desk.otto.trader)


def test_opting_out_takes_a_regular_user_out_and_leaves_an_admin_in(desk):
    with pytest.raises(access.OptedOut):
        access.group_in_view(desk.otto, hides_money=False)

    hidden = make_user(
        "hidden", group=desk.group, trader=make_trader(desk.group), is_admin=True, opt_out=True
    )
    own = accounts_of(hidden.trader)
    assert access.group_in_view(hidden, hides_money=False).own == own
    assert not set(own) & set(access.group_in_view(desk.ana, hides_money=False).accounts.ids)


@pytest.mark.parametrize("is_admin", [False, True])
def test_no_group_or_an_archived_one_compares_with_nobody(db, is_admin):
    for group in (None, make_group(is_archived=True)):
        user = make_user(group=group, is_admin=is_admin)
        with pytest.raises(access.NoGroup):
            access.group_in_view(user, hides_money=False)


def test_own_accounts_are_told_apart(desk):
    assert access.group_in_view(desk.ana, hides_money=False).own == accounts_of(desk.ana.trader)
    assert access.group_in_view(desk.cora, hides_money=False).own == ()


def test_small_cohorts_are_held_back_from_peers_only(desk):
    desk.group.min_cohort = 3
    desk.group.save()
    ana, cora = (
        type(u).objects.select_related("group").get(pk=u.pk) for u in (desk.ana, desk.cora)
    )

    assert access.group_in_view(ana, hides_money=False).min_cohort == 3
    assert access.group_in_view(cora, hides_money=False).min_cohort == 0


def test_the_version_moves_with_the_books(desk):
    before = access.personal_in_view(desk.ana).accounts
    make_trade(desk.ana)
    after = access.personal_in_view(desk.ana).accounts

    assert before.ids == after.ids
    assert before.version != after.version
    assert access.personal_in_view(desk.bo).accounts.version == "0"
