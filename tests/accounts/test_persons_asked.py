"""A person is exported and erased from the console and by command; each table has its keeper."""

from __future__ import annotations

from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from accounts import persons
from accounts.models import CustomUser
from audit.models import LogEntry
from tests.accounts.operator import LIST, act, operator_client, said
from tests.accounts.test_persons import told
from tests.factories import make_trader
from traders.models import PlatformAccount, Trader


def test_a_trader_without_a_log_in_is_a_person_too(desk):
    trader = make_trader(desk.group, "Nobody Known")
    call_command("erase_person", "--trader", str(trader.pk), "--yes", stdout=StringIO())
    trader.refresh_from_db()
    assert (trader.name, trader.erased_at is None) == (f"Former trader {trader.pk}", False)


def test_a_wrong_word_erases_nothing(desk, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "bo@desk.test")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_person", desk.ana.email)
    assert CustomUser.objects.filter(pk=desk.ana.pk)


def test_superusers_export_and_erase_in_the_console_one_at_a_time(desk):
    client = operator_client()
    answer = act(client, "export_person", desk.ana)
    assert told(ZipFile(BytesIO(answer.getvalue())), "about")["trader"] == desk.ana.trader_id
    assert "one person" in said(act(client, "erase_person", desk.ana, desk.bo))

    page = act(client, "erase_person", desk.ana)
    assert page.status_code == 200
    assert b"<p>There is no way back" in page.content
    assert b'value="Erase"' in page.content
    form = {"action": "erase_person", "_selected_action": desk.ana.pk, "confirmed": "yes"}
    wrong = client.post(LIST, {**form, "email": "bo@desk.test"})
    assert b"another address" in wrong.content
    assert CustomUser.objects.filter(pk=desk.ana.pk)
    client.post(LIST, {**form, "email": "Ana@desk.test"})
    assert not CustomUser.objects.filter(pk=desk.ana.pk)

    olga = CustomUser.objects.get(username="olga")
    assert "Nobody erases oneself" in said(act(client, "erase_person", olga))


def test_staff_who_are_no_superusers_do_neither(desk):
    from django.contrib.auth.models import Permission

    client = operator_client("sam", is_superuser=False)
    sam = CustomUser.objects.get(username="sam")
    sam.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    for action in ("export_person", "erase_person"):
        assert action not in client.get(LIST).content.decode()
        act(client, action, desk.ana)
    assert CustomUser.objects.filter(pk=desk.ana.pk)
    assert not LogEntry.objects.filter(action__in=("export", "erase"))


# -- completeness ----------------------------------------------------------------------------------

TELLING = {"email", "user_email", "user", "trader", "account", "author", "who", "session_data"}


def of_persons() -> set[str]:
    """Every table with a way to a person: by keys, by name of a column, or by JSON of any kind."""
    found = {CustomUser, Trader, PlatformAccount}
    everything = apps.get_models(include_auto_created=True)
    for model in everything:
        columns = model._meta.concrete_fields
        if any(one.name in TELLING or isinstance(one, models.JSONField) for one in columns):
            found.add(model)
    while more := {
        model
        for model in everything
        if model not in found
        and any(one.related_model in found for one in model._meta.concrete_fields)
    }:
        found |= more
    return {model._meta.label for model in found}


def test_a_keeper_answers_for_every_table_that_leads_to_a_person():
    answered = {label for keeper in persons.keepers() for label in (*keeper.tables, *keeper.kept)}
    assert of_persons() - answered == set(), "name it in the `persons.py` of its app"
    assert answered <= {m._meta.label for m in apps.get_models(include_auto_created=True)}
    assert all(why for keeper in persons.keepers() for why in keeper.kept.values())
