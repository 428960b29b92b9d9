"""Days of bars that are asked for once more."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from ingestion.actions import ask_bars_again
from ingestion.models import BarDay, Feed
from tests.ingestion.fake_provider import NOW, FakeProvider
from tests.ingestion.test_poll_bars import ES, MINUTE, every_minute, feed, known, trade

pytestmark = pytest.mark.django_db


def test_asked_again_a_day_is_read_from_its_beginning():
    feed()
    tt = FakeProvider(fills=[*trade("10"), *trade("09"), *trade("08")])
    tt.poll()
    tt.stretches.clear()
    tt.bars = every_minute("03-09")
    call_command("rescan_bars", ES, "--since", "2026-03-09", "--until", "2026-03-09")
    assert Feed.objects.get(stream="bars").due_at > NOW  # of the test's clock

    tt.later(30, ignore_due=True)
    assert tt.stretches == [(ES, "03-09 00:00", "03-09 23:59")]
    assert (ES, "03-09", 1440, True) in known()
    with pytest.raises(CommandError, match="no contract"):
        call_command("rescan_bars", "ES")


def test_asked_again_while_it_is_being_read_it_is_read_again():
    feed()
    tt = FakeProvider(fills=trade("10"))
    tt.poll()
    (pk,) = BarDay.objects.values_list("id", flat=True)

    def meanwhile(call):
        if call.startswith("bars"):
            ask_bars_again([pk], at=NOW)

    tt.before = meanwhile
    tt.later(65, ignore_due=True)
    tt.before = lambda call: None
    tt.later(70, ignore_due=True)

    assert tt.stretches[1:] == [
        (ES, "03-10 11:45", "03-10 12:00"),
        (ES, "03-10 00:00", "03-10 12:00"),
    ]
    assert BarDay.objects.get().read_until == NOW + MINUTE
