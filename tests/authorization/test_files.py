"""Every line of the matrix about files: whose rows they hold, and what is no file."""

from __future__ import annotations

import csv
import io
import json

from tests.authorization.matrix import rows
from tests.authorization.policies import exported
from tests.authorization.roles import MISSING, WHOSE
from tests.authorization.test_matrix import EVERY_ROLE, about, ask, holds, whole
from tests.authorization.world import World, shown


@EVERY_ROLE
def test_one_traders_files(world: World, role):
    client = world.client(role)
    for method, address in rows(exported):
        missing = whole(ask(client, method, address, about(world, MISSING)))
        for whose in WHOSE:
            told = f"{role} {method} {address} trader={whose}"
            verdict = exported(role, whose=whose)
            answer = ask(client, method, address, about(world, whose))

            if verdict.status == 200:
                text = answer.getvalue().decode("utf-8-sig")
                lines = list(csv.reader(io.StringIO(text, newline="")))
                assert len(lines) == 1 + len(verdict.shown), told
                assert shown(json.dumps(lines).encode()) == verdict.shown, told
            else:
                holds(answer, verdict, told)
                if whose is not None:
                    assert whole(answer) == missing, told
