"""What a person wrote: told with its images, erased with them; what others read stays readable."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.test import TestCase

from accounts import persons
from accounts.models import CustomUser
from audit.models import LogEntry
from journal import store
from journal.models import (
    Comment,
    Entry,
    Followed,
    Image,
    PromptType,
    Tag,
    TradeNote,
    TradeTag,
    WelcomePrompt,
)
from journal.retention import prune
from tests.factories import AT, make_trade
from tests.journal.pictures import picture
from tests.journal.steps import tag_id
from tests.journal.uploads import files, load, logged_in, send

SECRET = "Wrote this at three in the morning"
BY_TAG = "/api/v1/comparative/performance-by-tag"
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


def erase(user: CustomUser):
    who = persons.person_of(CustomUser.objects.get(pk=user.pk))
    return persons.erase(who, by="olga@desk.test", at=AT, source="console")


def test_the_log_which_nothing_erases_holds_no_words_of_a_journal(desk, journal):
    ana = journal(desk.ana)
    tag = ana("post", "tags", {"name": SECRET, "parent": tag_id("Tech", "Breakout")}, status=201)
    entry = ana("post", "entries", {"date": "2026-03-02", "title": SECRET}, status=201)
    ana("delete", f"tags/{tag['data']['id']}")
    ana("delete", f"entries/{entry['data']['id']}")
    assert LogEntry.objects.filter(scope="journal").count() == 2
    assert not any(SECRET in str(row.changes) for row in LogEntry.objects.all())


@pytest.fixture
def written(desk, journal, shelf):
    """Ana writes all that can be written; a coach answers her, she answers on nobody's page but
    her own; the coach writes on bo's, too."""
    trade, theirs = make_trade(desk.ana), make_trade(desk.bo)
    ana, bo, cora = journal(desk.ana), journal(desk.bo), journal(desk.cora)
    tag = ana("post", "tags", {"name": SECRET, "parent": tag_id("Tech", "Breakout")}, status=201)
    ana("post", f"trades/{trade.id}/tags", {"tags": [tag["data"]["id"]]})
    ana("patch", f"trades/{trade.id}/notes", {"notes": SECRET})
    entry = ana(
        "post", "entries",
        {"date": "2026-03-02", "title": SECRET, "body": SECRET, "trades": [str(trade.id)],
         "tags": [tag["data"]["id"]]}, status=201,
    )["data"]  # fmt: skip
    client = logged_in(desk.ana)
    for about in ({"trade": str(trade.id)}, {"entry": entry["id"]}):
        assert send(client, picture(), **about).status_code == 201
    ana("post", f"trades/{trade.id}/comments", {"text": SECRET}, status=201)
    cora("post", f"trades/{trade.id}/comments", {"text": f"{SECRET}?"}, status=201)
    cora("post", f"trades/{theirs.id}/comments", {"text": "Of cora"}, status=201)
    bo("post", f"trades/{theirs.id}/comments", {"text": "Of bo"}, status=201)
    given = {"date": "2026-03-30", "group": desk.group, "made_at": AT}
    WelcomePrompt.objects.create(trader=desk.ana.trader, prompt_message=SECRET, **given)
    words = {"prompt_type": PromptType.CUSTOM, **given}
    WelcomePrompt.objects.create(prompt_message="Ana had a great week", **words)
    WelcomePrompt.objects.create(prompt_message="Bananas for everybody", **words)
    return trade, theirs


def everything() -> str:
    tables = (Comment, Entry, Image, Tag, TradeNote, WelcomePrompt)
    return json.dumps([list(table.objects.values()) for table in tables], default=str)


def test_nothing_of_it_is_left_and_files_leave_the_store(desk, written, shelf):
    before = files(shelf)
    paths = set(Image.objects.values_list("path", flat=True))
    assert len(paths) == 2
    assert SECRET in everything()

    with TestCase.captureOnCommitCallbacks(execute=True):
        erase(desk.ana)

    assert SECRET not in everything()
    assert not any(SECRET in str(row.changes) for row in LogEntry.objects.all())
    assert files(shelf) == before - paths
    for table in (Entry, Image, TradeNote, Followed):
        assert not table.objects.all()
    assert not Tag.objects.filter(trader=desk.ana.trader_id)
    left = set(WelcomePrompt.objects.values_list("prompt_message", flat=True))
    assert left == {
        f"Former trader {desk.ana.trader_id} had a great week", "Bananas for everybody",
    }  # fmt: skip


