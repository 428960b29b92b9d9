"""python -m skyll.embedded run | apart [--durable] COMMAND ... | reset"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

from skyll.embedded import places, services
from skyll.embedded.keeper import SERVERS
from skyll.embedded.locks import Lock, Trouble


def reset() -> None:
    """Remove everything that is kept on this machine, unless something uses it."""
    local = places.local()
    if not local.exists():
        services.say_on_stderr("Nothing to remove")
        return
    rooms = [local / name for name in SERVERS if (local / name).exists()]
    locks = [Lock(local / "run.lock"), *(Lock(room / "users.lock") for room in rooms)]
    if not all(lock.try_alone() for lock in locks):
        raise Trouble(f"{local} is in use: stop `make run` or the command that uses it first")
    for room in rooms:
        data = places.data_of(room)
        for directory in (data, data.with_name(f"{data.name}.new")):  # half made, if killed then
            shutil.rmtree(directory, ignore_errors=True)
    for entry in local.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "run.lock":
            entry.unlink()
    for lock in locks:
        lock.release()
    services.say_on_stderr(f"{local} is empty")


def apart(command: list[str], *, durable: bool) -> int:
    """Run `command` with servers of its own on empty data; return its exit code."""
    servers = services.missing()
    with services.apart(durable=durable, servers=servers):
        child = subprocess.Popen(command)  # noqa: S603  the caller's own command
        for signum in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda received, _: child.send_signal(received))
        while True:
            with suppress(KeyboardInterrupt):  # Ctrl-C reaches the child by itself
                return child.wait()


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m skyll.embedded")
    deeds = words.add_subparsers(dest="deed", required=True)
    run_words = deeds.add_parser("run", help="everything, until Ctrl-C")
    run_words.add_argument("--tied", action="store_true", help="end when the caller dies")
    deeds.add_parser("reset", help="remove all data")
    apart_words = deeds.add_parser("apart", help="a command with servers of its own")
    apart_words.add_argument("--durable", action="store_true", help="sync to disk as in earnest")
    apart_words.add_argument("command", nargs=argparse.REMAINDER)
    asked = words.parse_args()
    try:
        if asked.deed == "reset":
            reset()
            return 0
        if asked.deed == "apart":
            return apart(asked.command, durable=asked.durable)
        from skyll.embedded import run  # needs more packages than the others

        return run.main(tied=asked.tied)
    except Trouble as trouble:
        services.say_on_stderr(str(trouble))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
