"""What the benchmark's frame does with rows, runs and figures; no row is measured here."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bench import __main__ as command
from bench import frame
from bench.frame import Line, Size, Stand, at_least, at_most


def test_a_reference_that_takes_long_is_run_once_and_ours_as_often_as_told(monkeypatch):
    monkeypatch.setattr(frame, "PATIENCE", 0)
    ran: list[str] = []

    Stand(Size.TEN, runs=3).side_by_side(
        ours=lambda: ran.append("ours"), reference=lambda: ran.append("reference"), ours_each=2
    )

    assert ran == ["ours", "ours", "reference", "ours", "ours", "ours", "ours"]


def test_only_the_largest_size_leaves_out_what_growth_says(capsys):
    assert [Stand(size).is_largest for size in Size] == [False, False, True]
    assert capsys.readouterr().err.count("see the column growth") == 1


@pytest.mark.parametrize(("size", "count"), [("small", 20), ("1x", 200), ("10x", 2_000)])
def test_a_size_multiplies(size, count):
    assert Stand(Size(size)).count(200) == count


def test_verdicts():
    assert [Line("", "", "", 2, target).verdict for target in (at_least(2), at_most(1), None)] == [
        "met",
        "MISSED",
        "",
    ]


def test_every_target_has_its_row_and_the_help_tells_them_all():
    rows = frame.all_rows()

    assert [*rows][:12] == [str(number) for number in range(1, 13)]
    told = command._explained(rows)
    assert all(row.title in told and row.size in told for row in rows.values())


def test_growth_is_read_by_the_place_of_a_line_in_its_row(tmp_path):
    lines = [
        ("6", Line("a", "", "", 1, None, 2.0)),
        ("6", Line("tells no seconds", "", "", 1)),
        ("6", Line("b", "", "", 1, None, 3.0)),
        ("7", Line("c", "", "", 1, None, 4.0)),
    ]
    file = tmp_path / "one.json"
    file.write_text(command._as_json(lines, Size.ONE, 3))

    assert command._before(file) == {("6", 0): 2.0, ("6", 2): 3.0, ("7", 0): 4.0}
    assert json.loads(file.read_text())["size"] == "1x"


def test_only_rows_that_read_the_desk_find_its_servers(monkeypatch, capsys):
    found: dict[str, Any] = {}

    class Desk:
        copied = contextlib.nullcontext

    @contextlib.contextmanager
    def year(size: Size, *, rows: int):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", "the desk's")
            yield Desk()

    class Process(contextlib.nullcontext):
        returncode, stdout = 0, ()

    def popen(words: list[str], *, env: Mapping[str, str], **_: Any) -> Process:
        found[words[words.index("bench.one") + 1]] = env.get("DATABASE_URL")
        process = Process()
        process.enter_result = process
        return process

    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(command, "year", year)
    monkeypatch.setattr("subprocess.Popen", popen)
    monkeypatch.setattr("sys.argv", ["bench", "5", "6", "7", "9"])
    assert command.main() == 0
    assert found == {"5": None, "6": "the desk's", "7": "the desk's", "9": None}
