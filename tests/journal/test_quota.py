"""A full quota, and uploads at once at its edge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from journal.models import Image
from journal.queries import storage
from tests.cast import make_desk
from tests.factories import make_trade
from tests.journal.pictures import picture
from tests.journal.uploads import files, logged_in, send

AT_ONCE = 4


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_uploads_at_once_do_not_go_beyond_the_quota(settings, shelf):
    desk = make_desk()
    trade, other = make_trade(desk.ana), make_trade(desk.bo)
    data = picture()
    size = send(logged_in(desk.bo), data, trade=str(other.pk)).json()["data"]["size"]
    settings.JOURNAL_BYTES = 3 * size - 1  # two of them
    clients = [logged_in(desk.ana) for _ in range(AT_ONCE)]
    before, start = files(shelf), Barrier(AT_ONCE)

    def go(client):
        try:
            start.wait(timeout=30)
            return send(client, data, trade=str(trade.pk)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = sorted(pool.map(go, clients))

    assert found == [201, 201, 413, 413]
    assert storage(trader_id=desk.ana.trader_id).used == 2 * size
    kept = set(Image.objects.filter(trader=desk.ana.trader).values_list("path", flat=True))
    assert files(shelf) - before == kept
