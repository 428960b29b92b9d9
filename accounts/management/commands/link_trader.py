"""Show a log-in the data of a trader."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import actions
from accounts.management.lookups import Mends, ask_who, refusals, trader_of, user_of
from common import clock

MENDS: Mends = {
    actions.OtherGroup: "move the log-in first, with manage.py create_user --email ... --group ..."
}


class Command(BaseCommand):
    """`manage.py link_trader`: parse, one call, one sentence."""

    help = (
        "Link a log-in to a trader of its group, so that it shows the trader's data, or unlink it. "
        "A log-in without a group comes into the trader's. Run again: nothing to change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="of the log-in")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--trader", type=int, metavar="ID", help="id of the trader")
        whom.add_argument("--account", metavar="ID", help="an account of the trader, as provided")
        whom.add_argument("--unlink", action="store_true", help="show it nobody's data")
        ask_who(parser)

    def handle(self, *_: object, **asked: Any) -> None:
        user = user_of(asked["email"])
        trader = None if asked["unlink"] else trader_of(asked["trader"], asked["account"])
        was = user.trader_id
        with refusals(MENDS):
            user = actions.link(
                user=user, trader=trader, by=asked["by"], at=clock.now(), source="console"
            )
        place = f"linked to {trader} (trader {trader.pk})" if trader else "linked to no trader"
        same = was == user.trader_id
        self.stdout.write(f"{user.email}: {place}{', as before: nothing to change' * same}")
