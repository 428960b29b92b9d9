"""No child outlives its parent; no lock outlives its holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skyll.embedded import places, tether
from skyll.embedded.locks import Lock
from tests.skyll.conftest import gone

PARENT = """
import signal, subprocess, sys, time
from skyll.embedded import tether
child = subprocess.Popen(tether.command(["sleep", "60"], signum=signal.SIGTERM))
print(child.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        return "(sleep) Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def parent(*, kernel: bool) -> tuple[subprocess.Popen, int]:
    """Start a parent with a tied child; without the kernel's help if so asked."""
    source = PARENT
    if not kernel:  # a wrapper that finds no prctl
        blind = "import runpy, ctypes; ctypes.CDLL = None; "
        blind += "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
        source = source.replace(
            "tether.command(", f"(lambda *a, **k: blind(tether.command(*a, **k), {blind!r}))("
        )
        source = (
            "def blind(argv, code):\n"
            "    return [argv[0], '-c', 'import sys; ' + code, *argv[3:]]\n" + source
        )
    process = subprocess.Popen(
        [sys.executable, "-c", source], cwd=places.ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("kernel", [True, False], ids=["prctl", "watching"])
def test_a_tied_child_dies_with_its_killed_parent(kernel):
    process, child = parent(kernel=kernel)
    assert alive(child)
    process.kill()
    process.communicate()
    assert gone(lambda: alive(child), seconds=5)


def test_a_command_whose_parent_has_gone_already_never_starts():
    words = tether.command(["touch", "/nowhere"], signum=signal.SIGTERM)
    words[words.index("--parent") + 1] = "1"
    assert subprocess.run(words, check=False).returncode == 1


def test_a_lock_has_one_holder_or_many_users(tmp_path):
    users, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert users.shared(0)
    assert other.shared(0)
    assert not Lock(tmp_path / "lock").try_alone()
    other.release()
    users.release()
    assert other.try_alone()
    assert not users.shared(0)
    other.release()


def test_a_lock_goes_with_its_killed_holder(tmp_path):
    path = tmp_path / "lock"
    source = (
        "import sys, time; from pathlib import Path; from skyll.embedded.locks import Lock\n"
        "lock = Lock(Path(sys.argv[1])); print(lock.try_alone(), flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", source, str(path)],
        cwd=places.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    assert Lock(path).is_held()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert not Lock(path).is_held()
