"""Is a container's process well? Asked every few seconds, so without Django.

`python -m skyll.probe`, and behind it:

web       this machine's port answers
worker    the Celery node of that name answers
beat      the schedule moved in the last ten minutes
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from http.client import HTTPConnection

PATIENCE = 4.0  # seconds
LATEST_RUN = (
    "SELECT max(last_run_at) > now() - interval '10 minutes' "
    "FROM django_celery_beat_periodictask WHERE enabled"
)


def web() -> bool:
    """Ask by a name that is allowed; health answers without https."""
    asked = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=PATIENCE)
    asked.request("GET", "/health", headers={"Host": os.environ["ALLOWED_HOSTS"].split(",")[0]})
    return asked.getresponse().status == 200


def worker(node: str) -> bool:
    from celery import Celery

    from skyll.environment import redis_db

    app = Celery(broker=redis_db(os.environ["REDIS_URL"], 0, celery=True))
    app.conf.broker_connection_timeout = app.conf.redis_socket_timeout = PATIENCE
    return bool(app.control.ping(destination=[node], timeout=PATIENCE))


def beat() -> bool:
    """Its last runs are noted in the database, every three minutes at the latest."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=int(PATIENCE)) as database:
        row = database.execute(LATEST_RUN).fetchone()
        return bool(row and row[0])


PROBES: dict[str, Callable[..., bool]] = {"web": web, "worker": worker, "beat": beat}


def main(words: list[str]) -> int:
    try:
        return 0 if PROBES[words[0]](*words[1:]) else 1
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
