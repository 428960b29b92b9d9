"""What an import came to, in a few lines."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management.base import OutputWrapper

from ingestion.actions.files import Imported

MOST_REASONS = 20
MOST_LINES = 8
EACH = 1_000_000


def describe(name: str, done: Imported, what: str, *, dry_run: bool) -> str:
    """Return the figures of a file, then each reason with its count and lines."""
    figures = [
        f"{done.read} {what} read", f"{done.new} new", f"{done.duplicate} known already",
        f"{done.rejected} rejected",
    ]  # fmt: skip
    figures += [
        f"{number} {word}"
        for number, word in ((done.changed, "changed"), (done.waiting, "waiting"))
        if number
    ]
    if done.trades:
        figures.append(f"{done.trades} trades made or changed")
    lines = [f"{name}: {', '.join(figures)}{' (dry run: nothing is stored)' if dry_run else ''}"]
    for reason, count in done.reasons.most_common(MOST_REASONS):
        where = done.lines.get(reason, [])
        told = ", ".join(map(str, where[:MOST_LINES])) + (" ..." if len(where) > MOST_LINES else "")
        lines.append(f"  {count} x {reason}" + (f" (line {told})" if told else ""))
    if len(done.reasons) > MOST_REASONS:
        lines.append(f"  and {len(done.reasons) - MOST_REASONS} other reasons: see the quarantine")
    return "\n".join(lines)


def in_place(stream: OutputWrapper) -> Callable[[int], None]:
    """Return a counter: rewritten in place on a terminal, elsewhere a line for each million."""
    told = 0

    def show(rows: int) -> None:
        nonlocal told
        if stream.isatty():
            stream.write(f"\r{rows:,} rows", ending="")
            stream.flush()
        elif rows // EACH > told:
            told = rows // EACH
            stream.write(f"{rows:,} rows")

    return show
