"""Make the demo."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from common import clock
from skyll import demo
from skyll.demo import journal
from skyll.demo.people import OPERATOR, Passwords
from traders.models import Group

USUAL_PORT = 8765


class Command(BaseCommand):
    """Parse, one call, one sentence."""

    help = (
        "Make the demo: three groups at the simulated provider, their traders, log-ins, fees, "
        "daily rates and a calendar made by rules. Safe to run twice; never where the environment "
        "is production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", help="of the simulated provider, unless TT_* replace it")
        parser.add_argument("--json", action="store_true", help="say what was made as JSON")
        parser.add_argument(
            "--journals",
            action="store_true",
            help="nothing but the journals: tags, notes and entries of the trades that came in",
        )

    def handle(self, *_: object, base_url: str | None, **options: Any) -> None:
        if settings.ENVIRONMENT == "production":
            raise CommandError("The demo is never made where ENVIRONMENT is production")
        if options["journals"]:
            self.stdout.write(str(journal.write(at=clock.now())))
            return
        email = settings.ADMIN_EMAIL.lower() or OPERATOR
        chosen = settings.ADMIN_PASSWORD
        passwords = Passwords(
            settings.LOCAL_DIR / "demo.json", given={email: chosen} if chosen else None
        )
        base_url = base_url or _simulated()
        at = clock.now()
        made = demo.make(
            demo.setup_of(settings.LOCAL_DIR, at=at),
            base_url=base_url,
            passwords=passwords,
            operator=email,
            at=at,
        )
        if base_url is None:
            call_command(
                "connect_tt", group=Group.objects.order_by("id")[0].name, stdout=self.stdout
            )
        self.stdout.write(json.dumps(asdict(made)) if options["json"] else str(made))


def _simulated() -> str | None:
    """Return where the simulated provider is; None where TT_BASE_URL names another one."""
    port = os.environ.get("SIMULATOR_PORT")
    if port is None and settings.TT_BASE_URL:
        return None
    return f"http://127.0.0.1:{port or USUAL_PORT}"
