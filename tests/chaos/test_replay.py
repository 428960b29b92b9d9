"""Replay equality: whatever was delivered how, the books are those of a clean desk.

`make soak ARGS=replay` is the long form.
"""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test as run

from tests.chaos.machine import Chaos

# RUNS=5000 PARTS=2: so many in all, in so many parts, which xdist hands to as many processes.
RUNS = int(os.environ.get("RUNS", "200"))
STEPS = 50
TELLS = "TELL" in os.environ  # how far it is
PARTS = int(os.environ.get("PARTS", "4"))
# Faults planted by hand want to be found, not to be made small.
PHASES = (Phase.generate,) if "NOSHRINK" in os.environ else tuple(Phase)


# Each run is a transaction of its own, undone at its end: what one leaves in the catalogue would
# slow down the next ones within the same transaction.
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_are_those_of_a_clean_desk(part):
    begun, number = time.monotonic(), count(1)

    def desk() -> Chaos:
        if TELLS and (n := next(number)) % 50 == 0:
            told = (
                f"part {part}: {n:,} of {RUNS // PARTS:,} runs, {time.monotonic() - begun:,.0f} s"
            )
            Path("/dev/stderr").write_text(f"{told}\n")  # xdist keeps what workers print
        return Chaos()

    run(
        desk,
        settings=settings(
            max_examples=RUNS // PARTS, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=True,
            phases=PHASES,
        ),
    )  # fmt: skip
