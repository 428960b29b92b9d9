"""Where the images of the journal lie: a directory of this machine, or a bucket that speaks S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skyll.environment import address, fail, text


def storage(place: Path) -> dict[str, Any]:
    """Return Django's settings of the bucket that the environment names, else of `place`."""
    return _bucket(name) if (name := text("S3_BUCKET")) else _directory(place)


def _directory(place: Path) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": place,
            "base_url": None,  # nothing is served from there but by the API
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def _bucket(name: str) -> dict[str, Any]:
    """Describe a private bucket; without a key of its own boto3 finds what the machine is given."""
    from boto3.s3.transfer import TransferConfig  # slow to import, and not always needed
    from botocore.config import Config

    endpoint, key, secret = address("S3_ENDPOINT"), text("S3_KEY"), text("S3_SECRET")
    if bool(key) != bool(secret):
        raise fail("S3_KEY and S3_SECRET belong together: set both, or none of them")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint or None,
            "region_name": text("S3_REGION") or None,
            "access_key": key or None,
            "secret_key": secret or None,
            "location": "journal",
            "default_acl": None,  # the bucket's own, which is to be private
            "file_overwrite": True,  # names are random: no need to ask whether one is free
            "transfer_config": TransferConfig(use_threads=False),
            "client_config": Config(
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=10,
                retries={"mode": "standard", "max_attempts": 3},
                # Elsewhere than at Amazon buckets are seldom host names, and the newer checksums
                # not always known.
                s3={"addressing_style": "path" if endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }
