"""The process manager of `make run`: the lines of the Procfile, tied to this process.

Unlike the usual runners of Procfiles it starts a dead process again instead of ending all, and
ties every process to itself by the kernel, so that none is left when it is killed. What they say
goes to one log each.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from skyll.embedded import places, tether
from skyll.embedded.locks import Trouble

_GRACE = 5.0  # seconds between asking a process to end and killing it; nothing is lost by it
_SHORT = 15.0  # a process that ends sooner has failed to start
_MOST_FAILURES = 3
_LOG_BYTES = 20_000_000


def read(procfile: Path) -> dict[str, str]:
    """Return name -> command of a Procfile."""
    lines = (line.strip() for line in procfile.read_text().splitlines())
    pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in pairs}


@dataclass
class Member:
    """One process of the crew and its log."""

    name: str
    command: str
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0  # short lives in a row
    next_start: float = field(default=0.0)

    def start(self, environment: Mapping[str, str]) -> None:
        shell = ["/bin/sh", "-c", f"exec {self.command}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  a line of our Procfile
                tether.command(shell, signum=signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=places.ROOT,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the manager, which stops them in turn
            )
        self.started = time.monotonic()

    def signal(self, signum: signal.Signals, *, group: bool = False) -> None:
        if self.process is not None and (group or self.process.poll() is None):
            with suppress(ProcessLookupError, PermissionError):
                (os.killpg if group else os.kill)(self.process.pid, signum)

    def log_end(self, lines: int = 12) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def shorten_log(self) -> None:
        """Put a long log aside; the process goes on writing at the new beginning."""
        if self.log.stat().st_size > _LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)


class Crew:
    """All processes: start, tend again and again, stop."""

    def __init__(
        self, commands: Mapping[str, str], environment: Mapping[str, str], logs: Path
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._environment = environment
        self.members = [Member(name, line, logs / f"{name}.log") for name, line in commands.items()]

    def start(self, *names: str) -> None:
        """Start the processes of these names, or all that do not run yet."""
        for member in self.members:
            if member.process is None and (not names or member.name in names):
                member.log.write_bytes(b"")
                member.start(self._environment)

    def tend(self) -> list[str]:
        """Start what has died again; return a sentence for each. Trouble if that is no use."""
        news = []
        for member in self.members:
            if member.started == 0:
                continue
            member.shorten_log()
            if member.process is None:
                if time.monotonic() >= member.next_start:
                    member.start(self._environment)
            elif (code := member.process.poll()) is not None:
                news.append(self._mourn(member, code))
        return news

    def _mourn(self, member: Member, code: int) -> str:
        member.signal(signal.SIGKILL, group=True)  # its own children, if any are left
        lived = time.monotonic() - member.started
        member.failures = member.failures + 1 if lived < _SHORT else 0
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        if member.failures >= _MOST_FAILURES:
            raise Trouble(
                f"{member.name} ended {how}, {member.failures} times at its start; its log ends "
                f"with:\n{member.log_end()}"
            )
        member.process = None
        member.next_start = time.monotonic() + member.failures
        return f"{member.name} ended {how} and is started again; see {member.log}"

    def stop(self) -> None:
        """Ask all to end, but the first, on which the others lean, after them; kill what stays."""
        for some in (self.members[1:], self.members[:1]):
            for member in some:
                member.signal(signal.SIGTERM)
            end = time.monotonic() + _GRACE
            for member in some:
                if member.process is not None:
                    with suppress(subprocess.TimeoutExpired):
                        member.process.wait(max(0.0, end - time.monotonic()))
        self.kill()

    def kill(self) -> None:
        for member in self.members:
            member.signal(signal.SIGKILL, group=True)
            if member.process is not None:
                member.process.wait()
