"""What every view of a group begins with: read, allow, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from accounts import access
from common import clock
from common.api import Params, Period, PeriodParams, read
from comparative.cohort import Cohort


@dataclass(frozen=True)
class Asked:
    """A group's reading as one viewer asked for it and may have it.

    request  as it came
    params   as they were read
    covered  the part of the period that is told; it ends before it starts where none of it is, so
             that every sum over it is empty
    through  the last UTC day that is covered
    """

    request: Request
    params: dict[str, Any]
    covered: Period
    through: date
    scope: access.GroupScope
    cohort: Cohort

    @property
    def inputs(self) -> dict[str, Any]:
        """Return what every query of a group takes."""
        return {"accounts": self.scope.accounts, "period": self.covered, "cohort": self.cohort}

    def meta(self, **more: Any) -> dict[str, Any]:
        """Return what `reply` says of every reading of a group; `more` adds or replaces keys."""
        return {
            "request": self.request,
            "period": self.params["period"],
            "obfuscated": self.scope.veiled,
            "data_through": self.through,
            **more,
        }


def asked(
    request: Request, params: type[Params] = PeriodParams, *, hides_money: bool = False
) -> Asked:
    """Read the parameters, a period among them, and allow the accounts of the viewer's group."""
    given = read(params, request)
    scope = access.group_in_view(access.viewer(request), hides_money=hides_money)
    through = clock.today() - timedelta(days=settings.COMPARATIVE_DELAY_DAYS)
    period: Period = given["period"]
    covered = Period(period.start, min(period.end, through))
    return Asked(request, given, covered, through, scope, Cohort.of(scope))
