"""Bring the database and the static files to what the processes expect. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common import clock
from common.api.errors import Refusal
from ingestion.models import Connection, Feed
from skyll import first_superuser, schedule


class Command(BaseCommand):
    help = (
        "Migrate, write the schedule, collect static files, make the first superuser; with --demo "
        "make the demo, without it store the first connection that the TT_* variables describe"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--alone", action="store_true", help="no worker lives: free what killed ones still hold"
        )
        parser.add_argument("--demo", action="store_true", help="make the demo, unless it is there")

    def handle(self, *_: Any, alone: bool, demo: bool, **__: Any) -> None:
        if missing := _missing_migrations():
            self.stdout.write(f"Database: {missing} migrations to apply")
            call_command("migrate", interactive=False, verbosity=0)
        if alone:
            Feed.objects.update(claimed_until=None, hinted_at=None)
        if added := schedule.write():
            self.stdout.write(f"Schedule: {added} entries added")
        if settings.STATIC_ROOT:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo and not settings.PRODUCTION:
            call_command("make_demo", stdout=self.stdout)
        elif settings.TT_BASE_URL and not Connection.objects.exists():
            call_command("connect_tt", stdout=self.stdout)
        try:
            told = first_superuser.ensure(at=clock.now())
        except Refusal as refusal:
            raise CommandError(
                f"ADMIN_EMAIL or ADMIN_PASSWORD is of no use: {refusal.sentence}"
            ) from refusal
        if told:
            self.stdout.write(told)


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
