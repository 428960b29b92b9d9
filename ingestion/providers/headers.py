"""What two response headers mean: Retry-After, and Location where a key is at stake."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ingestion.providers.base import ProviderError

LONGEST_WAIT_SECONDS = 86_400.0


def retry_after(header: str | None, *, now: float) -> float | None:
    """Return the seconds that a Retry-After asks for (seconds or an HTTP date); None = not told."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return min(float(text), LONGEST_WAIT_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    left = (at - datetime.fromtimestamp(now, UTC)).total_seconds()
    return min(max(0.0, left), LONGEST_WAIT_SECONDS)


def onward(base: httpx.URL, url: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads; a key goes to its own host or to siblings over TLS only."""
    try:
        target = url.join(location)
    except httpx.InvalidURL:
        target = None
    if location and target is not None:
        secure = target.scheme == "https" or target.scheme == base.scheme
        sibling = target.scheme == "https" and target.host.endswith("." + _domain(base.host))
        if (secure and target.host == base.host) or sibling:
            return target
    raise ProviderError(
        f"{url.path}: redirected to a host where the key must not go; "
        "check the address of the connection"
    )


def _domain(host: str) -> str:
    """ "ttrestapi.trade.tt" -> "trade.tt"; a host without a parent is its own."""
    head, _, rest = host.partition(".")
    return rest if "." in rest and not head.isdigit() else host
