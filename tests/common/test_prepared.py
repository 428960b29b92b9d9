"""What is asked with SQL made once is what the ORM would find."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import CustomUser, Session
from accounts.tokens import live_session
from common.prepared import prepared
from tests.factories import make_user
from traders.models import Trader

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@prepared
def traders(*, group: int, name: UUID, since: datetime) -> QuerySet[Trader, Any]:
    found = Trader.objects.filter(group_id__in=(group,), created_at__gte=since)
    return found.exclude(user__sessions__id=name).order_by("id").values_list("id", "name")


def test_it_finds_what_the_orm_finds_whoever_asked_first(desk):
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
    for group, since in (
        (desk.group.pk, late),
        (desk.group.pk, early),
        (desk.sven.group_id, early),
    ):
        plain = Trader.objects.filter(group_id=group, created_at__gte=since).order_by("id")
        rows = traders(group=group, name=uuid4(), since=since)
        assert rows == list(plain.values_list("id", "name"))
        assert bool(rows) == (since == early)


def test_it_is_planned_once_a_connection(desk):
    for _ in range(3):
        traders(group=desk.group.pk, name=uuid4(), since=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements "
            "WHERE strpos(statement, 'traders') > 0 AND strpos(statement, 'created_at') > 0"
        )
        assert max(asked for (asked,) in cursor.fetchall()) >= 3


def test_a_value_that_the_conditions_do_not_hold_as_it_is_is_refused(db):
    @prepared
    def lost(*, group: int) -> QuerySet[Trader, Any]:
        return Trader.objects.filter(group_id=group + 1).values_list(Lower("name"))

    with pytest.raises(TypeError, match="group"):
        lost(group=1)


def fields_of(one: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "_state"}


def test_a_session_is_the_one_that_the_orm_reads(desk, django_assert_num_queries):
    lonely = make_user("lonely")
    for user in (desk.ana, desk.cora, lonely):
        made = Session.objects.create(user=user, opened_at=NOW, expires_at=NOW + timedelta(days=1))
        with django_assert_num_queries(1):
            found = live_session(made.pk, at=NOW)
            assert found
            told = [found, found.user, found.user.group, found.user.trader]
        one = Session.objects.select_related("user__group", "user__trader").get(pk=made.pk)
        true = [one, one.user, one.user.group, one.user.trader]
        assert [one and fields_of(one) for one in told] == [one and fields_of(one) for one in true]
        assert [one and one._state.db for one in told] == [one and one._state.db for one in true]
        found.user.first_name = "A."
        found.user.save(update_fields=["first_name"])
        assert CustomUser.objects.get(pk=user.pk).first_name == "A."


def test_one_that_is_over_is_not_there(desk):
    made = Session.objects.create(user=desk.ana, opened_at=NOW, expires_at=NOW)
    assert live_session(made.pk, at=NOW) is None
    assert live_session(made.pk, at=NOW - timedelta(seconds=1))
    assert live_session(uuid4(), at=NOW) is None
    CustomUser.objects.filter(pk=desk.ana.pk).update(is_active=False)
    assert live_session(made.pk, at=NOW - timedelta(seconds=1)) is None
