"""How many requests or tries are left, and how a client is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


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
        """X-RateLimit-*: Reset in seconds since 1970."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(math.ceil(self.resets_at.timestamp())),
        }

    def refusal(self, at: datetime) -> dict[str, str]:
        """Return the headers of a 429 at `at`."""
        wait = math.ceil((self.resets_at - at).total_seconds())
        return {**self.headers, "Retry-After": str(max(1, wait))}