def test_the_groups_sums_by_tag_stay(desk, written, as_user):
    def by_tag():
        return as_user(desk.bo).get(BY_TAG, MARCH).json()["data"]

    before = by_tag()
    erase(desk.ana)
    assert by_tag() == before
    trade, _ = written
    (borne,) = TradeTag.objects.filter(trade=trade.id)
    assert borne.tag_id == tag_id("Tech", "Breakout")


def test_words_on_others_pages_are_blanked_and_the_talk_goes_on(desk, written, journal):
    _, theirs = written
    erase(desk.cora)
    rows = journal(desk.bo).list(f"trades/{theirs.id}/comments")["data"]
    assert [(row["author"], row["text"], row["by_coach"]) for row in rows] == [
        ("(erased)", "(erased)", True), ("bo", "Of bo", False),
    ]  # fmt: skip


def test_a_signed_address_dies_with_the_log_in(desk, written, journal):
    trade, _ = written
    client = logged_in(desk.ana)
    (image,) = client.get(f"/api/v1/journal/trades/{trade.id}").json()["data"]["images"]
    assert load(image["url"]).status_code == 200
    erase(desk.ana)
    assert load(image["url"]).status_code == 404


def test_a_commit_that_fails_leaves_rows_and_files_both(desk, written, shelf):
    before, told = files(shelf), everything()

    class Crash(Exception):
        pass

    def fails():
        with transaction.atomic():
            erase(desk.ana)
            raise Crash

    with TestCase.captureOnCommitCallbacks(execute=True) as after, pytest.raises(Crash):
        fails()
    assert after == []
    assert (files(shelf), everything()) == (before, told)
    assert CustomUser.objects.filter(pk=desk.ana.pk)


def test_a_store_that_is_away_keeps_nothing_longer_than_the_night(
    desk, written, shelf, monkeypatch
):
    before = files(shelf)
    paths = set(Image.objects.values_list("path", flat=True))
    with monkeypatch.context() as away:

        class Away:
            def delete(self, path):
                raise OSError("away")

        away.setattr(store, "_storage", Away)
        with TestCase.captureOnCommitCallbacks(execute=True):
            erase(desk.ana)
    assert files(shelf) == before  # they stay, and no row names them
    prune(at=AT + timedelta(days=36_500))  # the files' own clock is that of the machine
    assert not files(shelf) & paths


def test_a_second_run_changes_nothing(desk, written):
    erase(desk.ana)
    told = everything()
    who = persons.person_of_trader(desk.ana.trader)
    assert persons.erase(who, by="olga@desk.test", at=AT, source="console") == {}
    assert everything() == told


def test_it_is_told_with_its_images(desk, written):
    file = BytesIO()
    who = persons.person_of(desk.ana)
    persons.write(who, file, by="olga@desk.test", at=AT, source="console")
    zipped = ZipFile(file)

    def rows(name):
        return json.loads(zipped.read(f"{name}.json"))

    assert [row["body"] for row in rows("entries")] == [SECRET]
    assert [row["text"] for row in rows("notes")] == [SECRET]
    assert {row["text"] for row in rows("comments")} == {SECRET, f"{SECRET}?"}
    assert [row["under"] for row in rows("tags")] == ["Breakout"]
    assert [row["prompt_message"] for row in rows("prompts")] == [SECRET]
    for row in rows("images"):
        data = zipped.read(f"images/{row['id']}.png")
        assert len(data) == row["size"]
        assert "path" not in row
    assert len(rows("images")) == 2
    assert "Of bo" not in b"".join(map(zipped.read, zipped.namelist())).decode(errors="ignore")
