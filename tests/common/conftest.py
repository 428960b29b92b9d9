"""The schema as anybody reads it."""

import pytest
from django.test import Client


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
