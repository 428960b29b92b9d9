"""The group's results by time and by product."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from common.api import Analytic, PeriodParams, answers, reply
from comparative import examples, queries
from comparative.serializers import GroupDayOut, GroupProductResultOut
from comparative.views.reading import asked


class PerformanceByTime(Analytic):
    """PnL of the group by day and product, the viewer's own included; real USD for every viewer.

    Whole days up to yesterday, UTC. Where the group sets min_cohort, regular users do not see a sum
    that fewer other traders stand behind.
    """

    @answers(GroupDayOut, PeriodParams, many=True, example=examples.PERFORMANCE_BY_TIME)
    def get(self, request: Request) -> HttpResponse:
        this = asked(request)
        return reply(GroupDayOut, queries.performance_by_time.asked(**this.inputs), **this.meta())


class PerformanceByProduct(Analytic):
    """PnL of the group by product, largest absolute PnL first; real USD for every viewer.

    All products, the viewer's own trades included, whole days up to yesterday, UTC. Where the group
    sets min_cohort, a regular user's sums go without the days on which fewer other traders traded
    the product (`days_left_out`); a product of which nothing is left is suppressed, and stands
    last.
    """

    @answers(
        GroupProductResultOut, PeriodParams, many=True, example=examples.PERFORMANCE_BY_PRODUCT
    )
    def get(self, request: Request) -> HttpResponse:
        this = asked(request)
        products = queries.performance_by_product.asked(**this.inputs)
        return reply(GroupProductResultOut, products, **this.meta())
