"""Reading a window of fills whole, all its pages, whatever its size."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ingestion.poll.windows import HOUR, MOST_ROWS, SECOND
from ingestion.providers.base import (
    Fill,
    Misfit,
    Provider,
    ProviderDown,
    StampFull,
    WindowTooLarge,
)

NONE: frozenset[int] = frozenset()


class Crowded(Exception):
    """The window holds more rows than are read at once: take a smaller one."""


@dataclass(slots=True)
class Read:
    """Everything that the provider said of one window."""

    fills: list[Fill] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    halved: bool = False

    @property
    def rows(self) -> int:
        return len(self.fills) + len(self.misfits)

    def newest_ns(self, since_ns: int, until_ns: int) -> int | None:
        """Return the newest receive stamp inside the window."""
        stamps = (fill.recv_time_ns for fill in self.fills)
        return max((at for at in stamps if since_ns <= at <= until_ns), default=None)


def read_window(
    provider: Provider, since_ns: int, until_ns: int, *, past: Collection[int] = NONE
) -> Read:
    """Return all fills that were received in the window, ends included.

    Where the provider finds it too large, both halves are read instead. Crowded when it holds far
    more rows than a window should. StampFull where one stamp has more fills than are told.

    past  such stamps that an operator lets be read past: what is told of them is taken, and that
          there may be more comes back among the misfits
    """
    read = Read()
    _read(provider, since_ns, until_ns, read, until_ns - since_ns, past)
    return read


def _read(
    provider: Provider,
    since_ns: int,
    until_ns: int,
    read: Read,
    whole_ns: int,
    past: Collection[int],
) -> None:
    before = len(read.fills), len(read.misfits)
    cursor: str | None = None
    try:
        while True:
            page = provider.list_fills(since_ns, until_ns, cursor)
            read.fills += page.items
            read.misfits += page.misfits
            if read.rows > 2 * MOST_ROWS and whole_ns > 2 * HOUR:
                raise Crowded
            if page.next_cursor is None:
                return
            cursor = page.next_cursor
    except StampFull as full:
        if full.stamp_ns not in past:
            raise
        # What was read of the whole is read again before the stamp, and on behind it.
        del read.fills[before[0] :], read.misfits[before[1] :]
        read.fills += full.page.items
        read.misfits += [*full.page.misfits, _gap(full)]
        for since, until in ((since_ns, full.stamp_ns - 1), (full.stamp_ns + 1, until_ns)):
            if since <= until:
                _read(provider, since, until, read, whole_ns, past)
        return
    except WindowTooLarge:
        if until_ns - since_ns < SECOND:
            raise ProviderDown("the provider finds even one second of fills too large") from None
    # What was read of the whole is read again in its halves.
    del read.fills[before[0] :], read.misfits[before[1] :]
    read.halved = True
    middle = (since_ns + until_ns) // 2
    _read(provider, since_ns, middle, read, whole_ns, past)
    _read(provider, middle + 1, until_ns, read, whole_ns, past)


def _gap(full: StampFull) -> Misfit:
    """Return what stays in the quarantine until an operator has looked."""
    return Misfit(
        {"timeStamp": str(full.stamp_ns), "rows": len(full.rows)},
        f"fills may be missing: the stamp {full.stamp_ns} was read past, of which "
        f"{len(full.rows)} are told; compare that second with the provider's own export",
    )
