"""Row 2: matching against the library that people take for it, pyfolio."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.fills import desk
from bench.frame import Line, Stand, at_least, row
from calc.matching import Fills, match

PEER = Path(__file__).parents[1] / "peer"
VENV = PEER / "made"
BIN = Path(sys.executable).parent
NANO = 1_000_000_000
PEER_RUNS = 3  # half a minute each


@row("2", "matching against pyfolio's extract_round_trips", size="40,000 fills")
def round_trips(stand: Stand) -> Iterator[Line]:
    fills = _flat_at_the_end(desk(stand.count(40_000)))
    count = len(fills.group)
    _install(stand)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fills.npz"
        np.savez(
            file, group=fills.group, signed=fills.signed, price=fills.price / NANO,
            at=fills.day * 86_400 + np.arange(count) % 86_400,
        )  # fmt: skip
        theirs = []
        for n in range(1, min(stand.runs, PEER_RUNS) + 1):
            stand.say(f"pyfolio, run {n} of {min(stand.runs, PEER_RUNS)}")
            theirs.append(_pyfolio(file))
    points = int(match(fills).parts.gross_points.sum()) / NANO
    if not math.isclose(points, theirs[0]["pnl"], rel_tol=1e-9):
        raise AssertionError(f"ours say {points}, pyfolio says {theirs[0]['pnl']}")
    ours = stand.alone("ours", lambda: match(fills))
    reference = median(one["seconds"] for one in theirs)
    yield Line(
        f"matching, {count:,} fills: pyfolio / kernel",
        f"{ours * 1e3:,.1f} ms", f"{reference:,.1f} s", reference / ours, at_least(2_000),
        ours,
    )  # fmt: skip


def _flat_at_the_end(fills: Fills) -> Fills:
    """Leave out what each group has still open: of that the two realise different lots."""
    cycles = match(fills).cycles
    end = np.full(int(fills.group[-1]) + 1, -1)
    np.maximum.at(end, fills.group[cycles.last[cycles.closed]], cycles.last[cycles.closed])
    # A fill that turns a position closes one trade and opens the next: what it opened is not flat.
    kept = np.arange(len(fills.group)) <= end[fills.group]
    left = np.where(kept, fills.signed, 0)
    over = np.zeros(len(end), np.int64)
    np.add.at(over, fills.group, left)
    signed = fills.signed.copy()
    has = end >= 0
    signed[end[has]] -= over[has]
    return Fills(
        fills.group[kept], signed[kept], fills.price[kept], fills.fees[kept], fills.day[kept]
    )


def _install(stand: Stand) -> None:
    """Make the peer's environment from its lock file, once."""
    wanted, done = PEER / "requirements.txt", VENV / "installed"
    if done.exists() and done.stat().st_mtime > wanted.stat().st_mtime:
        return
    stand.say("installing pyfolio, once, in an environment of its own")
    uv = str(BIN / "uv")
    _run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(VENV)])
    python = str(VENV / "bin" / "python")
    _run([uv, "pip", "sync", "-q", "--python", python, "--require-hashes", str(wanted)])
    done.touch()


def _pyfolio(file: Path) -> dict[str, Any]:
    said = _run([str(VENV / "bin" / "python"), str(PEER / "round_trips.py"), str(file)])
    answer: dict[str, Any] = json.loads(said)
    return answer


def _run(command: list[str]) -> str:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "MPLBACKEND": "Agg"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed:\n{done.stderr}")
    return done.stdout
