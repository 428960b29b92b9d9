"""`make run`: its processes, its ports, how far the history is."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, date, datetime

import pytest

from skyll.embedded import crew, history, places, run
from skyll.embedded.locks import Trouble
from tests.skyll.conftest import gone

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def make_crew(tmp_path, **commands: str) -> crew.Crew:
    return crew.Crew(commands, dict(os.environ), tmp_path / "logs")


def tend_for_long(processes: crew.Crew) -> None:
    for _ in range(400):
        processes.tend()
        time.sleep(0.02)


def pid_of(processes: crew.Crew) -> int:
    process = processes.members[0].process
    assert process is not None
    return process.pid


def test_the_procfile_names_what_the_system_needs():
    commands = crew.read(places.ROOT / "Procfile")
    assert list(commands) == ["simulator", "worker", "letters", "beat", "web"]


def test_a_dead_process_is_started_again_and_told(tmp_path):
    processes = make_crew(tmp_path, worker="sleep 60")
    processes.start()
    processes.members[0].started -= 60  # it has lived for long
    first = pid_of(processes)
    os.kill(first, 9)
    assert gone(lambda: not (news := processes.tend()) or "SIGKILL" not in news[0])
    processes.tend()
    assert pid_of(processes) != first
    processes.stop()


def test_a_process_that_cannot_start_ends_all_with_its_last_words(tmp_path):
    processes = make_crew(tmp_path, web="sh -c 'echo no such address; exit 3'")
    processes.start()
    with pytest.raises(Trouble, match=r"exit code 3, 3 times(.|\n)*no such address"):
        tend_for_long(processes)
    processes.stop()


def test_stopping_kills_what_does_not_listen_and_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "_GRACE", 0.2)
    deaf = "sh -c 'trap \"\" TERM; sleep 61.5 & echo $!; wait; sleep 61.5'"
    processes = make_crew(tmp_path, worker=deaf)
    processes.start()
    log = processes.members[0].log
    assert gone(lambda: not log.read_text().strip())
    processes.stop()
    child = int(log.read_text())
    assert gone(lambda: os.path.exists(f"/proc/{child}") and not _is_zombie(child), seconds=3)


def _is_zombie(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as told:
        return told.read().rsplit(")", 1)[1].split()[0] == "Z"


def test_a_long_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "_LOG_BYTES", 10)
    processes = make_crew(tmp_path, beat="sh -c 'echo a line that is long; sleep 60'")
    processes.start()
    log = processes.members[0].log
    assert gone(lambda: not log.read_text())
    processes.tend()
    assert log.read_text() == ""
    assert "a line" in log.with_suffix(".log.1").read_text()
    processes.stop()


def test_a_busy_port_is_told_before_anything_starts(monkeypatch):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        monkeypatch.setenv("PORT", str(taken))
        with pytest.raises(Trouble, match=f"Port {taken} is taken"):
            run._port("PORT", 8000)
        monkeypatch.delenv("SIMULATOR_PORT", raising=False)
        assert run._port("SIMULATOR_PORT", taken, other=True) != taken


@pytest.mark.parametrize("told", ["eighty", "0", "65536", "-1", "8000.5"])
def test_a_port_that_is_none_is_refused(monkeypatch, told):
    monkeypatch.setenv("PORT", told)
    with pytest.raises(Trouble, match="from 1 to 65535"):
        run._port("PORT", 8000)


def test_history_counts_from_its_first_day_to_now():
    half = int(datetime(2026, 3, 6, 6, tzinfo=UTC).timestamp()) * 10**9
    progress = history.progress_of(
        [(date(2026, 3, 1), half, None, 40), (date(2026, 3, 1), None, None, 0)], now=NOON
    )
    assert progress.share == pytest.approx(0.25)
    assert str(progress) == "History: 25%, whole to 2026-03-01, 40 fills"


def test_history_is_over_when_every_feed_says_so():
    rows = [(date(2026, 3, 1), 0, NOON, 1_200)]
    assert str(history.progress_of(rows, now=NOON)) == "History: complete, 1,200 fills"
    assert not history.progress_of([*rows, (date(2026, 3, 1), None, None, 0)], now=NOON).done
