"""docker-compose.yml keeps every container in, asks how it is, and fits Dockerfile and code."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from skyll import probe
from skyll.embedded import crew, places

COMPOSE = yaml.safe_load((places.ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "skyll"}
ONCE = {"prepare", "backup", "restore"}  # they do their work and end
EVERY = pytest.mark.parametrize("name", SERVICES)


@EVERY
def test_a_container_may_do_little_and_take_little(name):
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["logging"]["options"] == {"max-size": "20m", "max-file": "5"}
    assert {"cpus", "pids_limit"} <= set(one)
    assert re.fullmatch(r"\d+[mg]", one["mem_limit"])
    assert not {"privileged", "docker.sock"} & set(str(one).replace("'", " ").split())
    if name != "restore":
        assert "cap_add" not in one
        assert one["user"] not in ("root", "0", 0)
    assert {target(volume) for volume in one.get("volumes", [])}.isdisjoint({"/", "/app"})


@EVERY
def test_it_starts_again_and_says_how_it_is(name):
    one = SERVICES[name]
    assert one["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert ("healthcheck" in one) == (name not in ONCE)
    for other, how in one.get("depends_on", {}).items():
        condition = "service_completed_successfully" if other == "prepare" else "service_healthy"
        assert how == {"condition": condition}
        assert other in SERVICES


def test_what_is_named_is_there():
    for one in SERVICES.values():
        assert set(one["networks"]) <= set(COMPOSE["networks"])
        sources = {volume.split(":")[0] for volume in map(str, one.get("volumes", []))}
        named = {source for source in sources if source[0] not in "./$"}
        assert named <= set(COMPOSE["volumes"])
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["stores"]
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["web"]
    assert SERVICES["web"]["ports"] == ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]


def test_the_image_has_a_place_for_each_volume_and_its_user_owns_it():
    dockerfile = (places.ROOT / "Dockerfile").read_text()
    made = re.search(r"install -d -o skyll -g skyll (.+)", dockerfile)[1].split()
    mounted = {target(v) for one in OURS.values() for v in one.get("volumes", [])}
    assert mounted - {"/backups"} <= {f"/app/{it}" if it[0] != "/" else it for it in made}
    uid = re.search(r"USER (\S+)", dockerfile)[1]
    assert {one["user"] for one in OURS.values()} == {uid}
    ignored = (places.ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", ".local", "backups"} <= set(ignored)


def test_health_is_asked_by_probes_that_are_there():
    asked = {
        name: shlex.split(one["healthcheck"]["test"])
        for name, one in OURS.items()
        if name not in ONCE
    }
    for words in asked.values():
        assert words[:3] == ["python", "-m", "skyll.probe"]
        assert words[3] in probe.PROBES
    assert asked["worker"][4:] == ["celery@$$HOSTNAME"]
    assert asked["letters"][4:] == ["letters@$$HOSTNAME"]


def test_the_queues_are_those_of_the_procfile():
    told = crew.read(places.ROOT / "Procfile")
    for name in ("worker", "letters"):
        for flag in ("-Q", "-n", "--pool"):
            assert after(flag, OURS[name]["command"]) == after(flag, told[name]), (name, flag)


def test_a_probe_says_no_when_nothing_answers(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")
    assert probe.main(["web"]) == 1
    assert "refused" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/skyll")
    assert probe.main(["beat"]) == 1
    monkeypatch.setattr(probe, "PATIENCE", 0.3)
    assert probe.main(["worker", "celery@nowhere"]) == 1
    assert probe.main([]) == 1


def target(volume: str) -> str:
    return volume.removesuffix(":ro").rsplit(":", 1)[-1]


def after(flag: str, command: str) -> str | None:
    words = shlex.split(command)
    return words[words.index(flag) + 1] if flag in words else None
