"""What is asked, how often, and what may be remembered of the answer."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from bench.load.house import House, Member

AGES = 5  # different periods that people usually ask for
COLD = 0.06  # share of readings over a period that nobody has asked for
TAGS = range(6, 12)


@dataclass(frozen=True)
class Ask:
    """One request. `room` names what may change its answer: a write there makes it new.

    books  nothing here; tags: the member's own writes; group: those of anybody
    """

    member: int
    method: str
    path: str
    body: bytes | None = None
    room: str = "books"

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


# (weight, path, further parameters); every one is asked for a period.
_PERIOD: tuple[tuple[int, str, dict[str, str]], ...] = (
    (8, "personal/summary", {}),
    (8, "personal/performance-by-time", {}),
    (5, "personal/performance-by-product", {}),
    (4, "personal/performance-by-tag", {}),
    (4, "personal/performance-by-pnl", {}),
    (4, "personal/win-loss-ratio", {}),
    (3, "personal/traded-products", {}),
    (4, "personal/intraday-daily-pnl", {}),
    (2, "personal/calendar-events", {}),
    (7, "comparative/performance-by-time", {}),
    (4, "comparative/performance-by-product", {}),
    (3, "comparative/performance-by-tag", {}),
    (3, "comparative/win-loss-ratio", {}),
    (3, "comparative/standing", {}),
    (7, "personal/trades", {"page_size": "50"}),
    (4, "journal/trades", {}),
    (2, "journal/analytics/overview", {}),
    (2, "journal/analytics/equity-curve", {}),
    (1, "journal/analytics/time-distribution", {}),
)
_PLAIN: tuple[tuple[int, str, str], ...] = (
    (3, "auth/user", "books"),
    (2, "products", "books"),
    (3, "personal/positions", "books"),
    (3, "journal/tags", "tags"),
    (2, "journal/entries", "tags"),
)
_TAGGED = ("by-tag", "journal", "trades", "welcome")
OTHERS = {"day": 4, "trade": 5, "chart": 3, "top": 2, "overview": 1, "write": 4}


class Mix:
    """Requests by chance; the same for the same seed."""

    def __init__(self, house: House, seed: int = 1) -> None:
        self._house, self._chance = house, random.Random(seed)
        self._traders = [n for n, one in enumerate(house.members) if not one.is_coach]
        self._coaches = [n for n, one in enumerate(house.members) if one.is_coach]
        self._kinds = [
            *(
                (weight, lambda p=path, g=given: self._period(p, g))
                for weight, path, given in _PERIOD
            ),
            *((weight, lambda p=path, r=room: self._plain(p, r)) for weight, path, room in _PLAIN),
            *((weight, getattr(self, f"_{name}")) for name, weight in OTHERS.items()),
        ]
        self._weights = [weight for weight, _ in self._kinds]

    def next(self) -> Ask:
        ((_, make),) = self._chance.choices(self._kinds, self._weights)
        asked: Ask = make()
        return asked

    def every(self) -> list[Ask]:
        """Return one of each kind: the first answers, which make connections and compile plans."""
        return [make() for _, make in self._kinds]

    def _who(self) -> tuple[int, Member]:
        """Return a trader; some are there much more than others."""
        number = self._traders[int(len(self._traders) * self._chance.random() ** 2)]
        return number, self._house.members[number]

    def _period(self, path: str, given: dict[str, str]) -> Ask:
        end = self._house.last_day
        days = (7, 14, 28, 56, 79)[self._chance.randrange(AGES)]
        if self._chance.random() < COLD:
            end -= timedelta(days=self._chance.randrange(1, 40))
            days = self._chance.randrange(3, 60)
        period = {"start_date": str(end - timedelta(days=days - 1)), "end_date": str(end)}
        return self._reading(self._who()[0], path, {**period, **given})

    def _plain(self, path: str, room: str) -> Ask:
        return Ask(self._who()[0], "GET", f"/api/v1/{path}", room=room)

    def _day(self) -> Ask:
        return self._reading(self._who()[0], "personal/intraday-pnl", {"date": str(self._recent())})

    def _top(self) -> Ask:
        day = str(self._recent())
        return self._reading(self._who()[0], "comparative/top-intraday", {"date": day})

    def _overview(self) -> Ask:
        end = self._house.last_day
        period = {"start_date": str(end - timedelta(days=27)), "end_date": str(end)}
        coach = self._chance.choice(self._coaches)
        return self._reading(coach, "traders/overview", period)

    def _trade(self) -> Ask:
        number, trade = self._somebodys_trade()
        room = self._chance.choice(("personal", "journal"))
        return self._reading(number, f"{room}/trades/{trade}", {}, room="tags")

    def _chart(self) -> Ask:
        number, trade = self._somebodys_trade()
        return self._reading(number, f"personal/trades/{trade}/chart-data", {})

    def _write(self) -> Ask:
        number, trade = self._somebodys_trade()
        about = f"/api/v1/journal/trades/{trade}"
        if self._chance.random() < 0.5:
            return _said(number, "PUT", f"{about}/tags", {"tags": [self._chance.choice(TAGS)]})
        return _said(number, "PATCH", f"{about}/notes", {"notes": f"n{self._chance.random()}"})

    def _somebodys_trade(self) -> tuple[int, str]:
        while True:
            number, who = self._who()
            if who.trades:
                return number, self._chance.choice(who.trades)

    def _recent(self) -> date:
        return self._house.last_day - timedelta(days=self._chance.randrange(10))

    def _reading(self, member: int, path: str, given: dict[str, str], room: str = "") -> Ask:
        query = f"?{urlencode(given)}" if given else ""
        own = "group" if path.startswith("comparative/") else "tags"
        written = room or (own if any(word in path for word in _TAGGED) else "books")
        return Ask(member, "GET", f"/api/v1/{path}{query}", room=written)


def _said(member: int, method: str, path: str, body: dict[str, Any]) -> Ask:
    return Ask(member, method, path, json.dumps(body).encode(), room="tags")
