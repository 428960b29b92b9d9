"""docker-compose.yml hands on every setting; what it makes passes the checks of a deployment."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import pytest
import yaml
from django.core.checks import run_checks

from skyll.embedded import places

COMPOSE = places.ROOT / "docker-compose.yml"
NOT_HANDED_ON = {
    "DEBUG": "off in production, or the start stops",
    "LOCAL_DIR": "the image has its place for static files",
}
ANSWERS = {
    "SECRET_KEY": "vT4-" + "k9Zq_w2Lr8" * 6,
    "SEALING_KEY": "sE7-" + "m3Xp_u6Bn1" * 6,
    "POSTGRES_PASSWORD": "letters4digits",
    "ALLOWED_HOSTS": "api.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "MAIL_FROM": "Skyll <no-reply@example.com>",
    "FRONTEND_URL": "https://app.example.com",
}
READERS = {
    "text",
    "one_of",
    "flag",
    "number",
    "names",
    "address",
    "secret_address",
    "origins",
    "mailbox",
    "store",
    "email",
}
ASK_FOR_PROXIES = """
from django.conf import settings as s
print([s.PROXIES, s.ALLAUTH_TRUSTED_PROXY_COUNT, getattr(s, "SECURE_PROXY_SSL_HEADER", None)])
"""
_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def environments(answers: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the environment of each of our services, as Compose would fill it in."""

    def fill(found: re.Match) -> str:
        name, mark, told = found.groups()
        if value := answers.get(name):
            return value
        assert mark == "-", f"{name} is asked for: {told}"
        return told

    services = yaml.safe_load(COMPOSE.read_text())["services"]
    return {
        name: {key: _VARIABLE.sub(fill, str(value)) for key, value in one["environment"].items()}
        for name, one in services.items()
        if one["image"] == "skyll"
    }


def read_by_the_settings() -> set[str]:
    """Return the names of the variables that settings.py and its neighbours read."""
    found = set()
    for path in (places.ROOT / "skyll").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            first, name = node.args[0], getattr(node.func, "id", "")
            if isinstance(first, ast.Constant) and name in READERS:
                found.add(str(first.value))
    return found


def manage(*words: str, answers: dict[str, str]) -> subprocess.CompletedProcess[str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=places.ROOT,
        env={**bare, **environments(answers)["web"]},
        capture_output=True,
        text=True,
        timeout=120,
    )


def check(**other: str) -> subprocess.CompletedProcess[str]:
    deploy = ("check", "--deploy", "--fail-level", "WARNING")
    return manage(*deploy, answers={**ANSWERS, **other})


def test_every_variable_is_handed_on_or_left_out_on_purpose():
    handed_on = {name for one in environments(ANSWERS).values() for name in one}
    read = read_by_the_settings()

    assert len(read) > 30
    assert read - handed_on == set(NOT_HANDED_ON)
    assert not handed_on - read


def test_what_every_service_gets_is_the_same_but_for_the_first_superuser():
    told = environments(ANSWERS)
    assert set(told) == {"prepare", "web", "worker", "letters", "beat"}
    assert set(told["prepare"]) - set(told["web"]) == {"ADMIN_EMAIL", "ADMIN_PASSWORD"}
    assert told["web"] == told["worker"] == told["letters"] == told["beat"]


def test_secrets_are_asked_for():
    for name in ANSWERS:
        with pytest.raises(AssertionError, match=name):
            environments({**ANSWERS, name: ""})


def test_a_deployment_by_compose_passes_the_checks():
    done = check()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_a_deployment_that_nobody_finished_does_not():
    done = check(
        EMAIL_URL="consolemail://",
        FRONTEND_URL="http://localhost:3000",
        MAIL_FROM="Skyll <no-reply@localhost>",
        ALLOWED_HOSTS="*",
    )
    assert done.returncode == 1
    for number in range(1, 5):
        assert f"skyll.W00{number}" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com/", "CORS_ALLOWED_ORIGINS holds"),
        ("ALLOWED_HOSTS", ",", "ALLOWED_HOSTS is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("PROXIES", "-1", "PROXIES is '-1'"),
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(name, value, said):
    done = check(**{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert "Traceback" not in done.stderr


def test_forwarded_headers_are_believed_from_proxies_alone():
    words = ("shell", "-v", "0", "-c", ASK_FOR_PROXIES)
    header = ("HTTP_X_FORWARDED_PROTO", "https")
    for proxies, expected in (("", [1, 1, header]), ("2", [2, 2, header]), ("0", [0, 0, None])):
        done = manage(*words, answers={**ANSWERS, "PROXIES": proxies})
        assert done.stdout.strip() == str(expected), done.stderr


@pytest.mark.parametrize(
    ("settings_of", "told"),
    [
        ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, set()),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, {"skyll.W001"}),
        ({"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}, {"skyll.W001"}),
        ({"DEFAULT_FROM_EMAIL": "root@desk.local"}, {"skyll.W002"}),
        ({"FRONTEND_URL": "http://app.example.com"}, {"skyll.W003"}),
        ({"FRONTEND_URL": "https://127.0.0.1:3000"}, {"skyll.W003"}),
        ({"FRONTEND_URL": "https://[::1]:3000"}, {"skyll.W003"}),
        ({"FRONTEND_URL": "https://frontend"}, {"skyll.W003"}),
        ({"FRONTEND_URL": "https://app.example.com:8443/desk"}, set()),
        ({"ALLOWED_HOSTS": ["api.example.com", "*"]}, {"skyll.W004"}),
    ],
    ids=str,
)
def test_what_is_warned_of(settings, settings_of, told):
    well = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "DEFAULT_FROM_EMAIL": "Skyll <no-reply@example.com>",
        "FRONTEND_URL": "https://app.example.com",
        "ALLOWED_HOSTS": ["api.example.com"],
    }
    for name, value in {**well, **settings_of}.items():
        setattr(settings, name, value)

    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert {one.id for one in found if one.id.startswith("skyll.")} == told
