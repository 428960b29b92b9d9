"""What `make run` shows: its steps, the addresses, how far the history is."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from skyll.embedded import places

console = Console(highlight=False)


def say(sentence: str) -> None:
    console.print(sentence, markup=False, soft_wrap=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that `what` is under way, then how long it took."""
    began = time.monotonic()
    if not console.is_terminal:
        say(f"{what} ...")
    with console.status(what):
        yield
    say(f"{what}: {time.monotonic() - began:.1f} s")


def answers(port: int) -> bool:
    """Ask the API whether it is there."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/health")
        return asking.getresponse().status < 500  # a refusal of this host's name is an answer
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def addresses(port: int, *, mails: str, seconds: float) -> None:
    """Print the closing screen."""
    base = url_of(port)
    table = Table.grid(padding=(0, 3))
    for name, where in (("API", "/api/v1"), ("Swagger", "/swagger"), ("Admin", "/admin/")):
        table.add_row(name, f"[bold]{base}{where}[/bold]")
    for email, password in log_ins():
        where = "Log-in" if email.startswith("test_") else "Admin log-in"
        table.add_row(where, email, f"[bold]{escape(password)}[/bold]")
    if mails.startswith("filemail://"):
        table.add_row("Mails", shown(Path(mails.removeprefix("filemail:///"))))
    table.add_row("Logs", f"{shown(places.local() / 'logs')}, or `make logs`")
    console.print(f"\nUp after {seconds:.1f} s\n")
    console.print(table)
    console.print("\n[bold]Ctrl-C stops everything[/bold]\n")


def shown(path: Path) -> str:
    """Return `path` as seen from the project, where it lies inside."""
    return str(path.relative_to(places.ROOT)) if path.is_relative_to(places.ROOT) else str(path)


def log_ins() -> list[tuple[str, str]]:
    """Return e-mail and password of the demo's users, which were made at random once."""
    kept = places.local() / "demo.json"
    return list(json.loads(kept.read_text()).items()) if kept.exists() else []


def url_of(port: int) -> str:
    return f"http://localhost:{port}"
