"""Prompts in the Django admin: found, edited, written, and read through the API at once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from journal import actions
from journal.models import WelcomePrompt
from tests.factories import make_trade
from tests.journal.conftest import MONDAY, NOW

LIST = "admin:journal_welcomeprompt_changelist"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("olga", "olga@desk.test", "x"))
    return client


def form(desk, **given):
    return {
        "date": MONDAY, "group": desk.group.pk, "trader": "", "prompt_type": "custom",
        "prompt_message": "Mind the roll", "product": "", **given,
    }  # fmt: skip


def save(operator, page, form, *args):
    answer = operator.post(reverse(f"admin:journal_welcomeprompt_{page}", args=args), form)
    if answer.status_code == 200:
        return answer.context["adminform"].form.errors
    assert answer.status_code == 302, answer.content
    return {}


def test_one_is_written_for_all_or_for_a_trader(operator, desk, greeting):
    assert not save(operator, "add", form(desk, date="2026-04-03"))  # a Friday of this week
    assert greeting(desk.ana)["prompt_message"] == "Mind the roll"
    assert WelcomePrompt.objects.get(prompt_type="custom").date.isoformat() == MONDAY

    assert not save(operator, "add", form(desk, trader=desk.bo.trader_id, prompt_message="Rest"))
    assert greeting(desk.bo)["prompt_message"] == "Rest"
    assert greeting(desk.ana)["prompt_message"] == "Mind the roll"


def test_an_edited_one_stays_and_a_deleted_one_is_made_again(operator, desk, greeting):
    make_trade(desk.ana, day=24)
    made = greeting(desk.ana)
    edited = form(desk, trader=desk.ana.trader_id, prompt_type="weekly")
    assert not save(operator, "change", edited, made["id"])
    make_trade(desk.ana, day=25)
    actions.write_prompts(at=NOW)
    assert greeting(desk.ana) == made | {"prompt_message": "Mind the roll", "product_symbol": None}

    assert not save(operator, "delete", {"post": "yes"}, made["id"])
    assert "ES" in greeting(desk.ana)["prompt_message"] or greeting(desk.ana)["id"] != made["id"]


def test_what_does_not_fit_is_refused_by_name(operator, desk):
    def wrong(**given):
        return list(save(operator, "add", form(desk, **given)))

    assert wrong(trader=desk.sven.trader_id) == ["trader"]
    assert wrong(date="soon") == ["date"]
    assert wrong(prompt_type="daily") == ["prompt_type"]
    assert wrong(prompt_message="x" * 1001) == ["prompt_message"]
    assert wrong(group="") == ["group"]
    assert not save(operator, "add", form(desk, prompt_type="weekly"))
    assert wrong(prompt_type="weekly") == ["__all__"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "roll"}, 2),
        ({"q": "Ana"}, 1),
        ({"prompt_type": "weekly"}, 2),
        ({"edited_by_hand__exact": 1}, 2),
        ({"date__range__gte": "2026-04-01"}, 1),
    ],
)
def test_the_list_is_searched_and_filtered(operator, desk, query, found):
    make_trade(desk.ana, day=24)
    WelcomePrompt.objects.filter(trader=None).delete()
    actions.write_prompts(at=NOW)
    WelcomePrompt.objects.filter(group=desk.sven.group).delete()
    save(operator, "add", form(desk))
    save(operator, "add", form(desk, date="2026-04-08", trader=desk.bo.trader_id))
    page = operator.get(reverse(LIST), query)
    assert page.status_code == 200
    assert page.context["cl"].result_count == found
