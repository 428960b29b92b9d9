"""Many at once: one winner, the others refused in a sentence, and never an error."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import actions
from accounts.models import CustomUser
from audit.models import LogEntry
from common.api.errors import Refusal
from tests.accounts.steps import AUTH, api
from tests.at_once import CALLERS
from tests.audit.reading import told
from tests.cast import make_desk
from tests.factories import AT, make_group, make_trader, make_user
from traders.models import Trader

ROUNDS = 50
FEW_ROUNDS = 10
SOME_ROUNDS = 20
DONE = {"by": "operator@desk.test", "at": AT, "source": "console"}

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def outcome(deed) -> str:
    """Return "done", or the code of the refusal; anything else fails the test."""
    try:
        deed()
    except Refusal as refusal:
        return str(refusal.code)
    return "done"


def test_the_state_after_many_toggles_is_the_one_that_their_parity_says(at_once):
    ana = make_desk().ana
    callers = CALLERS - 1  # odd: each round ends in the other state
    expected = []

    def toggle(_: int) -> bool:
        one = api()
        one.force_authenticate(ana)
        answer = one.post(f"{AUTH}/user/opt-out", {})
        assert answer.status_code == 200
        return answer.json()["opt_out"]

    for turn in range(ROUNDS):
        now = turn % 2 == 0
        said = at_once(toggle, callers)
        assert CustomUser.objects.get(pk=ana.pk).opt_out is now
        assert sorted(said) == sorted([now] * 8 + [not now] * 7)
        expected += [now, not now] * 7 + [now]
    rows = [fields["opt_out"] for _, fields in told(action="opt_out")]
    assert rows == [(not new, new) for new in expected]


def test_sixteen_toggles_leave_it_as_it_was(at_once):
    ana = make_desk().ana
    deed = {"user": ana, "opt_out": None, "by": ana.email, "at": AT, "source": "api"}

    for _ in range(ROUNDS):
        at_once(lambda _: actions.set_opt_out(**deed))

    assert not CustomUser.objects.get(pk=ana.pk).opt_out
    assert LogEntry.objects.filter(action="opt_out").count() == CALLERS * ROUNDS


def test_of_many_who_set_the_same_one_changes_it(at_once):
    ana = make_desk().ana

    for turn in range(FEW_ROUNDS):
        wish = {"opt_out": turn % 2 == 0, "by": ana.email, "at": AT, "source": "api"}
        at_once(lambda _, wish=wish: actions.set_opt_out(user=ana, **wish))

    assert LogEntry.objects.filter(action="opt_out").count() == FEW_ROUNDS


def test_one_of_many_gets_the_trader(at_once):
    group = make_group()
    people = [make_user(group=group) for _ in range(CALLERS)]

    for turn in range(SOME_ROUNDS):
        trader = make_trader(group, accounts=0)
        outcomes = at_once(
            lambda number, trader=trader: outcome(
                lambda: actions.link(user=people[number], trader=trader, **DONE)
            )
        )

        assert sorted(outcomes) == ["done"] + ["trader_taken"] * (CALLERS - 1)
        assert LogEntry.objects.filter(action="link").count() == turn + 1


def test_one_of_many_is_made_with_an_address_a_name_or_a_trader(at_once):
    group = make_group()
    for turn in range(FEW_ROUNDS):
        trader = make_trader(group, accounts=0)
        choices: list[dict[str, Any]] = [
            {"email": f"one{turn}@desk.test"},
            {"username": f"one{turn}"},
            {"trader": trader},
        ]
        shared = choices[turn % 3]

        def make(number: int, turn: int = turn, shared: dict = shared) -> str:
            name = f"racer{turn}-{number}"
            words = {"email": f"{name}@desk.test", "username": name, "password": None}
            return outcome(lambda: actions.create_user(**words | shared, **DONE))

        lost = ["address_taken", "username_taken", "trader_taken"][turn % 3]
        assert sorted(at_once(make)) == sorted(["done"] + [lost] * (CALLERS - 1))
    assert LogEntry.objects.filter(action="create").count() == FEW_ROUNDS


def test_a_trader_that_is_moved_while_it_is_linked_ends_in_one_group_with_its_log_in(at_once):
    here, there = make_group(), make_group()
    for _ in range(SOME_ROUNDS):
        trader, user = make_trader(here, accounts=0), make_user(group=here)

        def deed(number: int, trader: Trader = trader, user: CustomUser = user) -> str:
            if number % 2:
                return outcome(lambda: actions.link(user=user, trader=trader, **DONE))
            return outcome(lambda: actions.move_trader(trader=trader, group=there, **DONE))

        outcomes = at_once(deed, 4)

        trader.refresh_from_db()
        user.refresh_from_db()
        assert trader.group == there
        assert user.trader is None or user.group == there
        assert outcomes[0] == outcomes[2] == "done"
        assert set(outcomes) <= {"done", "other_group"}


def test_two_who_merge_each_into_the_other_leave_one(at_once):
    group = make_group()
    for _ in range(SOME_ROUNDS):
        pair = [make_trader(group) for _ in range(2)]
        user = make_user(group=group, trader=pair[0])

        def merge(number: int, pair: list[Trader] = pair) -> str:
            kept, gone = pair[number], pair[1 - number]
            return outcome(lambda: actions.merge_traders(kept=kept, gone=gone, **DONE))

        assert sorted(at_once(merge, 2)) == ["done", "kept_is_archived"]
        [kept] = Trader.objects.filter(pk__in=[one.pk for one in pair], is_archived=False)
        assert kept.accounts.count() == 2
        user.refresh_from_db()
        assert user.trader == kept


def test_a_log_in_wanted_by_many_commands_is_made_once(at_once):
    for turn in range(FEW_ROUNDS):
        email = f"wanted{turn}@desk.test"
        made = at_once(
            lambda _, email=email: actions.ensure_user(
                email=email, invite=True, is_admin=True, **DONE
            )
        )

        assert sorted(bool(one) for one in made) == [False] * (CALLERS - 1) + [True]
    assert LogEntry.objects.count() == FEW_ROUNDS
