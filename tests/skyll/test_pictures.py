"""Where images lie: a directory that only we read, or a bucket that nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from skyll import pictures


@pytest.fixture
def told(monkeypatch):
    """Return a way to name S3 variables, and get the storage."""

    def storage(**variables):
        for name in ("BUCKET", "ENDPOINT", "REGION", "KEY", "SECRET"):
            monkeypatch.setenv(f"S3_{name}", variables.get(name, ""))
        return pictures.storage(Path("here"))

    return storage


def test_a_directory_without_a_bucket(told):
    own = told(ENDPOINT="http://s3.test", KEY="a", SECRET="b")

    assert own["BACKEND"].endswith("FileSystemStorage")
    assert own["OPTIONS"]["file_permissions_mode"] == 0o600
    assert own["OPTIONS"]["base_url"] is None


def test_a_private_bucket(told):
    given = told(BUCKET="desk", ENDPOINT="https://s3.test", REGION="x", KEY="a", SECRET="b")
    storage = S3Storage(**given["OPTIONS"])

    assert given["BACKEND"] == "storages.backends.s3.S3Storage"
    assert (storage.bucket_name, storage.location) == ("desk", "journal")
    assert storage.default_acl is None
    assert storage.client_config.s3["addressing_style"] == "path"
    assert storage.client_config.read_timeout == 10


def test_half_a_key_is_none(told):
    with pytest.raises(ImproperlyConfigured, match="S3_KEY and S3_SECRET"):
        told(BUCKET="desk", KEY="a")
