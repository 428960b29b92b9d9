"""The group's record, the viewer's place in it, and the coach's table."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import access
from common.api import Analytic, PeriodParams, answers, reply
from comparative import examples, queries
from comparative.serializers import (
    GroupRatesOut,
    GroupWinLossOut,
    OverviewParams,
    StandingOut,
    TraderLineOut,
)
from comparative.views.reading import asked


class WinLossRatio(Analytic):
    """The group's winning against losing trades: counts and rates; averages for admins only.

    Whole days up to yesterday, UTC. Where the group sets min_cohort, a regular user's counts go
    without the days and products that fewer other traders traded.
    """

    @answers(GroupWinLossOut, PeriodParams, example=examples.WIN_LOSS_RATIO)
    def get(self, request: Request) -> HttpResponse:
        this = asked(request, hides_money=True)
        if this.scope.veiled:
            rates = queries.win_loss_rates.asked(**this.inputs)
            # Money is absent here; what is told is real.
            return reply(GroupRatesOut, rates, **this.meta(obfuscated=False))
        ratio = queries.win_loss_ratio.asked(accounts=this.scope.accounts, period=this.covered)
        return reply(GroupWinLossOut, ratio, **this.meta())


class Standing(Analytic):
    """The viewer's own rank and percentile in the group; nobody else's, and no figure.

    A rank tells how many traders stand above a figure that the viewer knows: over many periods that
    narrows down the figures of the highest and the lowest. Where the group sets min_cohort, regular
    users get no rank among fewer other traders. Coaches read everybody in `traders/overview`.
    """

    @answers(StandingOut, PeriodParams, example=examples.STANDING)
    def get(self, request: Request) -> HttpResponse:
        this = asked(request)
        standing = queries.standing.asked(**this.inputs, own=this.scope.own)
        return reply(StandingOut, standing, **this.meta())


class TradersOverview(APIView):
    """A line for each active trader of the own group, the highest PnL first; for admins.

    Live accounts, whole days up to yesterday, UTC. Who has opted out is there, and marked; who
    traded nothing is there with zeros and nulls.
    """

    @answers(TraderLineOut, OverviewParams, many=True, example=examples.TRADERS_OVERVIEW)
    def get(self, request: Request) -> HttpResponse:
        group_id = access.group_of_admin(access.viewer(request))
        this = asked(request, OverviewParams)
        found = queries.traders_overview(
            group_id=group_id,
            accounts=this.scope.accounts,
            period=this.covered,
            products=this.params["product"],
        )
        return reply(TraderLineOut, found.rows, **this.meta(notes=found.notes))
