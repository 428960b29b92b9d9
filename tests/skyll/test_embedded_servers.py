"""PostgreSQL and valkey start, serve, stop with their last user, and survive every crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import redis

from skyll.embedded.locks import Trouble
from skyll.embedded.server import Manner
from skyll.embedded.services import Hold
from tests.skyll.conftest import gone, processes_on


def keeper_of(home: Path, server: str) -> int:
    told = (home / server / "ready").read_text()
    return int(told.split(":")[1].split(",")[0])


def test_rows_stay_when_the_last_user_goes_and_another_comes(use, home):
    first = use("postgres", "valkey")
    first.sql("CREATE TABLE fills (price bigint)")
    first.sql("INSERT INTO fills VALUES (-37630000000)")
    redis.from_url(first.redis_url, db=2).set("key", "value")
    assert len(processes_on(home)) >= 4  # two servers, two keepers

    first.go()
    assert processes_on(home) == []

    second = use("postgres", "valkey")
    assert second.sql("SELECT * FROM fills") == [(-37630000000,)]
    assert second.sql("SHOW listen_addresses") == [("",)]


def test_servers_stay_while_a_second_user_is_left(use, home):
    first = use("postgres")
    second = use("postgres")
    assert first.database_url == second.database_url

    first.go()
    assert second.sql("SELECT 1") == [(1,)]

    second.go()
    assert processes_on(home) == []


def test_a_killed_user_leaves_no_server(use, home):
    user = use("postgres", "valkey")
    user.die()
    assert gone(lambda: processes_on(home))


def test_a_killed_keeper_takes_its_server_along_and_the_next_one_recovers(use, home):
    user = use("postgres", "valkey")
    user.sql("CREATE TABLE kept AS SELECT 1 AS one")
    for server in ("postgres", "valkey"):
        os.kill(keeper_of(home, server), signal.SIGKILL)
    assert gone(lambda: processes_on(home))

    assert use("postgres", "valkey").sql("SELECT one FROM kept") == [(1,)]


def test_a_killed_server_is_started_again_under_its_users(use, home):
    user = use("postgres")
    user.sql("CREATE TABLE kept AS SELECT 1 AS one")
    ready, pid_file = home / "postgres/ready", home / "postgres/data/postmaster.pid"
    old = pid_file.read_text()
    os.kill(int(old.split()[0]), signal.SIGKILL)
    assert gone(lambda: not ready.exists() or not pid_file.exists() or pid_file.read_text() == old)

    assert user.sql("SELECT one FROM kept") == [(1,)]


def test_a_pid_file_that_names_a_stranger_does_not_block(use, home):
    use("postgres").go()
    stranger = f"{os.getpid()}\n{home}/postgres/data\n"
    (home / "postgres/data/postmaster.pid").write_text(stranger)

    assert use("postgres").sql("SELECT 1") == [(1,)]


def test_a_ready_file_of_a_dead_keeper_is_not_believed(use, home):
    use("valkey").go()
    (home / "valkey/ready").write_text('{"keeper": 1, "address": "unix:///nowhere"}')

    assert use("valkey").redis_url != "unix:///nowhere"


def test_data_of_another_version_is_left_alone_with_a_sentence(home):
    data = home / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    hold = Hold("postgres", home, Manner())
    hold.take()
    with pytest.raises(Trouble, match="made by PostgreSQL 12"):
        hold.wait()
    hold.release()
