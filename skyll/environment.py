"""Variables of the environment, read loudly: a value that makes no sense says how to mend it."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}
_ORIGIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")
_USUAL_PORTS = {"https": ":443", "http": ":80"}


def fail(sentence: str) -> ImproperlyConfigured:
    """Return the error that stops the start."""
    return ImproperlyConfigured(sentence)


def text(name: str, default: str = "") -> str:
    """Read a value; one that is empty was not given, as Compose hands on what nobody set."""
    # Not env.str: to that a value with "$" in front, as a random key may have, names a variable.
    return os.environ.get(name) or default


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise fail(f"{name} is '{value}': set it to {', '.join(choices[:-1])} or {choices[-1]}")
    return value


def names(name: str, default: list[str] | None = None) -> list[str]:
    """Read a list, separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or default or []


def flag(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").strip().lower()
    if value not in _YES | _NO:
        raise fail(f"{name} is '{value}': set it to on or off")
    return value in _YES


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default)).strip()
    if not value.isdecimal() or int(value) < least:
        raise fail(f"{name} is '{value}': set it to a whole number, {least} or more")
    return int(value)


def address(name: str, default: str = "") -> str:
    """Read an http(s) address; empty is allowed where the default is."""
    value = text(name, default).rstrip("/")
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
        raise fail(f"{name} is '{value}': set it to an address such as https://api.example.com")
    return value


def secret_address(name: str) -> str:
    """Read an address to which a secret is sent: https, or this machine."""
    value = address(name)
    scheme, host = urlsplit(value).scheme, urlsplit(value).hostname
    if value and scheme != "https" and host not in ("localhost", "127.0.0.1", "::1"):
        raise fail(f"{name} is not https: set it to an address such as https://hooks.example.com/x")
    return value


def origins(name: str, default: list[str] | None = None, *, wildcards: bool = False) -> list[str]:
    """Read a list of web origins, each written as a browser sends it; wildcards: *.example.com."""
    found = names(name, default)
    for value in found:
        form = value.replace("://*.", "://", 1) if wildcards else value
        if not _ORIGIN.fullmatch(form) or form != origin_of(form):
            raise fail(
                f"{name} holds '{value}': set it to origins such as https://app.example.com, in "
                "small letters, with a port only where it is not the usual one, nothing behind it"
            )
    return found


def origin_of(url: str) -> str:
    """Return what a browser calls the origin of the pages at `url`."""
    scheme, host, *_ = urlsplit(url.lower())
    return f"{scheme}://{host.removesuffix(_USUAL_PORTS.get(scheme, ''))}"


def mailbox(name: str) -> str:
    """Read an e-mail address; empty is allowed."""
    value = text(name).strip()
    if value and not all(value.partition("@")):
        raise fail(f"{name} is '{value}': set it to an e-mail address such as you@example.com")
    return value


def store(name: str, example: str) -> str:
    """Read the address of a server without which nothing works."""
    if value := text(name):
        if "://" not in value:
            raise fail(f"{name} is '{value}': set it to an address such as {example}")
        return value
    raise fail(
        f"{name} is missing: use `make run`, `make test` or manage.py, which start an embedded "
        f"server, or set it, e.g. {example}"
    )


def secret_key(local: Path, *, production: bool) -> str:
    """Return SECRET_KEY; outside production one is made once and kept beside the embedded data."""
    if key := text("SECRET_KEY"):
        if len(key) < 32:
            raise fail("SECRET_KEY is too short: use at least 50 random characters")
        return key
    if production:
        raise fail("SECRET_KEY is missing: set it to at least 50 random characters, kept safe")
    path = local / "secret_key"
    if not path.exists():
        local.mkdir(parents=True, exist_ok=True)
        draft, name = tempfile.mkstemp(dir=local)  # readable by its owner only
        with os.fdopen(draft, "w") as file:
            file.write(get_random_secret_key())
        # Linked whole, so that a process that starts beside this one reads one key or the other.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text()


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of a PostgreSQL address."""
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise fail(
            "DATABASE_URL does not name PostgreSQL, which is needed: "
            "set it to an address such as postgres://user:password@host:5432/skyll"
        )
    return dict(env.db_url_config(url))


def email(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings of a mail address, such as smtp+tls://user:password@host:587."""
    try:
        return dict(env.email_url_config(text(name, default)))
    except (ImproperlyConfigured, KeyError, ValueError) as error:
        raise fail(
            f"{name} makes no sense ({error}): set it to an address such as "
            "smtp+tls://user:password@host:587"
        ) from error


def redis_db(url: str, number: int, *, celery: bool = False) -> str:
    """Return a Redis address for one logical database, in the form that the reader understands."""
    base = url.split("?")[0].rstrip("/")
    if not base.startswith("unix://"):
        return f"{base}/{number}"
    if celery:
        return f"redis+socket://{base.removeprefix('unix://')}?virtual_host={number}"
    return f"{base}?db={number}"
