"""From one SEALING_KEY to the next."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.sealed import SealBroken
from skyll import sealing


class Command(BaseCommand):
    """`manage.py rotate_sealing_key`: seal anew what OLD_SEALING_KEY sealed."""

    help = (
        "Seal with SEALING_KEY every secret in the database that OLD_SEALING_KEY opens: provider "
        "secrets, second factors. All or nothing, safe to repeat."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.OLD_SEALING_KEY:
            raise CommandError("OLD_SEALING_KEY is missing: set it to the key used until now")
        try:
            changed = sealing.rotate()
        except SealBroken as broken:
            raise CommandError(f"Nothing was changed: {broken}") from broken
        self.stdout.write(f"{changed} secrets sealed anew: OLD_SEALING_KEY can go")
