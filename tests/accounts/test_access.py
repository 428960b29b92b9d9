"""Who sees what."""

from dataclasses import dataclass

import pytest

from accounts import access, actions
from accounts.sessions import open_session
from common import clock
from common.api.errors import Refusal
from tests.factories import AT, make_account, make_group, make_trade, make_trader, make_user
from traders.models import PlatformAccount, Trader


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


def test_a_journal_is_of_all_accounts_live_and_sim(desk, django_assert_num_queries):
    sim = make_account(desk.ana.trader, is_sim=True)
    with django_assert_num_queries(1):
        scope = access.journal_in_view(desk.ana)

    assert scope.trader_id == desk.ana.trader_id
    assert scope.accounts.ids == (*accounts_of(desk.ana.trader), sim.pk)
    assert access.journal_in_view(desk.cora, trader=desk.ana.trader_id) == scope
    with django_assert_num_queries(1):
        assert access.own_journal(desk.ana) == access.OwnJournal(scope.accounts, scope.trader_id)


def test_a_journal_is_read_as_its_results_are(desk):
    lone = make_user("lone", group=desk.group)

    assert access.journal_in_view(lone) == access.JournalScope(access.NO_ACCOUNTS, None)
    assert access.journal_in_view(desk.cora) == access.JournalScope(access.NO_ACCOUNTS, None)
    with pytest.raises(access.NotAdmin):
        access.journal_in_view(desk.ana, trader=desk.ana.trader_id)
    for pk in (desk.sven.trader_id, 999_999_999):
        with pytest.raises(access.UnknownTrader):
            access.journal_in_view(desk.cora, trader=pk)


def test_nobody_without_a_trader_writes_a_journal(desk):
    for user in (desk.cora, make_user("lone", group=desk.group)):
        with pytest.raises(access.NoTrader):
            access.own_journal(user)


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


# -- the table that stands in accounts/access.py, line by line ----------------------------------
@dataclass(frozen=True)
class Line:
    """What a role is answered: traders by name, or why not; `cora` is the desk's coach."""

    own: str
    peer: str  # trader= another of the group
    stranger: str  # trader= of another group
    group: str
    listing: str  # the list of traders


REGULAR = Line("mine", "not_admin", "not_admin", "Ana Bo mine", "not_admin")
ADMIN = Line("mine", "Bo", "unknown_trader", "Ana Bo Otto mine", "yes")
ROLES = {
    "regular": ({}, REGULAR),
    "admin": ({"is_admin": True}, ADMIN),
    "opted out": (
        {"opt_out": True},
        Line("mine", "not_admin", "not_admin", "opted_out", "not_admin"),
    ),
    "opted-out admin": ({"is_admin": True, "opt_out": True}, ADMIN),
    "unlinked": ({"trader": None}, Line("", "not_admin", "not_admin", "Ana Bo", "not_admin")),
    "unlinked admin": (
        {"trader": None, "is_admin": True},
        Line("", "Bo", "unknown_trader", "Ana Bo Otto", "yes"),
    ),
    "not in a group": (
        {"trader": None, "group": None},
        Line("", "not_admin", "not_admin", "no_group", "not_admin"),
    ),
    "admin of no group": (
        {"trader": None, "group": None, "is_admin": True},
        Line("", "unknown_trader", "unknown_trader", "no_group", "no_group"),
    ),
    "superuser": ({"is_superuser": True, "is_staff": True}, REGULAR),
    "superuser of no group": (
        {"is_superuser": True, "is_staff": True, "trader": None, "group": None},
        Line("", "not_admin", "not_admin", "no_group", "not_admin"),
    ),
}


def said(ask) -> str:
    """Return the traders of an answer by name, or the code of the refusal."""
    try:
        scope = ask()
    except Refusal as refusal:
        return str(refusal.code)
    if isinstance(scope, int):
        return "yes"
    found = Trader.objects.filter(accounts__in=scope.accounts.ids)
    return " ".join(sorted(found.values_list("name", flat=True)))


def answers(user, desk) -> Line:
    return Line(
        own=said(lambda: access.personal_in_view(user)),
        peer=said(lambda: access.personal_in_view(user, trader=desk.bo.trader_id)),
        stranger=said(lambda: access.personal_in_view(user, trader=desk.sven.trader_id)),
        group=said(lambda: access.group_in_view(user, hides_money=True)),
        listing=said(lambda: access.group_of_admin(user)),
    )


@pytest.mark.parametrize(("given", "expected"), ROLES.values(), ids=ROLES)
def test_each_role_sees_what_the_table_says(desk, given, expected):
    place = {"group": desk.group, "trader": make_trader(desk.group, "mine")}
    if given.get("trader", place["trader"]) is None:
        place["trader"].accounts.all().delete()

    assert answers(make_user("me", **place | given), desk) == expected


@pytest.mark.parametrize("is_admin", [False, True])
def test_in_an_archived_group_only_the_comparison_ends(desk, is_admin):
    mine = make_trader(desk.group, "mine")
    user = make_user("me", group=desk.group, trader=mine, is_admin=is_admin)
    desk.group.is_archived = True
    desk.group.save()
    user.refresh_from_db()

    found = answers(user, desk)

    assert (found.own, found.group) == ("mine", "no_group")
    assert (found.peer, found.listing) == (("Bo", "yes") if is_admin else ("not_admin",) * 2)


@pytest.mark.parametrize("is_admin", [False, True])
def test_whose_trader_is_archived_sees_it_and_is_in_no_comparison(desk, is_admin):
    mine = make_trader(desk.group, "mine", is_archived=True)
    user = make_user("me", group=desk.group, trader=mine, is_admin=is_admin)

    found = answers(user, desk)

    assert found.own == "mine"
    assert found.group == ("Ana Bo Otto" if is_admin else "Ana Bo")
    assert access.group_in_view(user, hides_money=False).own == ()


def test_the_deactivated_are_nobody(desk, api):
    token = open_session(desk.ana, at=clock.now()).access_token
    header = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    url = "/api/v1/personal/trades"
    assert api.get(url, **header).status_code == 200

    desk.ana.is_active = False
    desk.ana.save()

    assert api.get(url, **header).status_code == 401


def test_a_change_is_felt_by_the_very_next_request(desk):
    done = {"by": "", "at": AT, "source": "console"}
    user = make_user("me", group=desk.group)
    assert answers(user, desk) == ROLES["unlinked"][1]

    user = actions.link(user=user, trader=make_trader(desk.group, "mine"), **done)
    assert answers(user, desk) == REGULAR
    user = actions.set_opt_out(user=user, opt_out=None, **done)
    assert answers(user, desk).group == "opted_out"
    user = actions.change_user(user=user, is_admin=True, **done)
    assert answers(user, desk) == ADMIN
    actions.move_trader(trader=user.trader, group=desk.sven.group, **done)
    user.refresh_from_db()
    assert answers(user, desk) == Line("mine", "unknown_trader", "Sven", "Sven mine", "yes")
