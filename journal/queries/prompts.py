"""What welcome prompts are made of, and those that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db.models import Q, QuerySet, Sum

from accounts.access import Accounts
from common.cache import cached
from journal.models import PromptType, WelcomePrompt
from journal.week import EARLIER, WEEK, Row, Week, own_week, shared_week
from ledger.models import DayResult


@cached(ttl="welcome-prompt")
def week_of_trader(*, accounts: Accounts, monday: date) -> Week:
    """Return one trader's week before `monday`. 1 query."""
    return own_week(rows(of=Q(account__in=accounts.ids), monday=monday), monday=monday)


@cached(ttl="welcome-prompt")
def week_of_group(*, accounts: Accounts, monday: date, through: date, least: int) -> Week:
    """Return the week before `monday` as every member may know it. 1 query.

    accounts  those that all members see
    through   the last UTC day that is told of peers
    least     min_cohort of the group
    """
    found = rows(of=Q(account__in=accounts.ids, day__lte=through), monday=monday)
    return shared_week(found, monday=monday, least=least)


def rows(*, of: Q, monday: date) -> Iterator[Row]:
    """Return last week and the four before by trader, day and product. 1 query."""
    span = (monday - (EARLIER + 1) * WEEK, monday - timedelta(days=1))
    found = (
        DayResult.objects.filter(of, day__range=span)
        .values_list("account__trader_id", "day", "product_id", "product__symbol")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), Sum("win_count"), Sum("held_count"))
        .order_by()
    )
    return (Row(*row) for row in found)


def prompts_of_week(
    *, monday: date, group_id: int, trader_id: int | None
) -> QuerySet[WelcomePrompt]:
    """Return those for a trader or for the whole group, newest first, product at hand."""
    whose = Q(trader=None) if trader_id is None else Q(trader=None) | Q(trader=trader_id)
    return (
        WelcomePrompt.objects.filter(whose, date=monday, group=group_id)
        .select_related("product")
        .order_by("-made_at", "-id")
    )


def weekly(
    *, monday: date, groups: Collection[int], traders: Collection[int | None]
) -> QuerySet[WelcomePrompt]:
    """Return the weekly prompts of these traders, None being a whole group."""
    whose = Q(trader__in=[trader for trader in traders if trader is not None])
    if None in traders:
        whose |= Q(trader=None)
    return WelcomePrompt.objects.filter(
        whose, date=monday, group__in=groups, prompt_type=PromptType.WEEKLY
    )
