"""The prompt that greets: whom, with whose words, when it is made anew, and its price."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from journal import actions, examples
from journal.models import WelcomePrompt
from tests.factories import make_group, make_trade, make_trader, make_user
from tests.journal.conftest import MONDAY, NOW, URL
from tests.snapshots import matches_snapshot


def write(desk, message="Be patient", **given):
    return WelcomePrompt.objects.create(
        **{
            "date": date.fromisoformat(MONDAY), "group": desk.group, "prompt_type": "custom",
            "prompt_message": message, "made_at": NOW, "edited_by_hand": True, **given,
        }
    )  # fmt: skip


def test_a_trader_who_traded_is_greeted_by_the_own_week(desk, ask):
    make_trade(desk.ana, pnl="120", day=24)
    body = ask(desk.ana)
    (prompt,) = body["data"]
    assert prompt["trader_id"] == desk.ana.trader_id == body["meta"]["trader_id"]
    assert (prompt["product_symbol"], prompt["prompt_type"]) == ("ES", "weekly")
    assert "+120.00 USD over 1 trade" in prompt["prompt_message"]


def test_who_did_not_trade_is_greeted_as_the_group(desk, greeting):
    make_trade(desk.bo, day=24)
    make_trade(desk.ana, day=22)  # the week before
    make_trade(desk.ana, day=30)  # this week
    make_trade(desk.ana, day=24, sim=True)
    for user in (desk.ana, desk.cora, make_user("una", group=desk.group)):
        prompt = greeting(user)
        assert (prompt["trader_id"], prompt["group_id"]) == (None, desk.group.pk)
    assert greeting(desk.bo)["trader_id"] == desk.bo.trader_id


def test_the_group_is_not_for_who_opted_out(desk, ask, greeting):
    assert greeting(desk.otto)["trader_id"] == desk.otto.trader_id  # a quiet one of the own
    assert ask(make_user("olaf", group=desk.group, opt_out=True))["data"] == []
    assert greeting(make_user("alba", group=desk.group, opt_out=True, is_admin=True))


def test_who_is_in_no_group_is_not_greeted(desk, ask, api):
    assert ask(make_user("nora")) == {
        "data": [], "meta": {"date": MONDAY, "group_id": None, "trader_id": None},
    }  # fmt: skip
    assert api.get(URL).status_code == 401


def test_archived_groups_and_traders(desk, ask, greeting):
    make_trade(desk.ana, day=24)
    make_trade(desk.bo, day=24)
    desk.bo.trader.is_archived = True
    desk.bo.trader.save()
    assert greeting(desk.bo)["trader_id"] is None
    desk.group.is_archived = True
    desk.group.save()
    assert greeting(desk.ana)["trader_id"] == desk.ana.trader_id
    assert ask(desk.bo)["data"] == ask(desk.cora)["data"] == []
    assert actions.write_prompts(at=NOW) == 1  # of the other group
    assert not WelcomePrompt.objects.filter(group=desk.group, trader=desk.bo.trader).exists()


def test_a_custom_prompt_wins_in_its_week(desk, greeting):
    make_trade(desk.ana, day=24)
    write(desk, "Older")
    write(desk, "Last week", date=date(2026, 3, 23))
    write(desk, "Next week", date=date(2026, 4, 6))
    write(desk, "Elsewhere", group=make_group())
    newest = write(desk, made_at=NOW.replace(hour=13))
    for user in (desk.ana, desk.otto, desk.cora):
        assert greeting(user)["prompt_message"] == "Be patient"
    assert greeting(desk.ana)["id"] == newest.pk
    assert greeting(desk.sven)["prompt_message"] not in ("Be patient", "Elsewhere")

    write(desk, "Ana, be patient", trader=desk.ana.trader)
    assert greeting(desk.ana)["prompt_message"] == "Ana, be patient"
    assert greeting(desk.bo)["prompt_message"] == "Be patient"


@pytest.mark.parametrize("whose", ["trader", "group"])
def test_an_edited_one_stays(desk, greeting, whose):
    make_trade(desk.ana, day=24)
    user = desk.ana if whose == "trader" else desk.bo
    row = WelcomePrompt.objects.get(pk=greeting(user)["id"])
    row.prompt_message, row.edited_by_hand = "Written by a coach", True
    row.save()
    make_trade(desk.ana, pnl="-999", day=25)
    actions.write_prompts(at=NOW)
    assert greeting(user)["prompt_message"] == "Written by a coach"
    row.delete()
    assert greeting(user)["prompt_message"] != "Written by a coach"


def test_an_opt_out_makes_the_groups_prompt_anew(desk, team, greeting):
    *traders, una = team
    for user in traders:
        make_trade(user, pnl="100", day=24, symbol="CL")
    make_trade(desk.ana, pnl="-50", day=24, symbol="GC")
    actions.write_prompts(at=NOW)
    before = greeting(una)
    assert before["product_symbol"] == "CL"

    traders[0].opt_out = True
    traders[0].save()
    after = greeting(una)
    assert (after["id"], after["product_symbol"]) == (before["id"], None)
    assert "CL" not in after["prompt_message"]
    assert greeting(desk.cora) == after  # an admin reads what all read
    stored = WelcomePrompt.objects.get(pk=after["id"])
    assert (stored.prompt_message, stored.product) == (after["prompt_message"], None)

    traders[0].opt_out = False
    traders[0].save()
    assert greeting(una) == before


def test_a_late_fill_makes_it_anew(desk, greeting):
    make_trade(desk.ana, pnl="100", day=24)
    before = greeting(desk.ana)
    make_trade(desk.ana, pnl="40", day=24)
    after = greeting(desk.ana)
    assert after["id"] == before["id"]
    assert "+140.00 USD over 2 trades" in after["prompt_message"]


def test_a_new_week_has_a_new_one(desk, greeting):
    make_trade(desk.ana, day=24)
    sunday = datetime(2026, 4, 5, 23, 59, 59, tzinfo=UTC)
    with time_machine.travel(sunday, tick=False):
        last = greeting(desk.ana)
    assert last["date"] == MONDAY
    with time_machine.travel(datetime(2026, 4, 6, tzinfo=UTC), tick=False):
        assert greeting(desk.ana)["date"] == "2026-04-06"


def test_no_parameter_opens_anything(desk, as_user):
    make_trade(desk.bo, day=24)
    plain = as_user(desk.ana).get(URL).content
    asked = {"trader": desk.bo.trader_id, "trader_id": desk.bo.trader_id, "group": 1}
    assert as_user(desk.ana).get(URL, asked).content == plain
    assert as_user(desk.cora).get(f"{URL}/", asked).json()["data"][0]["trader_id"] is None


@pytest.mark.parametrize("size", [1, 6])
def test_what_a_read_costs(desk, as_user, django_assert_num_queries, size):
    for number in range(size):
        make_trade(desk.ana, day=23 + number % 5, symbol=("ES", "CL", "GC")[number % 3])
        make_trade(make_trader(desk.group), day=24)
        make_trade(desk.ana, day=2 + number)
    ana, bo, otto = (as_user(user) for user in (desk.ana, desk.bo, desk.otto))
    with django_assert_num_queries(8):  # prompts, accounts, week; begin, look, insert, end; read
        ana.get(URL)
    with django_assert_num_queries(2):  # prompts, accounts
        ana.get(URL)
    bo.get(URL)
    with django_assert_num_queries(3):  # prompts, own accounts, the group's
        bo.get(URL)
    otto.get(URL)
    with django_assert_num_queries(2):
        otto.get(URL)
    write(desk)
    with django_assert_num_queries(1):
        ana.get(URL)


def test_the_body(desk, ask, as_user):
    make_trade(desk.ana, pnl="250", day=24)
    make_trade(desk.ana, pnl="-100", day=25, symbol="CL")
    body = ask(desk.ana)
    assert list(body) == ["data", "meta"]
    said = {"id": 5, "prompt_message": "...", "product_symbol": "ES"}  # chosen by the id
    (prompt,) = body["data"]
    ids = {"group_id": 1, "trader_id": 24}
    shape = {"data": [prompt | said | ids], "meta": body["meta"] | ids}
    assert matches_snapshot("welcome-prompt", shape)
    assert list(body["data"][0]) == list(examples.WELCOME_PROMPT["data"][0])
    assert list(body["meta"]) == list(examples.WELCOME_PROMPT["meta"])
    assert as_user(desk.ana).get(URL)["Cache-Control"] == "private, no-cache"
