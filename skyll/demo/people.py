"""Who logs in: three test users, an operator of the Django admin, and users of other traders."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from accounts.actions import create_user, set_password
from accounts.models import CustomUser
from ingestion.simulator.population import Population
from traders.models import Group, Trader

ADMIN, TRADER, OPT_OUT = "test_admin@mail.com", "test_trader@mail.com", "test_opt_out@mail.com"
OPERATOR = "operator@mail.com"


class Passwords:
    """The log-ins of the demo, made at random once and kept in a file that only we may read.

    given  passwords that somebody has chosen: used, never written down
    """

    def __init__(self, path: Path, *, given: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._given = dict(given or {})
        self._kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def knows(self, email: str) -> bool:
        return email in self._given or email in self._kept

    def of(self, email: str) -> str:
        """Return the password of that log-in, made up if there is none."""
        if email in self._given:
            return self._given[email]
        if email not in self._kept:
            self._kept[email] = secrets.token_urlsafe(12)
            self._write()
        return self._kept[email]

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self._kept, file, indent=1)
        fresh.replace(self._path)


def users(
    population: Population,
    groups: Sequence[Group],
    traders: Mapping[int, Trader],
    *,
    passwords: Passwords,
    operator: str = OPERATOR,
    at: datetime,
) -> int:
    """Make the log-ins that are missing; return how many."""
    made = [_log_in(ADMIN, passwords, at, group=groups[0], is_admin=True)]
    made.append(_log_in(TRADER, passwords, at, trader=traders.get(0)))
    made.append(_log_in(OPT_OUT, passwords, at, trader=traders.get(1), opt_out=True))
    # A superuser of the Django admin; through the API it is nobody in particular.
    made.append(_log_in(operator, passwords, at, is_operator=True))
    made += [  # a coach each; the operator gives them a password
        _log_in(f"coach_{group.pk}@mail.com", None, at, group=group, is_admin=True)
        for group in groups[1:]
    ]
    for number, trader in traders.items():
        if number > 1 and number % 3 == 0:
            name = population.traders[number].name.lower().replace(" ", "_")
            opted_out = number % 9 == 0
            made.append(_log_in(f"{name}@mail.com", None, at, trader=trader, opt_out=opted_out))
    return sum(made)


def _log_in(
    email: str,
    passwords: Passwords | None,
    at: datetime,
    *,
    group: Group | None = None,
    trader: Trader | None = None,
    is_admin: bool = False,
    opt_out: bool = False,
    is_operator: bool = False,
) -> bool:
    """Make a log-in unless it is there; one that lost its kept password gets a new one."""
    user = CustomUser.objects.filter(email=email).first()
    if user is not None:
        if passwords is not None and not passwords.knows(email):
            set_password(user=user, password=passwords.of(email), by="", at=at, source="console")
        return False
    if trader is not None and CustomUser.objects.filter(trader=trader).exists():
        trader = None  # an operator has linked it to somebody else
    create_user(
        email=email,
        username=email.partition("@")[0],
        password=None if passwords is None else passwords.of(email),
        group=group,
        trader=trader,
        is_admin=is_admin,
        is_staff=is_operator,
        is_superuser=is_operator,
        opt_out=opt_out,
        by="",
        at=at,
        source="console",
    )
    return True
