"""A short load on small books: every answer is right; how fast it is, `make soak` measures."""

from __future__ import annotations

import os
from datetime import date

import pytest
from django.db import connection

from bench import books
from bench.load import house
from bench.load.drive import Drive
from bench.load.figures import Figures
from bench.load.mix import Mix
from bench.load.server import memory, serve

FILLS, RATE, SECONDS = 9_000, 15, 10


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_mix_of_requests_is_answered_right(tmp_path, monkeypatch):
    monkeypatch.setattr(books, "CONTRACTS", 2)  # more traders
    monkeypatch.setattr(house, "BAR_DAYS", 3)
    house.furnish(FILLS, lambda _: None)
    house.keep_up(lambda _: None)
    doors = house.open_doors(FILLS)
    assert doors.last_day > date(2022, 1, 1)
    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    theirs = {"DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}", "WEB_PROCESSES": "1"}
    with serve(tmp_path, theirs) as web:
        before = memory(web.pids())
        mix, drive = Mix(doors), Drive(doors, web.port)
        drive.warm_up(mix.every())
        drive.run(mix, rate=RATE, seconds=SECONDS, tell=lambda _: None)
        figures = Figures(drive.samples, {"start": before, "end": memory(web.pids())})

    assert figures.wrong == []
    assert len(drive.samples) == len(mix.every()) + RATE * SECONDS
    assert {one.status for one in drive.samples} >= {200, 304}
    assert len(figures.cold) > 0 < len(figures.warm)
    assert set(figures.memory["start"]) == set(figures.memory["end"])
