"""The OpenAPI document, drawn once in a process: to draw it takes half a second of the processor.

It is the same for whoever may read it, and changes with the code and the settings alone.
"""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import Any, NamedTuple

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response


class Drawn(NamedTuple):
    """The document in one format; its tag is the one that Django would give it."""

    content: bytes
    tag: str

    @classmethod
    def of(cls, content: bytes) -> Drawn:
        return cls(content, f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')


_drawn: dict[tuple[str, int | None], Drawn] = {}  # by format, and how far JSON is indented
_drawing = Lock()


class Schema(SpectacularAPIView):
    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse | Response:
        if request.query_params.get("version"):  # any word, which the document repeats
            told: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
            return told
        renderer = request.accepted_renderer
        drawn = self._drawn(renderer, request.accepted_media_type)
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        named = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        return HttpResponse(
            drawn.content,
            content_type=f"{renderer.media_type}{charset}",
            headers={"Content-Disposition": f'inline; filename="{named}"', "ETag": drawn.tag},
        )

    def _drawn(self, renderer: Any, media_type: str) -> Drawn:
        indent = renderer.get_indent(media_type, {}) if hasattr(renderer, "get_indent") else None
        form = renderer.format, indent
        if form not in _drawn:
            with _drawing:
                if form not in _drawn:  # whoever waited has it from the one before
                    generator = self.generator_class(urlconf=self.urlconf, patterns=self.patterns)
                    told = generator.get_schema(public=self.serve_public)  # type: ignore[no-untyped-call]
                    _drawn[form] = Drawn.of(renderer.render(told, media_type, {}))
        return _drawn[form]
