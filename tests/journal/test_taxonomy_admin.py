"""The taxonomy in the Django admin: named, put in order, retired, written down; never deleted."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from audit.models import LogEntry
from journal.models import Tag

LIST = reverse("admin:journal_tag_changelist")


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("olga", "olga@desk.test", "x"))
    return client


@pytest.fixture
def custom(desk):
    return Tag.objects.create(trader=desk.ana.trader, parent_id=6, layer=3, name="Failed first")


def page(name, *args):
    return reverse(f"admin:journal_tag_{name}", args=args)


def save(operator, address, **form):
    answer = operator.post(address, form)
    if answer.status_code == 200:
        return list(answer.context["adminform"].form.errors)
    assert answer.status_code == 302, answer.content
    return []


def last_deed():
    row = LogEntry.objects.filter(entity_type="tag").latest("id")
    assert (row.scope, row.user_email) == ("journal", "olga@desk.test")
    return row.action, row.entity_id, row.changes


def test_a_fixed_tag_is_renamed_and_moved_in_its_category(operator):
    assert save(operator, page("change", 6), name="  Break-out ", position=9) == []
    tag = Tag.objects.get(pk=6)
    assert (tag.name, tag.position, tag.parent_id, tag.layer) == ("Break-out", 9, 1, 2)
    action, pk, changes = last_deed()
    assert (action, pk) == ("update", 6)
    assert changes["name"] == {"old": "Breakout", "new": "Break-out"}


def test_new_ones_are_tags_or_categories(operator):
    assert save(operator, page("add"), parent=1, name="Gap", position=7) == []
    assert save(operator, page("add"), parent="", name="Plan", position=6) == []
    gap, plan = Tag.objects.get(name="Gap"), Tag.objects.get(name="Plan")
    assert (gap.layer, gap.parent_id, plan.layer, plan.parent_id) == (2, 1, 1, None)
    assert last_deed()[:2] == ("create", plan.pk)
    assert Tag.objects.order_by("-id").values_list("id", flat=True)[0] > 35  # ids are never reused


@pytest.mark.parametrize(
    "form",
    [
        {"parent": 1, "name": "BREAKOUT", "position": 1},
        {"parent": "", "name": "tech", "position": 1},
        {"parent": 1, "name": "a\u202eb", "position": 1},
        {"parent": 1, "name": "", "position": 1},
        {"parent": 1, "name": "x" * 61, "position": 1},
    ],
)
def test_a_name_that_does_not_fit_is_refused(operator, form):
    assert save(operator, page("add"), **form) == ["name"]
    assert Tag.objects.count() == 35


def test_only_categories_take_fixed_tags(operator):
    assert save(operator, page("add"), parent=6, name="x", position=1) == ["parent"]


def test_retired_and_restored(operator, custom):
    def do(action, *tags):
        answer = operator.post(LIST, {"action": action, "_selected_action": tags}, follow=True)
        assert answer.status_code == 200
        return Tag.objects.filter(retired_at__isnull=False).values_list("id", flat=True)

    assert set(do("retire", 1, 6, custom.pk)) == {1, 6}
    assert last_deed()[:2] == ("retire", 6)
    assert set(do("restore", 1, 6, custom.pk)) == set()
    assert last_deed()[:2] == ("restore", 6)


def test_nothing_is_deleted_and_custom_tags_are_only_shown(operator, custom):
    for pk in (1, 6, custom.pk):
        assert operator.post(page("delete", pk), {"post": "yes"}).status_code == 403
    assert operator.get(page("change", custom.pk)).status_code == 200
    assert operator.post(page("change", custom.pk), {"name": "x", "position": 1}).status_code == 403
    assert Tag.objects.get(pk=custom.pk).name == "Failed first"


def test_the_order_is_edited_in_the_list(operator, custom):
    shown = list(operator.get(LIST).context["cl"].queryset)
    assert [tag.pk for tag in shown[:4]] == [1, 6, custom.pk, 7]
    assert len(shown) == 36
    form = {"form-TOTAL_FORMS": 36, "form-INITIAL_FORMS": 36, "_save": "Save"}
    for n, tag in enumerate(shown):
        form |= {f"form-{n}-id": tag.pk, f"form-{n}-position": tag.position}
    form |= {"form-1-position": 5, "form-2-position": 3}
    assert operator.post(LIST, form).status_code == 302
    assert Tag.objects.get(pk=6).position == 5
    assert Tag.objects.get(pk=custom.pk).position == 0
    assert last_deed() == ("update", 6, {
        "position": {"old": 1, "new": 5}, "source": {"old": None, "new": "console"},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [({"layer__exact": 1}, 5), ({"q": "Other"}, 5), ({"q": "Ana"}, 1), ({"layer__exact": 3}, 1)],
)
def test_the_list_is_searched_and_filtered(operator, custom, query, found):
    shown = operator.get(LIST, query)
    assert shown.context["cl"].result_count == found
