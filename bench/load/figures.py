"""What came of it: percentiles, faults, memory, and whether the bounds hold."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from bench.load.drive import Sample

WARM_P99, COLD_P99, GROWTH = 0.300, 1.0, 0.05


@dataclass
class Figures:
    samples: list[Sample]
    memory: dict[str, dict[int, int]]  # moment -> process -> bytes
    connections: dict[str, int] = field(default_factory=dict)

    @property
    def warm(self) -> list[float]:
        return sorted(one.seconds for one in self.samples if not one.is_cold)

    @property
    def cold(self) -> list[float]:
        return sorted(one.seconds for one in self.samples if one.is_cold)

    @property
    def wrong(self) -> list[Sample]:
        return [one for one in self.samples if one.wrong]

    def growth(self) -> float:
        """Return by how much the server's processes have grown since they were warm, together."""
        warm, end = self.memory["warm"], self.memory["end"]
        return sum(end.values()) / sum(warm.values()) - 1

    def missed(self) -> list[str]:
        """Return the bounds that do not hold, each a sentence."""
        found = []
        if self.wrong:
            found.append(f"{len(self.wrong)} answers were no 2xx or 304, or not as before")
        if (p99 := percentile(self.warm, 99)) > WARM_P99:
            found.append(f"p99 warm is {p99 * 1e3:,.0f} ms: above {WARM_P99 * 1e3:,.0f}")
        if (p99 := percentile(self.cold, 99)) > COLD_P99:
            found.append(f"p99 cold is {p99 * 1e3:,.0f} ms: above {COLD_P99 * 1e3:,.0f}")
        if (growth := self.growth()) > GROWTH:
            found.append(f"the server has grown by {growth:.1%}: more than {GROWTH:.0%}")
        if set(self.memory["start"]) != set(self.memory["end"]):
            found.append("a process of the server died")
        return found

    def lines(self) -> list[str]:
        statuses = Counter(one.status for one in self.samples)
        out = [f"{len(self.samples):,} requests: " + ", ".join(
            f"{count:,} x {status}" for status, count in sorted(statuses.items())
        )]  # fmt: skip
        for name, seconds in (("warm", self.warm), ("cold", self.cold)):
            out.append(f"{name}  {_times(seconds)}")
        for pid in self.memory["start"]:
            sizes = [self.memory[when].get(pid, 0) for when in ("start", "warm", "end")]
            out.append(f"process {pid}: {' -> '.join(f'{size / 2**20:.1f}' for size in sizes)} MiB")
        out.append(f"the server's memory since it was warm: {self.growth():+.1%}")
        out.append("database connections, most: " + ", ".join(
            f"{count} {name}" for name, count in self.connections.items()
        ))  # fmt: skip
        slow = defaultdict(list)
        for one in self.samples:
            slow[one.ask.method, kind(one.ask.path)].append(one.seconds)
        worst = sorted(slow.items(), key=lambda row: -percentile(sorted(row[1]), 99))
        out += [
            f"  {method} {path}: {_times(sorted(seconds))}" for (method, path), seconds in worst[:8]
        ]
        out += [f"  WRONG {one.ask.method} {one.ask.path}: {one.wrong}" for one in self.wrong[:10]]
        return out

    def as_json(self) -> dict[str, Any]:
        return {
            "requests": len(self.samples),
            "statuses": Counter(str(one.status) for one in self.samples),
            "warm": _points(self.warm),
            "cold": _points(self.cold),
            "memory": {when: {str(p): b for p, b in m.items()} for when, m in self.memory.items()},
            "growth": self.growth(),
            "connections": self.connections,
            "wrong": [f"{one.ask.method} {one.ask.path}: {one.wrong}" for one in self.wrong],
            "missed": self.missed(),
        }


def percentile(ordered: list[float], percent: float) -> float:
    """Return the least value that so many percent do not exceed; 0 of nothing."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def kind(path: str) -> str:
    """Return a path without what is asked for and without ids."""
    parts = path.partition("?")[0].removeprefix("/api/v1/").split("/")
    return "/".join("{id}" if len(part) == 36 and part.count("-") == 4 else part for part in parts)


def _points(seconds: list[float]) -> dict[str, float]:
    points = {f"p{p}": percentile(seconds, p) for p in (50, 90, 99)}
    return {"count": len(seconds), **points, "max": seconds[-1] if seconds else 0.0}


def _times(seconds: list[float]) -> str:
    points = _points(seconds)
    told = ", ".join(f"{name} {points[name] * 1e3:,.0f}" for name in ("p50", "p90", "p99", "max"))
    return f"{points['count']:,} x: {told} ms"
