"""The top floor as a Django app: commands, checks, and the Celery application for every task."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SkyllConfig(AppConfig):
    name = "skyll"

    def ready(self) -> None:
        import_module("skyll.celery")  # so that shared tasks know their broker
        import_module("skyll.checks")
