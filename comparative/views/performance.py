"""The group's readings: read, allow, ask, reply."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import PeriodParams, answers, read_period, reply
from comparative import examples, queries
from comparative.serializers import GroupDayOut


class PerformanceByTime(APIView):
    """PnL of the group by day and product, the viewer's own included; real USD for every viewer.

    Whole days up to yesterday, UTC. Where the group sets min_cohort, regular users do not see a sum
    that fewer other traders stand behind.
    """

    @answers(GroupDayOut, PeriodParams, many=True, example=examples.PERFORMANCE_BY_TIME)
    def get(self, request: Request) -> Response:
        period, through = read_period(request), _through()
        scope = access.group_in_view(access.viewer(request), hides_money=False)
        covered = period.until(through)
        found = (
            queries.performance_by_time(
                accounts=scope.accounts, period=covered, cohort=_cohort(scope)
            )
            if covered
            else queries.GroupDays()
        )
        return reply(
            GroupDayOut,
            found.days,
            period=period,
            obfuscated=scope.veiled,
            data_through=through,
            notes=found.notes,
        )


def _through() -> date:
    """Return the last UTC day that the group's readings cover."""
    return clock.today() - timedelta(days=settings.COMPARATIVE_DELAY_DAYS)


def _cohort(scope: access.GroupScope) -> queries.Cohort | None:
    """Return how many other traders a sum needs; None, the same for all viewers, where any do."""
    return queries.Cohort(scope.min_cohort, scope.own) if scope.min_cohort else None
