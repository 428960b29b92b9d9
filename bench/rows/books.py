"""Rows 3 to 5: fills into the books, a poll against a rebuild, and what history costs a poll."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from bench import books
from bench.frame import Line, Stand, at_least, at_most, row
from bench.load.server import memory

MIB = 2**20


@row(
    "3", "ingest from parsed rows to fills against bulk_create(ignore_conflicts)",
    size="20,000 fills stored before",
)  # fmt: skip
def ingest(stand: Stand) -> Iterator[Line]:
    books.open_books()
    places = _stored(stand.count(20_000), stand)
    for number, target in ((min(200_000, stand.count(200_000)), 4), (2_000, 3)):
        # Made beforehand: only the way from parsed rows into the table is measured.
        batches = iter([books.new_fills(places, number) for _ in range(2 * stand.runs)])

        def ours_once(batches: Iterator[list[Any]] = batches) -> None:
            _stage(next(batches))

        def reference_once(batches: Iterator[list[Any]] = batches) -> None:
            _bulk_create(next(batches))

        ours, reference = stand.side_by_side(ours=ours_once, reference=reference_once)
        yield Line(
            f"ingest of {number:,} rows: COPY and one INSERT / bulk_create",
            f"{number / ours / 1e3:,.0f} k/s", f"{number / reference / 1e3:,.0f} k/s",
            reference / ours, at_least(target), ours,
        )  # fmt: skip


@row("4", "full rebuild against one poll", size="2,000,000 fills")
def rebuild_against_poll(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from ledger.rebuild import Progress, rebuild

    count = stand.count(2_000_000)
    places = _stored(count, stand)
    taken: list[int] = []  # bytes of this process, after each chunk

    def tell(progress: Progress) -> None:
        stand.say(f"rebuilding: {progress.done:,} of {progress.total:,} fills")
        if progress.done:
            taken.append(memory([os.getpid()])[os.getpid()])

    start = time.perf_counter()
    rebuild(at=books.AT, tell=tell)
    whole = time.perf_counter() - start
    poll, _ = _poll_and_replay(places, stand)
    yield Line(
        f"rebuild of {count:,} fills / a poll of 200",
        f"{poll * 1e3:,.0f} ms", f"{whole:,.1f} s", whole / poll, at_least(300 * stand.size.factor),
        poll,
    )  # fmt: skip
    tenth, most = max(taken[: max(1, len(taken) // 10)]), max(taken)
    yield Line(
        "memory of a rebuild: at its most / in its first tenth",
        f"{most / MIB:,.0f} MiB", f"{tenth / MIB:,.0f} MiB", most / tenth,
    )  # fmt: skip


@row("5", "what history and repeats cost a poll", size="200,000 fills, then 2,000,000 more")
def history(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from ledger.rebuild import rebuild

    small = _stored(stand.count(200_000), stand)
    stand.say("rebuilding")
    rebuild(at=books.AT)
    poll, replay = _poll_and_replay(small, stand)
    yield Line(
        "a poll of 200 that brings nothing new / one that does",
        f"{replay * 1e3:,.0f} ms", f"{poll * 1e3:,.0f} ms", replay / poll, at_most(0.5), replay,
    )  # fmt: skip
    if stand.is_largest:
        return
    large = _stored(stand.count(2_000_000), stand)
    stand.say("rebuilding")
    rebuild(at=books.AT)
    later, _ = _poll_and_replay(large, stand)
    yield Line(
        "a poll of 200 at ten times the history / at one",
        f"{later * 1e3:,.0f} ms", f"{poll * 1e3:,.0f} ms", later / poll, at_most(1.5), later,
    )  # fmt: skip


def _poll_and_replay(places: list[tuple[int, int, int]], stand: Stand) -> tuple[float, float]:
    from ledger.actions import record_fills

    polls: list[float] = []
    replays: list[float] = []
    for n in range(stand.runs + 1):
        fills = books.new_fills(places, 200)
        stand.say(f"poll {n} of {stand.runs}")
        for seconds in (polls, replays):
            start = time.perf_counter()
            record_fills(fills, at=books.AT)
            seconds.append(time.perf_counter() - start)
    return median(polls[1:]), median(replays[1:])  # the first one warms plans and temporary tables


def _stage(fills: list[Any]) -> None:
    """Do what record_fills does up to the fills being stored; the matching is rows 4 and 5."""
    from django.db import transaction

    from ledger import staging
    from ledger.actions import lock_accounts

    with transaction.atomic():
        lock_accounts({fill.account_id for fill in fills})
        staging.stage(fills, {fill.contract_id: True for fill in fills})
        staging.drop_repeats(fills)
        if staging.insert(books.AT)[0] != len(fills):
            raise AssertionError("rows were lost")


def _bulk_create(fills: list[Any]) -> None:
    from django.db import transaction

    from ledger.models import Fill

    with transaction.atomic():
        Fill.objects.bulk_create(
            [
                Fill(
                    account_id=fill.account_id, exec_id=fill.exec_id, root_exec_id=fill.exec_id,
                    leg_index=0, action=fill.action, kind=fill.kind, contract_id=fill.contract_id,
                    instrument_id=fill.instrument_id, side=fill.side, quantity=fill.quantity,
                    price=fill.price, executed_ns=fill.executed_ns, received_ns=fill.received_ns,
                    state="usable", stored_at=books.AT,
                )
                for fill in fills
            ],
            ignore_conflicts=True, batch_size=2_000,
        )  # fmt: skip


def _stored(count: int, stand: Stand) -> list[tuple[int, int, int]]:
    return books.fill_books(
        count, tell=lambda done: stand.say(f"storing fills: {done:,} of {count:,}")
    )
