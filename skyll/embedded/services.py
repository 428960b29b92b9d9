"""What a command asks for: PostgreSQL and valkey at hand, as long as it runs.

A variable that is set (DATABASE_URL, REDIS_URL, in the environment or in .env) means that the
server is somebody else's business.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import environ

from skyll.embedded import places
from skyll.embedded.keeper import SERVERS
from skyll.embedded.locks import Trouble
from skyll.embedded.server import Manner, Room

_STOPPING = 90.0  # seconds that the previous keeper may take to stop
_STARTING = 400.0  # seconds for initdb or a crash recovery
_GLANCE = 0.03

Say = Callable[[str], None]


def say_on_stderr(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


class Hold:
    """One user's claim on one server: `take`, `wait` for the address, `release`."""

    def __init__(self, server: str, home: Path, manner: Manner) -> None:
        self.server = server
        self.room = Room(home / server)
        self._manner = manner
        self._keeper: subprocess.Popen[bytes] | None = None

    def take(self) -> bool:
        """Claim the server, starting its keeper if none lives; True if one was started."""
        self.room.directory.mkdir(parents=True, exist_ok=True)
        if not self.room.users.shared(_STOPPING):
            raise Trouble(f"{self.room.directory} is locked by something that does not end")
        # With the claim held no keeper can stop; at the entrance only one of us starts one.
        if not self.room.entrance.alone(_STARTING):
            raise Trouble(f"{self.room.directory} is being started by something that hangs")
        if not self.room.keeper.is_held():
            self._keeper = self._start_keeper()
        return self._keeper is not None

    def wait(self) -> str:
        """Return the server's address once it answers."""
        end = time.monotonic() + _STARTING
        while (address := self.room.address()) is None:
            if self._keeper is not None and self._keeper.poll() is not None:
                raise Trouble(self._last_words())
            if time.monotonic() > end:
                raise Trouble(f"{self.server} does not answer: see {self.room.directory / 'log'}")
            time.sleep(_GLANCE)
        self.room.entrance.release()
        return address

    def release(self) -> None:
        """Give the claim up; if it was the last one, wait until the server has stopped."""
        self.room.entrance.release()
        self.room.users.release()
        end = time.monotonic() + _STOPPING
        while self._lives() and time.monotonic() < end:
            if self._has_other_users():
                # Looked at twice: a keeper that has just found itself alone holds the users' lock
                # for a moment before it withdraws its address.
                time.sleep(_GLANCE * 10)
                if self._lives() and self._has_other_users():
                    break
            time.sleep(_GLANCE)
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.returncode = 0  # it lives on for others, and is nobody's child to reap

    def _lives(self) -> bool:
        if self._keeper is not None:
            return self._keeper.poll() is None
        return self.room.keeper.is_held()

    def _has_other_users(self) -> bool:
        return self.room.address() is not None and self.room.users.is_held()

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        self.room.withdraw()
        manner = ["--relaxed"] * (not self._manner.durable)
        manner += ["--throwaway"] * self._manner.throwaway
        where = [self.server, str(self.room.directory)]
        with (self.room.directory / "keeper.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "skyll.embedded.keeper", *where, *manner],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=places.ROOT,
                start_new_session=True,
            )

    def _last_words(self) -> str:
        try:
            return (self.room.directory / "keeper.log").read_text(errors="replace").strip()
        except FileNotFoundError:
            return f"{self.server} did not start"


def missing() -> list[str]:
    """Return the servers that the environment does not name."""
    environ.Env.read_env(places.ROOT / ".env")
    return [name for name, server in SERVERS.items() if not os.environ.get(server.variable)]


@contextmanager
def at_hand(
    *,
    home: Path | None = None,
    manner: Manner | None = None,
    servers: list[str] | None = None,
    say: Say | None = None,
) -> Iterator[None]:
    """Have the missing servers running and named in the environment while the block runs.

    home     where their rooms are; the local directory by default
    servers  which ones, instead of the missing ones
    say      gets a sentence if something has to be started
    """
    names = missing() if servers is None else servers
    before = {SERVERS[name].variable: os.environ.get(SERVERS[name].variable) for name in names}
    with ExitStack() as stack:
        holds = [Hold(name, home or places.local(), manner or Manner()) for name in names]
        for hold in holds:
            stack.callback(hold.release)
        started = [SERVERS[hold.server].name for hold in holds if hold.take()]
        if started and say is not None:
            say(f"Starting the embedded {' and '.join(started)}")
        for hold in holds:
            os.environ[SERVERS[hold.server].variable] = hold.wait()
        try:
            yield
        finally:
            for variable, value in before.items():
                if value is None:
                    os.environ.pop(variable, None)
                else:
                    os.environ[variable] = value


@contextmanager
def apart(*, durable: bool, servers: list[str] | None = None) -> Iterator[None]:
    """Have servers of one's own, on empty data that goes when the block ends."""
    home = places.local() / "apart" / uuid4().hex[:8]
    manner = Manner(durable=durable, throwaway=True)
    try:
        with at_hand(home=home, manner=manner, servers=servers):
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)
