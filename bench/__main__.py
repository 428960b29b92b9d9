"""python -m bench [ROW ...] [--size small|1x|10x] [--runs N] [--json FILE] [--beside FILE]"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from bench.frame import Line, Row, Size, Stand, all_rows

COLUMNS = "{:>6}  {:<66}  {:>14}  {:>14}  {:>9}  {:>9}  {:>6}  {}"
HEAD = ("row", "what", "ours", "reference", "ratio", "target", "growth", "")
Before = dict[tuple[str, int], float]  # seconds of each row's lines


def main() -> int:
    rows = all_rows()
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure against targets: every row beside its reference, in turn.",
        epilog="growth: ours here / ours in the run that --beside names. A run of 1x and one of 10x"
        " side by side: make bench ARGS='--json one.json', then make bench SIZE=10x"
        " ARGS='--beside one.json'",
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

    chosen = [rows[key] for key in args.rows or rows]
    before = _before(args.beside)
    print(COLUMNS.format(*HEAD).rstrip())
    measured = [
        (row, line) for row in chosen for line in _measure(row, args.size, args.runs, before)
    ]
    if args.json:
        args.json.write_text(_as_json(measured, args.size, args.runs))
    missed = sum(line.verdict == "MISSED" for _, line in measured)
    if missed:
        print(f"{missed} of {len(measured)} missed")
    return 1 if missed and args.strict else 0


def _measure(row: Row, size: Size, runs: int, before: Before) -> list[Line]:
    stand = Stand(size, runs)
    stand.say(f"row {row.key}: {row.title}")
    lines: list[Line] = []
    for line in row.measure(stand):
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        target = str(line.target or "")
        then = before.get((row.key, len(lines)))
        growth = f"{line.seconds / then:,.2f}x" if then and line.seconds else ""
        ratio = f"{line.ratio:,.2f}x"
        print(
            COLUMNS.format(
                row.key, line.what, line.ours, line.reference, ratio, target, growth, line.verdict
            ).rstrip(),
            flush=True,
        )
        lines.append(line)
    return lines


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


def _as_json(measured: list[tuple[Row, Line]], size: Size, runs: int) -> str:
    lines = [{"row": row.key, **asdict(line), "verdict": line.verdict} for row, line in measured]
    return json.dumps({"size": size, "runs": runs, "lines": lines}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
