"""What the admins of a group may ask for."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Day, Id, OpenPeriodParams, PageParams, Repeated
from ingestion.queries import STATES


class WatchedParams(OpenPeriodParams, PageParams):
    """Days of one trader, or of the whole group, by pages."""

    trader = Id(default=None, help_text="id of a trader of the own group; all where left out")


class ReconciliationParams(WatchedParams):
    """The same, of some states."""

    start_date = Day(
        required=False, help_text="first UTC day; without both dates: the last 28 days"
    )
    state = Repeated(
        child=serializers.ChoiceField(choices=STATES),
        help_text="only days in this state; may be given several times",
    )
