"""python -m bench [ROW ...] [--size small|1x|10x] [--runs N] [--json FILE] [--beside FILE]

Each row runs in a process of its own, with servers of its own where the environment names none: no
row finds data, caches or memory that another one left. The desk that four rows read is made once,
and copied for each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.frame import Line, Row, Size, Target, all_rows
from bench.servers import Year, year

COLUMNS = "{:>6}  {:<66}  {:>14}  {:>14}  {:>9}  {:>9}  {:>6}  {}"
HEAD = ("row", "what", "ours", "reference", "ratio", "target", "growth", "")
Before = dict[tuple[str, int], float]  # seconds of each row's lines


def main() -> int:
    rows = all_rows()
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure against targets: every row beside its reference, in turn.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_explained(rows),
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(rows)}; else all")
    parser.add_argument(
        "--size", type=Size, choices=list(Size), default=Size.ONE, help="how much data (1x)"
    )
    parser.add_argument("--runs", type=int, default=5, help="the median of so many (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--beside", type=Path, metavar="FILE", help="such a file of another size")
    parser.add_argument("--strict", action="store_true", help="a missed target fails the command")
    args = parser.parse_args()
    if unknown := set(args.rows) - set(rows):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(rows)}")
    if args.runs < 1:
        parser.error("--runs must be at least 1")
    if args.beside and not args.beside.is_file():
        parser.error(f"--beside {args.beside}: no such file; --json of another run makes one")

    before = _before(args.beside)
    print(COLUMNS.format(*HEAD).rstrip())
    measured: list[tuple[str, Line]] = []
    failed: list[str] = []
    wanted = [rows[key] for key in args.rows or rows]
    alone = dict(os.environ)  # before the desk's servers are named there
    with year(args.size, rows=sum(row.year for row in wanted)) as desk:
        for row in wanted:
            told = _told(row, args.size, args.runs, desk if row.year else None, alone)
            try:
                for number, line in enumerate(told):
                    _print(row.key, line, before.get((row.key, number)))
                    measured.append((row.key, line))
            except (Failed, subprocess.CalledProcessError):
                failed.append(row.key)
    if args.json:
        args.json.write_text(_as_json(measured, args.size, args.runs))
    missed = sum(line.verdict == "MISSED" for _, line in measured)
    if missed:
        print(f"{missed} of {len(measured)} missed")
    if failed:
        print(f"could not be measured: {', '.join(failed)}")
    return 1 if failed or (missed and args.strict) else 0


def _explained(rows: dict[str, Row]) -> str:
    """Return what the rows are and what sizes and growth mean."""
    lines = [
        f"  {row.key:7} {row.title}{f' (1x: {row.size})' if row.size else ''}"
        for row in rows.values()
    ]
    return "\n".join([
        "rows, and what of them a size multiplies:", *lines, "",
        "A reference that takes longer than half a minute is run once. At 10x the lines that",
        "themselves compare ten times the data with one are left out: the column growth is ours",
        "here / ours in the run that --beside names.",
        "",
        "  make bench ARGS='--json one.json'",
        "  make bench SIZE=10x ARGS='--beside one.json'",
    ])  # fmt: skip


class Failed(Exception):
    """A row ended with an error, which it has told."""


def _told(
    row: Row, size: Size, runs: int, desk: Year | None, alone: dict[str, str]
) -> Iterator[Line]:
    """Run a row by itself; tell each of its lines as it comes.

    alone  the environment of one that needs no desk: it must not find the desk's servers
    """
    command = [
        sys.executable, "-m", "bench.one", row.key, "--size", size, "--runs", str(runs),
    ]  # fmt: skip
    if desk is None:
        command[1:1] = ["-m", "skyll.embedded", "apart", "--durable", sys.executable]
    with (
        desk.copied() if desk else nullcontext(),
        subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ if desk else alone
        ) as process,
    ):
        for told in process.stdout or ():
            yield _line(json.loads(told))
    if process.returncode:
        raise Failed(row.key)


def _line(told: dict[str, Any]) -> Line:
    target = told.pop("target")
    return Line(**told, target=Target(**target) if target else None)


def _print(key: str, line: Line, then: float | None) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    growth = f"{line.seconds / then:,.2f}x" if then and line.seconds else ""
    cells = (
        key, line.what, line.ours, line.reference, f"{line.ratio:,.2f}x", str(line.target or ""),
        growth, line.verdict,
    )  # fmt: skip
    print(COLUMNS.format(*cells).rstrip(), flush=True)


def _before(file: Path | None) -> Before:
    """Return what ours took in another run; a line is known by its place in its row."""
    seen: Counter[str] = Counter()
    found: Before = {}
    for line in json.loads(file.read_text())["lines"] if file else ():
        key = line["row"]
        if line["seconds"]:
            found[key, seen[key]] = line["seconds"]
        seen[key] += 1
    return found


def _as_json(measured: list[tuple[str, Line]], size: Size, runs: int) -> str:
    lines = [{"row": key, **asdict(line), "verdict": line.verdict} for key, line in measured]
    return json.dumps({"size": size, "runs": runs, "lines": lines}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
