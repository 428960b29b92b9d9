"""Make a log-in."""

from __future__ import annotations

import secrets
import sys
from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions, addresses
from accounts.management.lookups import Mends, ask_who, group_of, refusals, trader_of
from common import clock

MENDS: Mends = {
    actions.OtherGroup: "leave out --group, or name the trader's own",
    actions.UsernameTaken: "name another one with --username",
}
_PLAIN = ("username", "first_name", "last_name", "is_admin", "is_staff", "is_superuser", "opt_out")


class Command(BaseCommand):
    """`manage.py create_user`: parse, one call, a few words."""

    help = (
        "Make a log-in with a verified address. Without --password-stdin or --invite its password "
        "is made at random and shown once. Run again: what is named and differs is changed, "
        "everything else stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        yes_or_no: dict[str, Any] = {"action": BooleanOptionalAction, "default": None}
        parser.add_argument("--email", required=True)
        parser.add_argument("--username", help="default: what stands before the @")
        parser.add_argument("--first-name")
        parser.add_argument("--last-name")
        parser.add_argument("--group", metavar="NAME", help="default: the trader's, else none")
        whom = parser.add_mutually_exclusive_group()
        whom.add_argument("--trader", type=int, metavar="ID", help="whose data it shows")
        whom.add_argument("--account", metavar="ID", help="the same by an account of the trader")
        parser.add_argument(
            "--admin", dest="is_admin", help="coach: sees every trader of the group", **yes_or_no
        )
        parser.add_argument(
            "--opt-out", dest="opt_out", help="left out of comparative analytics", **yes_or_no
        )
        parser.add_argument(
            "--staff", dest="is_staff", help="may log in to the Django admin", **yes_or_no
        )
        parser.add_argument(
            "--superuser", dest="is_superuser", help="may do everything there; staff too",
            **yes_or_no,
        )  # fmt: skip
        password = parser.add_mutually_exclusive_group()
        password.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        password.add_argument(
            "--invite", action="store_true", help="mail a link to choose a password"
        )
        ask_who(parser)

    def handle(self, *_: object, email: str, invite: bool, by: str, **asked: Any) -> None:
        wanted = {name: asked[name] for name in _PLAIN if asked[name] is not None}
        if asked["is_superuser"]:
            wanted.setdefault("is_staff", True)
        if asked["group"] is not None:
            wanted["group"] = group_of(asked["group"])
        if asked["trader"] is not None or asked["account"] is not None:
            wanted["trader"] = trader_of(asked["trader"], asked["account"])
        password = _first_line() if asked["password_stdin"] else None
        made_up = None
        if password is None and not invite and not _is_known(email):
            password = made_up = secrets.token_urlsafe(15)
        with refusals(MENDS):
            done = actions.ensure_user(
                email=email, password=password, invite=invite, by=by, at=clock.now(),
                source="console", **wanted,
            )  # fmt: skip
        self.stdout.write(_told(done))
        if made_up is not None and done.made:
            self.stdout.write(f"Password, shown this once: {made_up}")


def _told(done: actions.Ensured) -> str:
    places = {"group": done.user.group, "trader": done.user.trader}
    words = [
        f"{name} {_word(places.get(name, new))}"
        for name, (_, new) in done.changes.items()
        if name not in ("email", "is_active")
    ]
    words += ["password set"] if done.new_password else []
    words += ["invitation on its way"] if done.invited else []
    deed = "made" if done.made else "changed" if done else "nothing to change"
    return f"{done.user.email}: {', '.join([deed, *words])}"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)


def _is_known(email: str) -> bool:
    return addresses.held_by(email.strip()).exclude(addresses.PENDING).exists()


def _first_line() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("There is no password on standard input: write one, or leave the option")
    return password
