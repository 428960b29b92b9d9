"""The schema as anybody reads it, and a fast store that goes away for a while."""

from contextlib import contextmanager

import pytest
from django.test import Client

from common import store
from tests import fast_store


@pytest.fixture(scope="module")
def schema():
    return Client().get("/schema.json").json()


@pytest.fixture(scope="module")
def operations(schema):
    return [
        (f"{method} {path}", told)
        for path, by in schema["paths"].items()
        for method, told in by.items()
    ]


@pytest.fixture
def gone_for_a_while(monkeypatch):
    @contextmanager
    def away():
        with monkeypatch.context() as patch:
            patch.setattr(store, "_client", lambda _: fast_store.client_of("/nowhere/s.sock"))
            yield
        store.breaker.reset()

    return away
