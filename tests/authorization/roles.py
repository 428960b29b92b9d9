"""Who asks, and whose books there are; each of them stands for a role."""

from __future__ import annotations

from dataclasses import dataclass

HOME, ELSEWHERE, CLOSED = "home", "elsewhere", "closed"


@dataclass(frozen=True)
class Role:
    """One who asks. `trader` names the linked one; dead: no log-in, or one that was taken away."""

    name: str
    group: str | None = HOME
    trader: str | None = None
    is_admin: bool = False
    opt_out: bool = False
    dead: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Books:
    """One whose trades are asked for."""

    group: str
    opted_out: bool = False
    archived: bool = False


ANONYMOUS = Role("anonymous", group=None, dead=True)
ROLES = (
    ANONYMOUS,
    Role("regular", trader="ana"),
    Role("opted-out", trader="otto", opt_out=True),
    Role("unlinked"),
    Role("admin", trader="cora", is_admin=True),
    Role("admin-without-trader", is_admin=True),
    Role("admin-elsewhere", group=ELSEWHERE, trader="sonja", is_admin=True),
    Role("deactivated", trader="dora", dead=True),
    # Beyond the eight: places that are none.
    Role("admin-without-group", group=None, is_admin=True),
    Role("in-archived-group", group=CLOSED, trader="clara"),
)
TRADERS = {
    "ana": Books(HOME),
    "bo": Books(HOME),
    "otto": Books(HOME, opted_out=True),
    "cora": Books(HOME),
    "dora": Books(HOME),
    "arno": Books(HOME, archived=True),
    "sven": Books(ELSEWHERE),
    "sonja": Books(ELSEWHERE),
    "clara": Books(CLOSED),
}
MISSING = "nobody"
WHOSE = (None, *TRADERS, MISSING)  # what `trader=` may say; None: it is left out
