"""What is done to people, places and the taxonomy, by name: a row of the log for each deed."""

from __future__ import annotations

from typing import Literal

from django.db.models import Model

from audit.values import Changes, Facts, changed

Kind = Literal["custom_user", "trader", "group", "trader_platform", "tag", "entry", "image"]
Scope = Literal["authentication", "user_management", "journal"]

KINDS: dict[str, Kind] = {
    "accounts.customuser": "custom_user",
    "traders.trader": "trader",
    "traders.group": "group",
    "traders.platformaccount": "trader_platform",
    "journal.tag": "tag",
}
_ARCHIVED = ("restore", "archive")
# The deed that a changed field is, as (it became empty or false, it became something else); what
# is not named here is an "update".
_DEEDS: dict[Kind, dict[str, tuple[str, str]]] = {
    "custom_user": {
        "trader": ("unlink", "link"),
        "group": ("group", "group"),
        "opt_out": ("opt_out", "opt_out"),
        "is_active": ("deactivate", "activate"),
        "is_admin": ("role", "role"),
        "is_staff": ("role", "role"),
        "is_superuser": ("role", "role"),
        "permission_groups": ("role", "role"),
        "permissions": ("role", "role"),
    },
    "trader": {"is_archived": _ARCHIVED, "group": ("group", "group")},
    "group": {"is_archived": _ARCHIVED},
    "trader_platform": {"trader": ("move", "move")},
    "tag": {"retired_at": ("restore", "retire")},
    "entry": {},
    "image": {},
}


def scope_of(kind: Kind) -> Scope:
    """Return the scope in which the log keeps changes to rows of this kind."""
    return "journal" if kind == "tag" else "user_management"


def kind_of(model: Model | type[Model]) -> Kind | None:
    """Return what the log calls rows of this model; None: it does not speak of them."""
    return KINDS.get(model._meta.label_lower)


def deeds(kind: Kind, before: Facts | None, after: Facts | None) -> dict[str, Changes]:
    """Return the deeds that lead from `before` to `after`, each with the fields it changed.

    None: the row was made, or deleted; that is one deed, whatever the row said.
    """
    changes = changed(before, after)
    if before is None or after is None:
        return {"create" if before is None else "delete": changes}
    found: dict[str, Changes] = {}
    for field, (old, new) in changes.items():
        emptied, filled = _DEEDS[kind].get(field, ("update", "update"))
        found.setdefault(filled if new else emptied, {})[field] = (old, new)
    return found


def trader_of(kind: Kind, pk: int, before: Facts | None, after: Facts | None) -> int | None:
    """Return the trader whom a deed is about: the one of now, else the one it was taken from."""
    if kind == "trader":
        return pk
    found: int | None = (after or {}).get("trader") or (before or {}).get("trader")
    return found
