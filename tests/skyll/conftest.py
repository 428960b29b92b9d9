"""Servers apart from those of the test run, and the processes that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import environ
import psycopg
import pytest

from skyll.embedded import places

USER = """
import os, sys
from pathlib import Path
from skyll.embedded import services
home, *servers = sys.argv[1:]
with services.at_hand(home=Path(home), servers=servers):
    print(os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL"), flush=True)
    sys.stdin.read()
"""


class User:
    """A process that has servers at hand until it is told to go."""

    def __init__(self, home: Path, *servers: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home), *servers],
            cwd=places.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.database_url, self.redis_url = self.process.stdout.readline().split()

    def sql(self, statement: str) -> list[tuple]:
        parts = environ.Env.db_url_config(self.database_url)
        with psycopg.connect(
            host=parts["HOST"], user=parts["USER"], dbname=parts["NAME"], autocommit=True
        ) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []

    def go(self) -> None:
        self.process.communicate(timeout=60)

    def die(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home():
    """A directory for servers that the user they run as can reach."""
    directory = places.local() / "apart" / f"launcher-{uuid4().hex[:8]}"
    directory.mkdir(parents=True)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def use(home):
    """Start a user of the servers at `home`; the survivors go at the end of the test."""
    with ExitStack() as stack:

        def start(*servers: str) -> User:
            user = User(home, *servers)
            stack.callback(lambda: user.process.poll() is None and user.die())
            return user

        yield start
    assert gone(lambda: processes_on(home))


def processes_on(home: Path) -> list[str]:
    """Return the command lines of all processes that name or work in `home`, users excepted."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            works_in = os.readlink(process / "cwd")
        except OSError:
            continue
        ours = os.fsencode(home) in words or works_in.startswith(str(home))
        if ours and b"sys.stdin.read" not in words:
            found.append(words.replace(b"\0", b" ").decode())
    return found


def gone(look: Callable[[], object], seconds: float = 15) -> bool:
    """Wait until `look` finds nothing."""
    end = time.monotonic() + seconds
    while look():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
