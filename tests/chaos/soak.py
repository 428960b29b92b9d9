"""The long forms of the tests of faults: python -m tests.chaos.soak [PART ...] [options]

  replay    5,000 runs of 50 steps: any deliveries, corrections, crashes, against a clean replay
  kills     50 workers killed, 20 and more inside a transaction, under the full fault plan
  restarts  database, cache, broker, beat and workers killed, paused and restarted under requests
  load      50 requests a second for 10 minutes on 2 million fills; takes the options of bench.load

Without a PART all of them, one after the other; what fails does not stop the next one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

PARTS = ("replay", "kills", "restarts", "load")


def command_of(part: str, asked: argparse.Namespace, rest: list[str]) -> tuple[list[str], dict]:
    """Return the command of a part, and what it adds to the environment."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-s"]
    cores = os.cpu_count() or 1
    if part == "replay":
        given = {"RUNS": str(asked.runs), "PARTS": str(cores), "TELL": "1"}
        return [*pytest, "-n", str(cores), "tests/chaos/test_replay.py"], given
    if part == "kills":
        return [*pytest, "-n", "0", "tests/ingestion/test_crash.py"], {"KILLS": str(asked.kills)}
    if part == "restarts":
        return [sys.executable, "-m", "tests.chaos.restarts", "--times", str(asked.times)], {}
    return [sys.executable, "-m", "bench.load", *rest], {}


def main() -> int:
    words = argparse.ArgumentParser(
        prog="make soak ARGS=...", description=__doc__, epilog="other options go to bench.load",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    words.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    words.add_argument("--runs", type=int, default=5_000, help="of the replay (5000)")
    words.add_argument("--kills", type=int, default=50, help="of workers (50)")
    words.add_argument("--times", type=int, default=10, help="each thing is restarted (10)")
    asked, rest = words.parse_known_args()
    if unknown := set(asked.parts) - set(PARTS):
        words.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    parts = asked.parts or list(PARTS)
    if rest and "load" not in parts:
        words.error(f"only load takes {' '.join(rest)}")
    failed = []
    for part in parts:
        command, given = command_of(part, asked, rest)
        sys.stdout.write(f"== {part}: {' '.join(command[1:])}\n")
        sys.stdout.flush()
        begun = time.monotonic()
        code = subprocess.run(command, check=False, env={**os.environ, **given}).returncode
        verdict = "passed" if code == 0 else f"FAILED with exit code {code}"
        sys.stdout.write(f"== {part}: {verdict} after {time.monotonic() - begun:,.0f} s\n")
        failed += [part] * (code != 0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
