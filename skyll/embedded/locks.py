"""Who is alive. The kernel drops a lock with its holder, so a stale one cannot exist."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType


class Trouble(Exception):
    """An embedded server cannot be had; the message is a sentence for a person."""


class Lock:
    """A lock file: shared by many users, or held by one; never deleted, so never ambiguous."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def try_alone(self) -> bool:
        """Take the lock for oneself if nobody holds it."""
        return self._take(fcntl.LOCK_EX, 0)

    def alone(self, patience: float) -> bool:
        """Take the lock for oneself, waiting up to `patience` seconds."""
        return self._take(fcntl.LOCK_EX, patience)

    def shared(self, patience: float) -> bool:
        """Take the lock beside others, waiting up to `patience` seconds for a single holder."""
        return self._take(fcntl.LOCK_SH, patience)

    def is_held(self) -> bool:
        """Say whether anybody holds the lock just now."""
        if not self.path.parent.exists():
            return False
        probe = Lock(self.path)
        free = probe.try_alone()
        probe.release()
        return not free

    def note(self, text: str) -> None:
        """Write into the file who holds it, for the sentence that a second comer gets."""
        self.path.write_text(text)

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _take(self, kind: int, patience: float) -> bool:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        end = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(fd, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    os.close(fd)
                    return False
                time.sleep(0.05)
            else:
                self.release()
                self._fd = fd
                return True

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
