"""The log in the console: filters, CSV, and nothing to write."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from audit import deeds
from audit.actions import record
from audit.admin import ACTIONS
from audit.models import LogEntry
from tests.factories import AT, make_user

LIST = "/admin/audit/logentry/"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(make_user("operator", is_staff=True, is_superuser=True))
    return client


def deed(day: int, *, action: str = "link", by: str = "olga@desk.test", scope="user_management"):
    record(
        scope=scope, action=action, entity=("custom_user", day), by=by, at=AT.replace(day=day),
        trader_id=7, trader=(None, 7), is_admin=(False, True),
    )  # fmt: skip


def ids(answer) -> list[int]:
    return sorted(entry.entity_id for entry in answer.context["cl"].result_list)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3]),
        ({"scope": "authentication"}, [3]),
        ({"action": "link"}, [1]),
        ({"entity_type": "custom_user"}, [1, 2, 3]),
        ({"entity_type": "trader"}, []),
        ({"user": "PIA"}, [2]),
        ({"q": "pia@desk.test"}, [2]),
        ({"entity_type": "custom_user", "entity_id": 3}, [3]),
        (
            {"timestamp__range__gte": "2026-03-02", "timestamp__range__lte": "2026-03-02"},
            [2],
        ),
    ],
)
def test_filters(operator, asked, found):
    deed(1)
    deed(2, action="role", by="pia@desk.test")
    deed(3, action="login", scope="authentication")

    assert ids(operator.get(LIST, asked)) == found
    lines = list(csv.DictReader(io.StringIO(_export(operator, asked))))
    assert sorted(int(line["entity_id"]) for line in lines) == found


def _export(operator: Client, asked) -> str:
    answer = operator.get(reverse("admin:audit_logentry_export"), asked)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="log-')
    return answer.getvalue().decode()


def test_the_typed_filter_keeps_the_others(operator):
    deed(1)
    page = operator.get(LIST, {"scope": "user_management", "user": "<olga", "o": "2"})
    text = page.content.decode()
    assert '<input type="hidden" name="scope" value="user_management">' in text
    assert '<input type="hidden" name="o" value="2">' in text
    assert 'value="&lt;olga"' in text


def test_old_and_new_are_told(operator):
    deed(1)
    row = LogEntry.objects.get()
    for url in (LIST, reverse("admin:audit_logentry_change", args=[row.pk])):
        text = operator.get(url).content.decode()
        assert "is_admin" in text
        assert "yes" in text


def test_values_from_outside_run_nothing(operator):
    record(
        scope="authentication", action="login_failed", entity=("custom_user", None),
        by="<script>@x", at=AT, name=("<img src=x>", None),
    )  # fmt: skip
    text = operator.get(LIST).content.decode()
    assert "<img src=x>" not in text
    assert "<script>@x" not in text


def test_nothing_is_written_here(operator):
    deed(1)
    row = LogEntry.objects.get()
    assert operator.get(f"{LIST}add/").status_code == 403
    for deed_url in ("change", "delete"):
        url = reverse(f"admin:audit_logentry_{deed_url}", args=[row.pk])
        assert operator.post(url, {"action": "x", "post": "yes"}).status_code == 403
    assert "delete_selected" not in operator.get(LIST).content.decode()


def test_a_nonsense_question_leads_back_to_the_list(operator):
    for asked in ({"entity_id": "x"}, {"nonsense__field": "1"}):
        answer = operator.get(reverse("admin:audit_logentry_export"), asked)
        assert answer.status_code in (302, 400)


def test_staff_without_the_right_get_no_export(db):
    client = Client()
    client.force_login(make_user("pia", is_staff=True))
    assert client.get(reverse("admin:audit_logentry_export")).status_code == 403


def test_the_filter_knows_every_action_that_is_written():
    """By the words of the source, so that a new action is not forgotten."""
    written = {word for kind in deeds._DEEDS.values() for pair in kind.values() for word in pair}
    written |= {"create", "delete", "update"}
    for room in ("accounts", "traders", "audit", "skyll"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text()
            calls = re.findall(r'record\(\s*scope="\w+",\s*action="(\w+)"', text)
            named = re.findall(r'_?record(?:_login)?\(\s*"(\w+)"', text)
            own = re.findall(r'_record\(request, user, "(\w+)"', text)
            written |= {*calls, *named, *own}
    assert "unlock" in written
    assert written == set(ACTIONS)
