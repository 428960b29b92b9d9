"""SCHEMA_PUBLIC=off closes the schema and its readers to all but staff."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.utils.module_loading import import_string
from drf_spectacular import views

from skyll import openapi
from skyll.embedded import places
from tests.factories import make_user

PATHS = ["/schema", "/schema/", "/schema.json", "/schema.yaml", "/swagger", "/swagger/", "/redoc"]
VIEWS = (views.SpectacularAPIView, views.SpectacularSwaggerView, views.SpectacularRedocView)
CLASSES = {
    "authentication_classes": "SERVE_AUTHENTICATION", "permission_classes": "SERVE_PERMISSIONS",
}  # fmt: skip
# Who may read it, not what it says: without that it would be drawn eight times.
ASK = """
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
SchemaGenerator.get_schema = lambda *_, **__: {{}}
for path in {paths}:
    plain, token = Client().get(path), Client().get(path, headers={{"Authorization": "Bearer x"}})
    print(plain.status_code, token.status_code)
print(Client().get("/")["Location"])
"""


def answers(public: str) -> list[str]:
    """Return what a server with that setting tells an anonymous visitor."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", ASK.format(paths=PATHS)],
        cwd=places.ROOT,
        env={**os.environ, "SCHEMA_PUBLIC": public},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_setting_closes_every_way_to_it():
    assert answers("off") == [*["403 403"] * len(PATHS), "/admin/"]
    assert answers("on") == [*["200 200"] * len(PATHS), "/swagger"]


@pytest.fixture
def closed(monkeypatch):
    """Close the views as the setting does when the process starts."""
    told = openapi.described(servers=[], public=False)
    for view in VIEWS:
        for name, key in CLASSES.items():
            monkeypatch.setattr(view, name, [import_string(path) for path in told[key]])


@pytest.mark.parametrize("path", PATHS)
def test_staff_may_read_it_when_it_is_closed(db, closed, path):
    for given, status in (({"is_staff": True}, 200), ({"is_admin": True}, 403)):
        client = Client()
        client.force_login(make_user(**given))
        assert client.get(path).status_code == status
