"""What `make clients` leans on: exact locks, and a clear word where it cannot do its part."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from skyll.embedded import places

ROOM = places.ROOT / "clients"


def lock():
    return json.loads((ROOM / "package-lock.json").read_text())["packages"]


def test_the_lock_of_node_names_no_registry():
    packages = {name: told for name, told in lock().items() if name}

    assert len(packages) > 20
    for name, told in packages.items():
        assert "resolved" not in told, name
        assert told["integrity"].startswith("sha512-"), name


def test_node_packages_are_asked_for_exactly_as_they_are_locked():
    asked = json.loads((ROOM / "package.json").read_text())["devDependencies"]

    assert asked == {name: lock()[f"node_modules/{name}"]["version"] for name in asked}


def test_the_generator_for_python_is_locked_by_hash():
    text = (ROOM / "requirements.txt").read_text()
    pinned = re.findall(r"^[a-z0-9-]+==\S+.*\\$", text, re.M)

    assert len(pinned) == len(re.findall(r"^[A-Za-z]", text, re.M)) > 10
    assert "://" not in text


def test_nothing_that_is_generated_is_kept():
    if not (places.ROOT / ".git").exists():
        pytest.skip("no repository here")
    listed = subprocess.run(
        ["git", "ls-files", "clients"], cwd=places.ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert not [name for name in listed if "/made/" in name or "node_modules" in name]


@pytest.fixture
def room(tmp_path):
    """Return a copy of the room with nothing installed, beside an empty folder of commands."""
    copy = tmp_path / "clients"
    copy.mkdir()
    for name in ("typescript.sh", "package.json", "package-lock.json"):
        shutil.copy(ROOM / name, copy)
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("bash", "dirname", "grep", "cat", "touch"):
        (commands / name).symlink_to(shutil.which(name))
    return copy


def command(room, name, text):
    path = room.parent / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def run(room):
    env = {"PATH": str(room.parent / "bin"), "HOME": os.environ.get("HOME", "/")}
    script = [str(room.parent / "bin" / "bash"), str(room / "typescript.sh")]
    return subprocess.run(script, env=env, capture_output=True, text=True, check=False)


def test_without_node_it_says_loudly_that_typescript_is_skipped(room):
    done = run(room)

    assert done.returncode == 0
    assert "!! SKIPPED: no TypeScript client was made and tried: there is no Node" in done.stderr


def test_an_old_node_is_named(room):
    command(room, "node", 'if [ "$1" = --version ]; then echo v18.2.0; else exit 1; fi')
    command(room, "npm", "exit 0")
    done = run(room)

    assert done.returncode == 0
    assert "!! SKIPPED" in done.stderr
    assert "Node v18.2.0 is older than 20.19" in done.stderr


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("npm error code EAI_AGAIN", 0),
        ("npm error code ECONNREFUSED", 0),
        ("npm error code E503", 0),
        ("npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY", 0),
        ("npm error code EINTEGRITY", 1),
        ("npm error code EUSAGE", 1),
        ("npm error code E404", 1),
    ],
)
def test_only_a_registry_out_of_reach_is_no_fault(room, said, code):
    command(room, "node", "exit 0")
    command(room, "npm", f"echo '{said}' >&2; exit 1")
    done = run(room)

    assert done.returncode == code
    assert said in done.stderr
    assert ("!! SKIPPED" in done.stderr) is (code == 0)
