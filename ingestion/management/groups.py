"""The group that a command's new traders join."""

from __future__ import annotations

from django.core.management.base import CommandError

from common import clock
from common.operator import operator
from traders.actions import make_group
from traders.models import Group


def group_for(name: str | None) -> Group:
    """Return the group of that name, or the only one there is; the first one is made."""
    groups = list(Group.objects.order_by("name"))
    if not groups:
        return make_group(name=name or "Trading group", by=operator(), at=clock.now())
    found = [group for group in groups if name in (None, group.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(group.name for group in groups)
    if name is None:
        raise CommandError(f"Say with --group which group new traders join: {names}")
    raise CommandError(f"There is no group called {name}: make it in the admin, or take {names}")
