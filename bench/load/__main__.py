"""python -m bench.load [--fills N] [--seconds N] [--rate N] [--json FILE] [--no-limits]

Starts servers of its own and the web server of the Procfile. The books are made once and kept in
.local/load-N (a few minutes for 2 million fills); times count from the moment a request was due.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from skyll.embedded import places, services
from skyll.embedded.server import Manner

WARMING = 0.2  # share of the time after which the server counts as warm
CACHE = 2


def say(sentence: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{sentence}")
    else:
        sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m bench.load", description="Load, steadily.")
    words.add_argument("--fills", type=int, default=2_000_000, help="in the books (2000000)")
    words.add_argument("--seconds", type=float, default=600, help="of load (600)")
    words.add_argument("--rate", type=float, default=50, help="requests a second (50)")
    words.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    words.add_argument("--no-limits", action="store_true", help="only wrong answers fail")
    asked = words.parse_args()
    home = places.local() / f"load-{asked.fills}"
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    # Every user may ask as often as the pace demands.
    os.environ.setdefault("REQUESTS_PER_DAY", "10000000")
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"  # of what makes the books; the server has its own
    with ExitStack() as stack:
        stack.enter_context(
            services.at_hand(home=home, manner=Manner(), servers=["postgres", "valkey"], say=say)
        )
        from bench.books import open_books

        open_books()
        return _load(asked, home)


def _load(asked: argparse.Namespace, home: Path) -> int:
    import redis
    from django.db import connection

    from bench.load import house
    from bench.load.drive import Drive
    from bench.load.figures import Figures, percentile
    from bench.load.mix import Mix
    from bench.load.server import memory, serve
    from skyll.environment import redis_db

    house.furnish(asked.fills, say)
    house.keep_up(say)
    with redis.Redis.from_url(redis_db(os.environ["REDIS_URL"], CACHE)) as cache:
        cache.flushdb()  # what an earlier run has left would be warm
    doors = house.open_doors(asked.fills)
    say(f"{len(doors.members)} log-ins, books up to {doors.last_day}")
    sizes: dict[str, dict[int, int]] = {}
    most: dict[str, int] = {}

    with serve(home / "logs", {"STATEMENT_TIMEOUT_MS": "60000"}) as web:
        sizes["start"] = memory(web.pids())
        mix, drive = Mix(doors), Drive(doors, web.port)
        drive.warm_up(mix.every())
        begun = time.monotonic()

        def tell(passed: float) -> None:
            if passed >= asked.seconds * WARMING:
                sizes.setdefault("warm", memory(web.pids()))
            if int(passed) % 10 == 0:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT coalesce(state, 'none'), count(*) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY 1"
                    )
                    for state, count in cursor.fetchall():
                        most[state] = max(most.get(state, 0), count)
                recent = sorted(one.seconds for one in drive.samples[-500:])
                say(
                    f"{passed:,.0f} of {asked.seconds:,.0f} s: {len(drive.samples):,} answers, "
                    f"p50 {percentile(recent, 50) * 1e3:,.0f}, "
                    f"p99 {percentile(recent, 99) * 1e3:,.0f} ms, "
                    f"{sum(bool(one.wrong) for one in drive.samples)} wrong"
                )

        drive.run(mix, rate=asked.rate, seconds=asked.seconds, tell=tell)
        sizes.setdefault("warm", sizes["start"])
        sizes["end"] = memory(web.pids())
        took = time.monotonic() - begun
    figures = Figures(drive.samples, sizes, most)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(f"{asked.rate:g} requests a second for {took:,.0f} s on {asked.fills:,} fills")
    print("\n".join(figures.lines()))
    if asked.json:
        asked.json.write_text(json.dumps(figures.as_json(), indent=2) + "\n")
    missed = figures.missed()
    if asked.no_limits:
        missed = [f"{len(figures.wrong)} wrong answers"] if figures.wrong else []
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
