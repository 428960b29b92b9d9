"""Answers kept as bytes: rendered once, then sent as they are, with their ETag beside them.

Access stands before it: a view asks for the answer with arguments that access gave, and all of
them are in the key. So are the serializer, what `meta` says and the release, so that nothing is
read that another code has written.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework import serializers

from common import clock, store, throttle, way
from common.api.repeated import forget, remember, repeated
from common.cache import MISS, Question, once
from common.metrics import CACHE

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
FORMAT = 1  # of what is kept
SHORT = 200  # bytes that are not worth zipping
LEVEL = 1
_ZIPPED, _PLAIN = b"z", b"p"
_HEAD = 1 + 32  # how it is kept, and the ETag
_GROUND = ("calc", "common")
_TAKES_GZIP = re.compile(r"\bgzip\b")
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered answer; its tag is the hash of what is told, however it is sent."""

    tag: str
    content: bytes
    is_zipped: bool

    @classmethod
    def of(cls, told: bytes) -> Body:
        tag = hashlib.md5(told, usedforsecurity=False).hexdigest()  # as Django makes them
        if len(told) >= SHORT:
            zipped = gzip.compress(told, LEVEL, mtime=0)
            if len(zipped) < len(told):
                return cls(tag, zipped, True)
        return cls(tag, told, False)

    @classmethod
    def kept(cls, raw: bytes) -> Body:
        return cls(raw[1:_HEAD].decode(), raw[_HEAD:], raw.startswith(_ZIPPED))

    def pack(self) -> bytes:
        return (_ZIPPED if self.is_zipped else _PLAIN) + self.tag.encode() + self.content

    def goes_zipped(self, request: HttpRequest) -> bool:
        accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
        return self.is_zipped and bool(_TAKES_GZIP.search(accepted))

    def etag(self, request: HttpRequest) -> str:
        """Return the tag for this client; a weak one where the bytes are zipped on their way."""
        return f'{"W/" if self.goes_zipped(request) else ""}"{self.tag}"'

    def described(self, answer: HttpResponse, request: HttpRequest) -> HttpResponse:
        """Put the headers of the whole answer on one that says something of it."""
        answer["ETag"] = self.etag(request)
        for name, value in PRIVATE.items():
            answer[name] = value
        return answer

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return it as this client takes it."""
        if self.goes_zipped(request):
            zipped = {"Content-Encoding": "gzip", "Vary": "Authorization, Accept-Encoding"}
            return _answer(self.content, {**zipped, "ETag": self.etag(request)})
        told = zlib.decompress(self.content, _GZIP) if self.is_zipped else self.content
        return _answer(told, {"ETag": self.etag(request)})


def answer_kept(
    request: HttpRequest,
    out: type[serializers.BaseSerializer[Any]],
    question: Question[Any],
    meta: dict[str, Any],
    *,
    render: Callable[[Any], bytes],
) -> HttpResponse:
    """Answer with what is kept of this question, this serializer and this meta, or render it.

    A client that has it already is told so from the tag alone.
    """
    key = question.key(shape_of(out), meta)  # type: ignore[arg-type]  # unhashable to the stubs
    remember(request, name=question.name, key=key)
    found: Body | HttpResponse = once(
        question,
        key,
        fetch=lambda: _look(request, key),
        compute=lambda: Body.of(render(question.compute())),
        pack=lambda body: body.pack(),
    )
    return found.answer(request) if isinstance(found, Body) else found


def answer_again(request: HttpRequest) -> HttpResponse | None:
    """Answer a request that came before with what is kept of it; None where the long way must.

    While the database is asked, the store is: the request is counted, once, whichever way it goes
    on. One whose way has changed is forgotten, so that no dead token counts for its user twice.
    """
    at = clock.now()
    came_to = repeated(request, at=at)
    if came_to is None:
        return None
    request.user = came_to.asker  # type: ignore[assignment]
    request.due = throttle.Due.of(came_to.asker.pk, at)  # type: ignore[attr-defined]
    try:
        with way.again(came_to.steps, at) as is_same:
            found = _look(request, came_to.key)
            if not is_same():
                forget(request)
                return None
    except (throttle.TooManyRequests, store.Down, Error):
        return None  # the long way meets the same, and tells of it as it is told
    if found is MISS:
        return None
    CACHE.add(came_to.name, "hit")
    return found.answer(request) if isinstance(found, Body) else found


def _look(request: HttpRequest, key: str) -> Any:
    """Return what is kept, or that the client has it; MISS, store.Down.

    The request is counted on the same way to the store.
    """
    if "HTTP_IF_NONE_MATCH" in request.META:
        head = throttle.settle(request, lambda redis: redis.getrange(key, 0, _HEAD - 1))
        if len(head) < _HEAD:
            return MISS
        body = Body.kept(head)
        if known := get_conditional_response(request, etag=f'"{body.tag}"'):
            return body.described(known, request)
    raw = throttle.settle(request, lambda redis: redis.get(key))
    return MISS if raw is None else Body.kept(raw)


def _answer(content: bytes, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(content, "application/json", headers={**PRIVATE, **headers})


@cache
def shape_of(out: type[serializers.BaseSerializer[Any]]) -> str:
    """Return a word for what a serializer of this release makes of an answer."""
    text = f"{FORMAT} {release()} {out.__module__}.{out.__qualname__} {out()!r}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@cache
def release() -> str:
    """Return a hash of our code: of two releases that run side by side each keeps its own."""
    root = Path(settings.BASE_DIR)
    rooms = {*_GROUND, *(Path(one.path).name for one in apps.get_app_configs() if _is_ours(one))}
    code = hashlib.blake2b(digest_size=8)
    for room in sorted(rooms):
        for path in sorted((root / room).rglob("*.py")):
            code.update(path.relative_to(root).as_posix().encode())
            code.update(path.read_bytes())
    return code.hexdigest()


def _is_ours(app: Any) -> bool:
    return Path(app.path).parent == Path(settings.BASE_DIR)
