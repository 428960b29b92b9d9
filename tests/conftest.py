"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import settings
from rest_framework.test import APIClient
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.models import CustomUser
from common import store
from tests import fast_store
from tests.at_once import at_once  # noqa: F401  a fixture
from tests.cast import Desk, make_desk
from tests.fast_store import Counted
from tests.shaped_twice import shaped_twice

# A crowded machine is no fault of a number's.
settings.register_profile(
    "unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("unhurried")

NEVER_EMPTIED = {
    "user_management_audit_log": "audit_never_emptied",
    "ledger_pasttrade": "past_trade_never_emptied",
    "ledger_restatement": "restatement_never_emptied",
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the tests that commit empty the log and the history afterwards; nobody else may."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in NEVER_EMPTIED.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        restored_by_copy(cursor)


def restored_by_copy(cursor: Any) -> None:
    """After a test that commits, put back what migrations wrote: Django would save row by row."""
    tables = []
    cursor.execute("CREATE SCHEMA untouched")
    for table in connection.introspection.django_table_names(only_existing=True):
        cursor.execute(f'SELECT EXISTS (TABLE public."{table}")')
        if cursor.fetchone()[0]:
            cursor.execute(f'CREATE TABLE untouched."{table}" AS TABLE public."{table}"')
            tables.append(table)

    def restore(data: str) -> None:
        with transaction.atomic(), connection.cursor() as anew:
            for table in tables:
                anew.execute(
                    f'INSERT INTO public."{table}" TABLE untouched."{table}" ON CONFLICT DO NOTHING'
                )

    connection.creation.deserialize_db_from_string = restore  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def own_keys(monkeypatch):
    """Give each test keys of its own in the fast store, and a store that counts as up."""
    monkeypatch.setitem(django_settings.CACHES["fast"], "KEY_PREFIX", f"test-{uuid4().hex}")
    store.breaker.reset()


@pytest.fixture(autouse=True)
def every_answer_shaped_twice(monkeypatch):
    for door in ("common.api.envelope", "journal.views.answer"):
        monkeypatch.setattr(f"{door}.shaped", shaped_twice)


@pytest.fixture(scope="session", autouse=True)
def shelf(tmp_path_factory) -> Path:
    """The directory of uploaded images, away from the one of `make run`."""
    place: Path = tmp_path_factory.mktemp("images")
    django_settings.STORAGES["journal"]["OPTIONS"]["location"] = place
    return place


@pytest.fixture(scope="session", autouse=True)
def static_files_read_once() -> Iterator[None]:
    """Each client makes the middleware anew, and each of them would look for all static files."""
    read, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            read(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture
def hung(monkeypatch) -> Iterator[Counted]:
    """The client of a fast store that accepts and never answers; it is asked but once."""
    monkeypatch.setattr(store, "breaker", store.Breaker(tick=lambda: 0.0))
    with fast_store.hung() as client:
        monkeypatch.setattr(store, "_client", lambda _: client)
        yield client


@pytest.fixture
def gone(monkeypatch) -> None:
    """A fast store that is not there."""
    monkeypatch.setattr(store, "_client", lambda _: fast_store.client_of("/nowhere/s.sock"))


@pytest.fixture
def desk(db) -> Desk:
    return make_desk()


@pytest.fixture
def api() -> APIClient:
    """A client that is not logged in."""
    return APIClient()


@pytest.fixture
def as_user(db) -> Callable[[CustomUser], APIClient]:
    """Return a client logged in as somebody, as the database knows them now."""

    def client(user: CustomUser) -> APIClient:
        one = APIClient()
        known = CustomUser.objects.select_related("group", "trader").get(pk=user.pk)
        one.force_authenticate(known)
        return one

    return client
