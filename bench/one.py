"""python -m bench.one ROW --size SIZE --runs N: one row, each of its lines as JSON.

The row `year` measures nothing: it makes the desk that others read.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from bench.frame import Size, Stand, all_rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.one")
    parser.add_argument("row")
    parser.add_argument("--size", type=Size, required=True)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    if args.row == "year":
        from bench import group  # needs Django, which no other row need load here

        group.year(Stand(args.size))
        return
    row = all_rows()[args.row]
    stand = Stand(args.size, args.runs)
    stand.say(f"row {row.key}: {row.title}")
    for line in row.measure(stand):
        print(json.dumps(asdict(line)), flush=True)


if __name__ == "__main__":
    main()
