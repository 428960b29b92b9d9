"""What PostgreSQL and valkey have in common: a room, a process, a log, an address."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from skyll.embedded import places, tether
from skyll.embedded.locks import Lock, Trouble

_GLANCE = 0.03
_LOG_BYTES = 5_000_000  # a log longer than this starts anew
_RECOVERY = 300.0  # seconds that a server may take to recover from a crash
_ATTEMPTS = 4  # a dead postmaster's last children may hold its memory for a moment


@dataclass(frozen=True)
class Manner:
    """How a server is kept: `durable` syncs to disk, `throwaway` is removed after its last user."""

    durable: bool = True
    throwaway: bool = False


class Server(ABC):
    """One server on the data of one room, to be handled by the holder of the room's lock only."""

    name: ClassVar[str]
    variable: ClassVar[str]  # the environment variable that tells its address
    stops_with: ClassVar[signal.Signals]  # a clean and quick end
    gives_up_with: ClassVar[signal.Signals]  # an end that needs recovery

    def __init__(self, room: Path, manner: Manner) -> None:
        self.room = room
        self.manner = manner
        self.data = places.data_of(room)
        self.owner = places.Owner.of(self.data)
        self.sockets = room  # until start
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def address(self) -> str:
        """Return the value of the environment variable."""

    @abstractmethod
    def make(self) -> None:
        """Lay out the data directory, unless it is there, whole or not at all."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line of the server itself."""

    @abstractmethod
    def answers(self) -> bool:
        """Ask the server whether it takes requests."""

    def clear(self) -> None:  # noqa: B027  only PostgreSQL has something to clear
        """Remove what a crashed predecessor left in the way; see that it is really gone."""

    def start(self) -> None:
        """Start the server and wait until it answers, through a crash recovery if need be."""
        self.make()
        for attempt in range(_ATTEMPTS):
            self.clear()
            self.sockets = places.sockets_of(self.room, self.owner)
            self._process = self._run(self.command())
            if self._wait_for_answer():
                return
            time.sleep(attempt)
        raise Trouble(f"{self.name} does not start; its log ends with:\n{self.log_end()}")

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server, cleanly while patience lasts, and remove its sockets."""
        process, self._process = self._process, None
        if process is not None:
            for signum in (self.stops_with, self.gives_up_with, signal.SIGKILL):
                if process.poll() is None:
                    process.send_signal(signum)
                try:
                    process.wait(60.0 if signum is self.stops_with else 10.0)
                    break
                except subprocess.TimeoutExpired:
                    continue
        if self.sockets != self.room:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def discard(self) -> None:
        """Remove data, log and room for good."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.room, ignore_errors=True)
        with suppress(OSError):  # the other server's room may still be there
            self.room.parent.rmdir()

    @property
    def log(self) -> Path:
        return self.room / "log"

    def log_end(self, lines: int = 15) -> str:
        """Return the last lines of the log, for a message."""
        if not self.log.exists():
            return f"({self.log} is missing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _run(self, argv: list[str]) -> subprocess.Popen[bytes]:
        """Start `argv` tied to this process, out of reach of the terminal's Ctrl-C."""
        fresh = self.log.exists() and self.log.stat().st_size > _LOG_BYTES
        with self.log.open("wb" if fresh else "ab") as log:
            return subprocess.Popen(  # noqa: S603  our own command
                tether.command(argv, signum=self.stops_with, user=self.owner.switch),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
            )

    def _finish(self, argv: list[str]) -> None:
        """Run `argv` to its end; Trouble if it fails."""
        if self._run(argv).wait() != 0:
            raise Trouble(f"{Path(argv[0]).name} failed; its log ends with:\n{self.log_end()}")

    def _wait_for_answer(self) -> bool:
        end = time.monotonic() + _RECOVERY
        while self.alive() and time.monotonic() < end:
            if self.answers():
                return True
            time.sleep(_GLANCE)
        return False


class Room:
    """The files by which users and the keeper of one server find each other."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.users = Lock(directory / "users.lock")  # shared: I am using it; alone: nobody is
        self.entrance = Lock(directory / "entrance.lock")  # alone: I am seeing to its start
        self.keeper = Lock(directory / "keeper.lock")  # alone: I keep the server
        self._ready = directory / "ready"

    def announce(self, address: str) -> None:
        """Tell the users that the server answers at `address`."""
        half = self._ready.with_suffix(".half")
        half.write_text(json.dumps({"keeper": os.getpid(), "address": address}))
        half.replace(self._ready)

    def withdraw(self) -> None:
        self._ready.unlink(missing_ok=True)

    def address(self) -> str | None:
        """Return where the server answers, or None while it does not."""
        try:
            told = json.loads(self._ready.read_text())
            with suppress(PermissionError):  # another user's, but alive
                os.kill(told["keeper"], 0)
        except (FileNotFoundError, ProcessLookupError):
            return None
        return str(told["address"]) if self.keeper.is_held() else None
