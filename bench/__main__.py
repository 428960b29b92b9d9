"""python -m bench [ROW ...] [--size small|1x|10x] [--runs N] [--json FILE] [--strict]"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.frame import Line, Row, Size, Stand, all_rows

COLUMNS = "{:>6}  {:<58}  {:>14}  {:>14}  {:>9}  {:>9}  {}"


def main() -> int:
    rows = all_rows()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against targets.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(rows)}; else all")
    parser.add_argument("--size", type=Size, choices=list(Size), default=Size.ONE)
    parser.add_argument("--runs", type=int, default=5, help="the median of so many (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--strict", action="store_true", help="a missed target fails the command")
    args = parser.parse_args()
    if unknown := set(args.rows) - set(rows):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(rows)}")
    if args.runs < 1:
        parser.error("--runs must be at least 1")

    chosen = [rows[key] for key in args.rows or rows]
    print(COLUMNS.format("row", "what", "ours", "reference", "ratio", "target", "").rstrip())
    measured = [(row, line) for row in chosen for line in _measure(row, args.size, args.runs)]
    if args.json:
        args.json.write_text(_as_json(measured, args.size, args.runs))
    missed = sum(line.verdict == "MISSED" for _, line in measured)
    if missed:
        print(f"{missed} of {len(measured)} missed")
    return 1 if missed and args.strict else 0


def _measure(row: Row, size: Size, runs: int) -> list[Line]:
    stand = Stand(size, runs)
    stand.say(f"row {row.key}: {row.title}")
    lines = []
    for line in row.measure(stand):
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        target = str(line.target or "")
        ratio = f"{line.ratio:,.2f}x"
        print(
            COLUMNS.format(
                row.key, line.what, line.ours, line.reference, ratio, target, line.verdict
            ).rstrip(),
            flush=True,
        )
        lines.append(line)
    return lines


def _as_json(measured: list[tuple[Row, Line]], size: Size, runs: int) -> str:
    lines = [{"row": row.key, **asdict(line), "verdict": line.verdict} for row, line in measured]
    return json.dumps({"size": size, "runs": runs, "lines": lines}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
