"""The group's results by time."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import PeriodParams, answers, reply
from comparative import examples, queries
from comparative.serializers import GroupDayOut
from comparative.views.reading import asked


class PerformanceByTime(APIView):
    """PnL of the group by day and product, the viewer's own included; real USD for every viewer.

    Whole days up to yesterday, UTC. Where the group sets min_cohort, regular users do not see a sum
    that fewer other traders stand behind.
    """

    @answers(GroupDayOut, PeriodParams, many=True, example=examples.PERFORMANCE_BY_TIME)
    def get(self, request: Request) -> Response:
        this = asked(request)
        found = queries.performance_by_time(**this.inputs)
        return reply(GroupDayOut, found.rows, **this.meta(found.notes))
