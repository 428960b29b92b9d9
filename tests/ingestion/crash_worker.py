"""A real Celery worker whose present is the test's, and that rests hardly at all between tries.

    python -m tests.ingestion.crash_worker CLOCK [arguments of `celery worker`]

CLOCK is a file with two numbers: a present, and the real moment at which it began, both in
nanoseconds. Time goes on from there.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


def tell(clock: Path, present: datetime) -> None:
    """Let it be `present` now."""
    ns = int(present.timestamp()) * 1_000_000_000
    half = clock.with_suffix(".half")
    half.write_text(f"{ns} {time.time_ns()}")
    half.replace(clock)


def present_of(clock: Path) -> datetime:
    """Return what time it is by `clock`."""
    began, real = map(int, clock.read_text().split())
    passed = timedelta(microseconds=(time.time_ns() - real) // 1_000)
    return datetime.fromtimestamp(began // 1_000_000_000, UTC) + passed


def main() -> None:
    path, *arguments = sys.argv[1:]
    from common import clock
    from skyll.celery import app

    clock.now = lambda: present_of(Path(path))
    random.uniform = lambda low, high: 0.01  # type: ignore[assignment]
    app.worker_main(["worker", *arguments])


if __name__ == "__main__":
    main()
