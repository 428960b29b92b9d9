"""Uploads and loads of images as a browser does them, with real tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from accounts.models import CustomUser
from accounts.sessions import open_session
from common import clock
from tests.journal.pictures import picture, upload

UPLOAD = "/api/v1/journal/upload"
STORAGE = "/api/v1/journal/storage"
IMAGES = "/api/v1/journal/images"


def logged_in(user: CustomUser) -> APIClient:
    """Return a client with a token of a new session."""
    pair = open_session(CustomUser.objects.get(pk=user.pk), at=clock.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")
    return client


def send(client: APIClient, data: bytes | None = None, **fields: Any) -> Any:
    """Upload a picture; `fields` say what it is of, or its `name` and `kind`."""
    told = {one: fields.pop(one) for one in ("name", "kind") if one in fields}
    file = upload(picture() if data is None else data, **told)
    return client.post(UPLOAD, {"image": file, **fields}, format="multipart")


def files(shelf: Path) -> set[str]:
    return {str(path.relative_to(shelf)) for path in shelf.rglob("*") if path.is_file()}


def load(url: str, **headers: str) -> Any:
    """Load an address as an `<img>` does: without a token."""
    return APIClient().get(url, headers={"Accept": "image/webp,image/*;q=0.8", **headers})
