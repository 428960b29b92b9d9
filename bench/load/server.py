"""The web server of the Procfile on a port of its own, and what its processes take."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from skyll.embedded import crew, places

_FIRST_ANSWER = 90.0  # seconds


class Web:
    """A running server."""

    def __init__(self, port: int, processes: crew.Crew) -> None:
        self.port, self._crew = port, processes

    def pids(self) -> list[int]:
        """Return the server's process and its workers."""
        process = self._crew.members[0].process
        return [] if process is None else family(process.pid)

    def log_end(self) -> str:
        return self._crew.members[0].log_end(40)


@contextmanager
def serve(logs: Path, environment: Mapping[str, str] | None = None) -> Iterator[Web]:
    """Run what the Procfile calls `web` until the block ends."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    given = {**os.environ, "PATH": path, "PORT": str(port), "LOG_LEVEL": "WARNING"}
    command = crew.read(places.ROOT / "Procfile")["web"]
    processes = crew.Crew({"web": command}, {**given, **(environment or {})}, logs)
    processes.start()
    web = Web(port, processes)
    try:
        _wait_for_answer(web)
        yield web
    finally:
        processes.stop()


def _wait_for_answer(web: Web) -> None:
    end = time.monotonic() + _FIRST_ANSWER
    while time.monotonic() < end:
        with suppress(OSError, http.client.HTTPException):
            if _answers(web.port):
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server does not answer; its log ends with:\n{web.log_end()}")


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asking:
        asking.request("GET", "/health")
        with asking.getresponse() as answer:
            return answer.status == 200


def family(pid: int) -> list[int]:
    """Return a process and all below it, older ones first."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += family(int(child))
    return found


def memory(pids: list[int]) -> dict[int, int]:
    """Return the resident bytes of each process that is there."""
    found = {}
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[pid] = pages * os.sysconf("SC_PAGE_SIZE")
    return found
