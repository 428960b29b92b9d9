"""The files of images: written before their row, removed after it, so that no row is without one.

What a crash leaves between the two is swept out at night.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from common.api import Refusal
from journal.pictures import ENDINGS, Picture

log = structlog.get_logger(__name__)


class StorageDown(Refusal):
    status = 503
    message = "Images cannot be reached just now: try again in a few seconds"
    code = "storage_down"


def keep(picture: Picture, *, at: datetime) -> str:
    """Write a file under a random name and return its path."""
    path = f"{at:%Y-%m}/{secrets.token_hex(16)}.{ENDINGS[picture.content_type]}"
    with _asked():
        return _storage().save(path, ContentFile(picture.data))


def content(path: str) -> bytes | None:
    """Return a file; None where it is gone."""
    with _asked():
        try:
            with _storage().open(path) as file:
                return bytes(file.read())
        except FileNotFoundError:
            log.exception("image_without_file", path=path)
            return None


def drop(path: str) -> None:
    """Remove a file; what cannot be removed now is swept out at night."""
    try:
        _storage().delete(path)
    except Exception:
        log.exception("image_not_removed", path=path)


def drop_all(paths: Iterable[str]) -> None:
    for path in paths:
        drop(path)


def months() -> Iterator[tuple[str, list[str]]]:
    """Yield the paths of all files, month by month."""
    with _asked():
        try:
            found = sorted(_storage().listdir("")[0])
        except FileNotFoundError:  # nothing was ever kept here
            return
    for month in found:
        with _asked():
            names = _storage().listdir(month)[1]
        yield month, [f"{month}/{name}" for name in names]


def is_older(path: str, age: timedelta, *, at: datetime) -> bool:
    """Say whether a file was written longer ago than `age`; one that is gone meanwhile is not."""
    try:
        return at - _storage().get_modified_time(path) > age
    except Exception:
        log.exception("image_file_of_unknown_age", path=path)
        return False


def _storage() -> Storage:
    return storages["journal"]


@contextmanager
def _asked() -> Iterator[None]:
    """Turn whatever a storage fails with into one refusal: each kind has errors of its own."""
    try:
        yield
    except (Refusal, GeneratorExit):
        raise
    except Exception as error:
        log.exception("storage_failed")
        raise StorageDown(headers={"Retry-After": "5"}) from error
