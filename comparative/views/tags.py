"""The group's results by tag."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from common.api import Analytic, PeriodParams, answers, reply
from common.cache import asking
from comparative import examples, queries
from comparative.serializers import GroupTagMetaOut, GroupTagOut
from comparative.views.reading import asked
from journal.queries.tagged import journal_version
from journal.queries.tags import fixed_totals, tags_of


class PerformanceByTag(Analytic):
    """PnL of the group by tag, the viewer's own trades included; real USD for every viewer.

    The whole taxonomy in its order, tags without a trade too; custom tags count under the tag above
    them. A trade counts under each of its tags, and once in each category. Whole days up to
    yesterday, UTC. Where the group sets min_cohort, a regular user's sums go without the days on
    which fewer other traders closed trades that bear just the same tags.
    """

    @answers(
        GroupTagOut, PeriodParams, many=True, meta=GroupTagMetaOut,
        example=examples.PERFORMANCE_BY_TAG,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        this = asked(request)
        tags, version = tags_of(None), journal_version(this.scope.accounts)
        found = asking(
            queries.performance_by_tag, ttl="comparative.performance-by-tag",
            **this.inputs, tags=tags, version=version,
        )  # fmt: skip
        return reply(GroupTagOut, found, **this.meta(**fixed_totals(tags)))
