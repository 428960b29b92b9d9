"""The people of our tests."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import CustomUser
from tests.factories import make_group, make_trader, make_user
from traders.models import Group


@dataclass(frozen=True)
class Desk:
    """Our cast: ana and bo trade, otto has opted out, cora coaches; sven trades elsewhere."""

    group: Group
    ana: CustomUser
    bo: CustomUser
    otto: CustomUser
    cora: CustomUser
    sven: CustomUser


def make_desk() -> Desk:
    group, elsewhere = make_group("Desk"), make_group("Elsewhere")

    def member(name: str, place: Group = group, **given) -> CustomUser:
        return make_user(name, group=place, trader=make_trader(place, name.title()), **given)

    return Desk(
        group=group,
        ana=member("ana"),
        bo=member("bo"),
        otto=member("otto", opt_out=True),
        cora=make_user("cora", group=group, is_admin=True),
        sven=member("sven", elsewhere),
    )
