"""Alarms in the console: to read, and to see who was told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import Alarm, Notice
from tests.factories import AT, make_user

LIST = "/admin/audit/alarm/"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(make_user("operator", is_staff=True, is_superuser=True))
    return client


def make_alarm(kind: str = "poll_late", *, over: bool = False, subject: str = "") -> Alarm:
    end = AT + timedelta(minutes=5) if over else None
    alarm = Alarm.objects.create(
        kind=kind, subject=subject, sentence=f"{kind} <b>", began_at=AT, last_seen_at=AT,
        ended_at=end,
    )  # fmt: skip
    Notice.objects.create(
        alarm=alarm, event="began", channel="mail", written_at=AT, due_at=AT, outcome="told"
    )
    return alarm


def test_one_of_a_kind_and_subject_is_open(db):
    make_alarm(over=True)
    make_alarm()
    make_alarm(subject="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_alarm()


def test_open_ones_and_those_that_are_over(operator):
    make_alarm("disk_full", over=True)
    make_alarm("poll_late")
    for state, kinds in (("open", ["poll_late"]), ("over", ["disk_full"])):
        page = operator.get(LIST, {"state": state})
        assert [one.kind for one in page.context["cl"].result_list] == kinds
    page = operator.get(LIST).content.decode()
    assert "poll_late &lt;b&gt;" in page


def test_who_was_told_stands_there_and_nothing_is_written(operator):
    alarm = make_alarm()
    page = operator.get(f"{LIST}{alarm.pk}/change/")
    assert "told" in page.content.decode()
    for path in ("add/", f"{alarm.pk}/delete/"):
        assert operator.get(f"{LIST}{path}").status_code == 403
    assert operator.post(f"{LIST}{alarm.pk}/change/", {"kind": "x"}).status_code == 403
    assert Alarm.objects.get().kind == "poll_late"


def test_staff_without_the_right_see_none(db):
    client = Client()
    client.force_login(make_user("staff", is_staff=True))
    assert client.get(LIST).status_code == 403
