"""A client that takes little of the processor, and what a server's processes take of it."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_MOST = 1 << 20  # bytes at once
_TAKEN = 0.3  # seconds in which connections are
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answered:
    """How many answers came in so many seconds, and the client's own time on the processor."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def ask(
    port: int, requests: Iterator[bytes], *, links: int, seconds: float,
    within: AbstractContextManager[None] | None = None,
) -> Answered:  # fmt: skip
    """Keep so many connections busy for so long; each asks again when it has its answer.

    within  entered once the server's processes have taken the connections
    """
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        busy: list[tuple[socket.socket, bytearray]] = []
        for _ in range(links):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.sendall(next(requests))
            busy.append((link, bytearray()))
            selector.register(link, selectors.EVENT_READ, busy[-1])
        if within is not None:
            time.sleep(_TAKEN)
            stack.enter_context(within)
        count, begun, cpu = 0, time.perf_counter(), time.thread_time()
        end = begun + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in selector.select(end - now):
                link, told = key.data
                told += link.recv(_MOST)
                if _is_whole(told):
                    told.clear()
                    count += 1
                    link.sendall(next(requests))
        found = Answered(count, time.perf_counter() - begun, time.thread_time() - cpu)
        for link, told in busy:
            while not _is_whole(told):  # the server is left with nothing to do
                told += link.recv(_MOST)
    return found


def _is_whole(told: bytearray) -> bool:
    head = told.find(_END)
    if head < 0:
        return False
    if not told.startswith(b"HTTP/1.1 200"):
        raise AssertionError(bytes(told[:400]))
    lines = bytes(told[:head]).lower()
    length = int(lines[lines.index(_LENGTH) + len(_LENGTH) :].split(b"\r\n", 1)[0])
    return len(told) >= head + len(_END) + length


def processor(pids: list[int]) -> float:
    """Return the seconds that these processes have had, and those of their children that ended."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def in_shares(pids: list[int], *, of: int, slice_: float = 0.005) -> Iterator[None]:
    """Let each process run one slice in so many, each in a slice of its own.

    So each has a part of a core to itself, as if there were as many cores as processes, where there
    are fewer.
    """
    over = threading.Event()

    def turn() -> None:
        while not over.is_set():
            for place in range(of):
                if place < len(pids):
                    os.kill(pids[place], signal.SIGCONT)
                time.sleep(slice_)
                if place < len(pids):
                    os.kill(pids[place], signal.SIGSTOP)

    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
