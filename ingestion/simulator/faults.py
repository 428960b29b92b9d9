"""What goes wrong, how often, and that it is the same each time for one seed.

A plan is "none", "mild", "full" or a list of names with their rates, after a preset if wanted:
"full,slow=0,late=0.05". Whatever goes wrong, the truth stays: an answer that fails comes right
when asked again (at the fourth time at the latest), and the effective rows of the ledger are those
that a plan without faults would have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from ingestion.simulator import seeds

# Answers: chance per request.
ANSWERS: dict[str, str] = {
    "busy": "429 with Retry-After",
    "error": "500",
    "timeout": "504 on a window of more than an hour",
    "slow": "an answer that takes its time",
    "cut": "an answer that breaks off half way",
    "revoked": "401: the token has died early",
    "double_page": "the page before once more",
    "lost_page": "an answer without rows",
    "shuffled": "a page that is not in order",
}
# Rows: chance per execution.
ROWS: dict[str, str] = {
    "late": "reported hours after the execution",
    "backdated": "appears in the ledger hours after its own stamp",
    "skew": "the provider's clock is up to ten minutes behind the exchange's",
    "corrected": "first told wrong, then corrected (execType 15)",
    "chained": "a correction that is corrected again (share of the corrected)",
    "busted": "a phantom that is cancelled (execType 16)",
    "bust_first": "a phantom whose cancel comes before it",
    "nan": "a row without a usable price",
    "nul": "a row with a NUL where it hurts, and names with a NUL where it does not",
    "ties": "a burst of rows with one and the same nanosecond stamp",
    "doubled": "the same row twice",
}
# The rest: not chances.
OTHERS: dict[str, str] = {
    "wide": "hours; every wider window is answered 504 (0 = none is too wide)",
    "unknown": "share of the instruments that are not known the first two times",
    "newcomer": "how many times the list of accounts leaves out the newest account",
}
NAMES = {**ANSWERS, **ROWS, **OTHERS}
_MILD = {
    "busy": 0.01, "error": 0.01, "slow": 0.01, "late": 0.002, "skew": 0.002, "corrected": 0.002,
    "busted": 0.001, "ties": 0.002, "wide": 744.0, "newcomer": 1.0,
}  # fmt: skip
_FULL = {
    "busy": 0.03, "error": 0.03, "timeout": 0.03, "slow": 0.01, "cut": 0.02, "revoked": 0.01,
    "double_page": 0.05, "lost_page": 0.02, "shuffled": 0.05,
    "late": 0.01, "backdated": 0.005, "skew": 0.01, "corrected": 0.01, "chained": 0.3,
    "busted": 0.005, "bust_first": 0.005, "nan": 0.003, "nul": 0.003, "ties": 0.01,
    "doubled": 0.005, "wide": 168.0, "unknown": 0.15, "newcomer": 3.0,
}  # fmt: skip
PRESETS: dict[str, dict[str, float]] = {"none": {}, "mild": _MILD, "full": _FULL}
_PATIENCE = 4  # a request asked for the fourth time is answered


class BadPlan(ValueError):
    """The fault plan cannot be read; the sentence says what it may hold."""


@dataclass(slots=True)
class FaultPlan:
    """The rates by name, and what has happened so far."""

    rates: Mapping[str, float]
    seed: int = 1
    happened: Counter[str] = field(default_factory=Counter)
    _asked: dict[object, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def rate(self, name: str) -> float:
        return self.rates.get(name, 0.0)

    def strikes(self, name: str, *parts: object) -> bool:
        """Return whether the fault befalls what `parts` name; the same each time."""
        rate = self.rates.get(name, 0.0)
        return rate > 0 and seeds.share(self.seed, "fault", name, *parts) < rate

    def count(self, name: str, times: int = 1) -> None:
        with self._lock:
            self.happened[name] += times

    def times_asked(self, what: object) -> int:
        """Return how many times `what` was asked before, and remember this time."""
        with self._lock:
            times = self._asked.get(what, 0)
            if len(self._asked) > 50_000:
                self._asked.clear()
            self._asked[what] = times + 1
            return times

    def answer(self, request: object, allowed: tuple[str, ...]) -> str | None:
        """Return the fault of this answer, if any: it depends on the request and its how-manyeth
        asking alone, so that threads and clients do not change the plan."""
        if not self.rates:
            return None
        times = self.times_asked(request)
        if times % _PATIENCE == _PATIENCE - 1:
            return None
        drawn = seeds.share(self.seed, "answer", request, times)
        for name in allowed:
            if name == "revoked" and times % _PATIENCE:
                continue  # a second 401 in a row would mean that the key is dead
            drawn -= self.rates.get(name, 0.0)
            if drawn < 0:
                return name
        return None


def read(text: str, *, seed: int) -> FaultPlan:
    """Return the plan that `text` describes. Raises BadPlan."""
    rates: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, value = part.partition("=")
        if not value and name in PRESETS:
            rates.update(PRESETS[name])
            continue
        if name not in NAMES:
            raise BadPlan(
                f"'{part}' is no fault: use none, mild, full or name=rate of {', '.join(NAMES)}"
            )
        try:
            rates[name] = float(value)
        except ValueError:
            raise BadPlan(f"'{part}' has no number: write {name}=0.01") from None
        if not 0 <= rates[name] < (1e6 if name in OTHERS else 1.000001):
            raise BadPlan(f"'{part}' is out of range")
    return FaultPlan({name: rate for name, rate in rates.items() if rate > 0}, seed)
