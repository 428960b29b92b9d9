"""The group's results by time and by product."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import PeriodParams, answers, reply
from comparative import examples, queries
from comparative.serializers import GroupDayOut, GroupProductResultOut
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


class PerformanceByProduct(APIView):
    """PnL of the group by product, largest absolute PnL first; real USD for every viewer.

    All products, the viewer's own trades included, whole days up to yesterday, UTC. Where the group
    sets min_cohort, a regular user's sums go without the days on which fewer other traders traded
    the product (`days_left_out`); a product of which nothing is left is suppressed, and stands
    last.
    """

    @answers(
        GroupProductResultOut, PeriodParams, many=True, example=examples.PERFORMANCE_BY_PRODUCT
    )
    def get(self, request: Request) -> Response:
        this = asked(request)
        found = queries.performance_by_product(**this.inputs)
        return reply(GroupProductResultOut, found.rows, **this.meta(found.notes))
