"""The client counts whole answers, and what it has stopped runs on."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
import time
from itertools import repeat
from pathlib import Path

import pytest

from bench.asking import ask, in_shares, processor

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Told(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", "70000")
        self.end_headers()
        self.wfile.write(b"x" * 70_000)
        self.server.told += 1  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        server.told = 0  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_whole_answers_are_counted(server):
    found = ask(server.server_port, repeat(REQUEST), links=3, seconds=0.2)

    assert found.count > 0
    assert server.told == found.count + 3  # each link's last one came when time was over
    assert found.seconds >= 0.2


def test_another_answer_than_200_is_told(server, monkeypatch):
    monkeypatch.setattr(Told, "status", 404)

    with pytest.raises(AssertionError, match="404"):
        ask(server.server_port, repeat(REQUEST), links=1, seconds=5)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no such file system here")
def test_a_process_runs_in_its_share_and_on_its_own_afterwards():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        begun = time.perf_counter()
        with in_shares([busy.pid], of=8):
            time.sleep(0.8)
        had, passed = processor([busy.pid]), time.perf_counter() - begun
        time.sleep(0.3)
        after = processor([busy.pid])
        busy.kill()

    assert had < passed / 2
    assert after > had
