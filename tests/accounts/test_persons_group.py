"""What the group reads of a person is the same before and after."""

from __future__ import annotations

import pytest

from accounts.actions import delete_user, link
from accounts.models import CustomUser
from tests.accounts.test_persons import erased
from tests.factories import AT, make_user
from tests.seeded import seed_books

MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
ASKED = {**MARCH, "date": "2026-03-10"}
COMPARED = ("performance-by-time", "performance-by-product", "performance-by-tag", "top-intraday")


@pytest.mark.parametrize("who", ["ana", "otto"])
def test_the_group_reads_the_same_before_and_after(desk, as_user, who):
    """Who opted out stays hidden from peers, who did not stays in the sums, to the cent."""
    seed_books(desk)
    user = getattr(desk, who)

    def read(viewer):
        client = as_user(viewer)
        return [
            client.get(f"/api/v1/comparative/{name}", ASKED).json()["data"] for name in COMPARED
        ]

    before = {viewer.pk: read(viewer) for viewer in (desk.bo, desk.cora)}
    people = as_user(desk.cora).get("/api/v1/traders").json()["data"]
    erased(user)
    for viewer in (desk.bo, desk.cora):
        assert read(viewer) == before[viewer.pk]
    after = {one["id"]: one for one in as_user(desk.cora).get("/api/v1/traders").json()["data"]}
    (line,) = [one for one in people if one["id"] == user.trader_id]
    assert after[line["id"]]["name"] == f"Former trader {user.trader_id}"
    assert after[line["id"]]["opt_out"] == line["opt_out"] == (who == "otto")


def test_whoever_is_deleted_or_unlinked_stays_as_hidden_as_before(desk, as_user):
    seed_books(desk)
    done = {"by": "", "at": AT, "source": "console"}

    def read():
        return as_user(desk.bo).get("/api/v1/comparative/performance-by-time", MARCH).json()["data"]

    before = read()
    link(user=desk.otto, trader=None, **done)
    assert read() == before
    link(user=make_user("new", group=desk.group), trader=desk.otto.trader, **done)
    assert read() != before  # a log-in speaks for itself
    link(user=CustomUser.objects.get(username="new"), trader=None, **done)
    link(user=desk.otto, trader=desk.otto.trader, **done)
    delete_user(user=desk.otto, **done)
    assert read() == before
