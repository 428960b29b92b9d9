"""Who runs a command."""

from __future__ import annotations

import getpass


def operator() -> str:
    """Return the name of whoever is at the console; a container may know none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "console"
