#!/usr/bin/env python
"""Run one of Django's commands, with PostgreSQL and valkey at hand."""

import os
import sys


def main() -> None:
    """Use the servers that the environment names or that are running, else start them for now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit(
            "Django is not installed here: run `make install`, then .venv/bin/python manage.py"
        )
    from skyll.embedded import services
    from skyll.embedded.locks import Trouble

    try:
        with services.at_hand(say=services.say_on_stderr):
            execute_from_command_line(sys.argv)
    except (Trouble, ImproperlyConfigured) as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
