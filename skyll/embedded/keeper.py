"""The process that keeps one server while anybody uses it.

    python -m skyll.embedded.keeper postgres|valkey ROOM [--relaxed] [--throwaway]

Users hold the room's lock together; once the keeper gets it alone, nobody is left and it stops the
server. The kernel frees a dead user's lock, so a killed command leaves nothing running; a killed
keeper takes its server with it (`tether`), and the next keeper recovers. A server that dies under
its users is started again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from skyll.embedded.locks import Trouble
from skyll.embedded.postgres import Postgres
from skyll.embedded.server import Manner, Room, Server
from skyll.embedded.valkey import Valkey

SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "valkey": Valkey}
_GLANCE = 0.1


class _Asked(Exception):
    """Somebody sent the keeper a signal to stop."""


def _stop(_signum: int, _frame: FrameType | None) -> None:
    raise _Asked


def keep(server: Server, room: Room) -> None:
    """Run `server` until the last user of `room` has gone. The keeper's lock is held already."""
    try:
        server.start()
        room.announce(server.address())
        while not room.users.try_alone():
            if not server.alive():
                room.withdraw()
                sys.stderr.write(f"{server.name} died and is started again\n")
                server.start()
                room.announce(server.address())
            time.sleep(_GLANCE)
    except _Asked:
        pass
    finally:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_IGN)
        room.withdraw()
        server.stop()
        if server.manner.throwaway:
            server.discard()


def main() -> int:
    words = argparse.ArgumentParser(prog="keeper")
    words.add_argument("server", choices=SERVERS)
    words.add_argument("room", type=Path)
    words.add_argument("--relaxed", action="store_true")
    words.add_argument("--throwaway", action="store_true")
    asked = words.parse_args()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _stop)
    os.umask(0o022)
    room = Room(asked.room)
    try:
        if not room.keeper.alone(patience=2):
            return 0  # another one is keeping it
        room.withdraw()
        manner = Manner(durable=not asked.relaxed, throwaway=asked.throwaway)
        keep(SERVERS[asked.server](asked.room, manner), room)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except _Asked:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
