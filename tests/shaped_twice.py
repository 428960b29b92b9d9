"""Every answer of every test is shaped the plain way as well: byte for byte the same."""

from __future__ import annotations

from typing import Any

from common.api.shape import Out, shaped
from common.rendering import Json


def shaped_twice(out: Out, rows: Any, *, many: bool) -> Any:
    """Return what `shaped` makes of rows, once DRF's own serializer says the same."""
    fast = shaped(out, rows, many=many)
    plain = out(rows, many=many).data
    assert Json().render(fast) == Json().render(plain), f"{out.__name__} comes out otherwise"
    return fast
