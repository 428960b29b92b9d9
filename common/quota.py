"""How many requests or tries are left, and how a client is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_WHOLE = {"type": "integer", "minimum": 0}
# For the schema; the last one goes with a refusal only.
HEADERS: dict[str, dict[str, Any]] = {
    "X-RateLimit-Limit": {
        "description": "How many requests a UTC day allows; on a refused try, how many its limit",
        "schema": _WHOLE,
    },
    "X-RateLimit-Remaining": {"description": "How many of them are left", "schema": _WHOLE},
    "X-RateLimit-Reset": {
        "description": "When they start anew, in seconds since 1970",
        "schema": _WHOLE,
    },
    "Retry-After": {"description": "Seconds to wait before the next try", "schema": _WHOLE},
}


@dataclass(frozen=True)
class Quota:
    """So many within a window; `used` counts this one too."""

    limit: int
    used: int
    resets_at: datetime

    @property
    def is_spent(self) -> bool:
        """True where this one is already too many."""
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(math.ceil(self.resets_at.timestamp())),
        }

    def refusal(self, at: datetime) -> dict[str, str]:
        """Return the headers of a 429 at `at`."""
        wait = math.ceil((self.resets_at - at).total_seconds())
        return {**self.headers, "Retry-After": str(max(1, wait))}
