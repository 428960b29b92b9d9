"""No child outlives its parent, however the parent dies.

    python tether.py --parent PID [--signal NAME] [--user UID:GID] -- COMMAND ...

becomes COMMAND, tied to PID: the kernel sends it the signal when PID dies. Where the kernel has no
such service, this process stays in between and watches. Standard library only, and imports
nothing of ours: it runs before every server and must cost milliseconds.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

_PR_SET_PDEATHSIG = 1
_GLANCE = 0.2  # seconds between two looks at the parent, where the kernel does not tell
_GRACE = 30.0  # seconds that a watched command has to end before it is killed


def _ask_kernel(signum: int) -> bool:
    """Have `signum` sent to this process when its parent dies; False where that does not exist.

    A change of user clears the request, an ordinary exec keeps it, a fork does not inherit it.
    """
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (AttributeError, OSError):
        return False
    return bool(prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0) == 0)


def tie(signum: int = signal.SIGKILL, *, parent: int | None = None) -> None:
    """Tie this very process to its parent: for children that were forked, not executed."""
    parent = os.getppid() if parent is None else parent
    if not _ask_kernel(signum):
        threading.Thread(target=_watch, args=(signum, parent), daemon=True).start()
    if os.getppid() != parent:  # it died before the kernel was asked
        os.kill(os.getpid(), signum)


def _watch(signum: int, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os.kill(os.getpid(), signum)


def _stand_between(command: list[str], signum: int, parent: int) -> int:
    """Run `command` as a child, hand signals on to it, and end it when `parent` has gone."""
    child = subprocess.Popen(command)  # noqa: S603  the caller's own command

    def hand_on(received: int, _frame: FrameType | None) -> None:
        child.send_signal(received)

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(name, hand_on)
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(signum)
            try:
                child.wait(_GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
        time.sleep(_GLANCE)
    return child.returncode


def command(
    argv: list[str], *, signum: signal.Signals, user: tuple[int, int] | None = None
) -> list[str]:
    """Return the command line that runs `argv` tied to the calling process, as `user` if given."""
    wrapper = [sys.executable, "-I", "-S", __file__, "--parent", str(os.getpid())]
    wrapper += ["--signal", signum.name]
    if user is not None:
        wrapper += ["--user", f"{user[0]}:{user[1]}"]
    return [*wrapper, "--", *argv]


def main() -> int:
    words = argparse.ArgumentParser(prog="tether")
    words.add_argument("--parent", type=int, required=True)
    words.add_argument("--signal", default="SIGKILL")
    words.add_argument("--user")
    words.add_argument("command", nargs="+")
    asked = words.parse_args()
    signum = signal.Signals[asked.signal]
    if asked.user:
        uid, gid = (int(number) for number in asked.user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        os.environ["HOME"] = "/"
    tied = _ask_kernel(signum)
    if os.getppid() != asked.parent:
        return 1
    if tied:
        os.execvp(asked.command[0], asked.command)  # noqa: S606  becoming it is the purpose
    return _stand_between(asked.command, signum, asked.parent)


if __name__ == "__main__":
    sys.exit(main())
