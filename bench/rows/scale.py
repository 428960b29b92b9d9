"""Row scale: two processes against one, at one database. Cores allow what they allow."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Any

from bench import books
from bench.frame import Line, Stand, row

POLLS, FILLS = 40, 200  # of each measurement, and in each poll


@row("scale", "two workers against one", size="200,000 fills")
def workers(stand: Stand) -> Iterator[Line]:
    books.open_books()
    places = books.fill_books(stand.count(200_000))
    from ledger.rebuild import rebuild

    stand.say("rebuilding")
    rebuild(at=books.AT)
    # Each worker has accounts of its own: two polls of one account wait for each other.
    middle = len(places) // 2
    shares = (places[:middle], places[middle:])

    def polls() -> list[list[list[Any]]]:
        return [[books.new_fills(share, FILLS) for _ in range(POLLS // 2)] for share in shares]

    alone: list[float] = []
    paired: list[float] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, _open) as pool:
        # Both processes are up, and have their plans, before anything is timed.
        list(pool.map(_poll, polls(), chunksize=1))
        for n in range(1, stand.runs + 1):
            stand.say(f"run {n} of {stand.runs}")
            one, other = polls()
            alone.append(pool.submit(_poll, one + other).result())
            halves = polls()
            begun = time.perf_counter()
            list(pool.map(_poll, halves, chunksize=1))
            paired.append(time.perf_counter() - begun)
    ours, reference = median(paired), median(alone)
    cores = os.cpu_count() or 1
    yield Line(
        f"{POLLS} polls of {FILLS} by two workers, {cores} cores: one worker / two",
        f"{ours * 1e3:,.0f} ms", f"{reference * 1e3:,.0f} ms", reference / ours, None, ours,
    )  # fmt: skip


def _open() -> None:
    import django

    django.setup()


def _poll(batches: list[list[Any]]) -> float:
    from ledger.actions import record_fills

    begun = time.perf_counter()
    for fills in batches:
        record_fills(fills, at=books.AT)
    return time.perf_counter() - begun
