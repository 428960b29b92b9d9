"""Welcome prompts are written: all of them each Monday, and whichever is missing or no longer holds
when it is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import access
from accounts.access import SharedScope
from accounts.models import CustomUser
from journal.drafts import Draft
from journal.models import PromptType, WelcomePrompt
from journal.queries import prompts as queries
from journal.week import Row, monday_of, own_week, shared_week
from traders.models import Group, Trader

MADE = ("prompt_message", "product", "fingerprint", "made_at")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A welcome prompt as it is read."""

    id: int
    date: date
    prompt_message: str
    group_id: int
    trader_id: int | None
    prompt_type: str
    product_symbol: str | None


def write_prompts(*, at: datetime) -> int:
    """Write this week's prompts of all active groups and of all their traders who traded.

    Those that still hold stay; returns how many were written. Safe to run twice, even at once.
    7 queries at most, however many prompts there are.
    """
    monday = monday_of(at.date())
    scopes = access.shared_by_members(Group.objects.filter(is_archived=False))
    traders = Trader.objects.filter(is_archived=False, group__is_archived=False)
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    live = Q(account__is_sim=False, account__trader__in=traders)
    for row in queries.rows(of=live, monday=monday):
        rows[row.trader_id].append(row)
    drafts = [_of_group(scope, rows, monday=monday, today=at.date()) for scope in scopes]
    for trader_id, group_id in traders.values_list("id", "group_id"):
        week = own_week(rows.get(trader_id, ()), monday=monday)
        if week.traded:
            drafts.append(Draft.of(week, monday=monday, group_id=group_id, trader_id=trader_id))
    return keep(drafts, monday=monday, at=at)


@transaction.atomic
def keep(drafts: Collection[Draft], *, monday: date, at: datetime) -> int:
    """Make the prompts that are missing, and those anew that no longer hold; return how many.

    3 queries at most, in a transaction. What a person has edited stays.
    """
    wanted = {(draft.group_id, draft.trader_id): draft for draft in drafts}
    held = queries.weekly(
        monday=monday, groups={group for group, _ in wanted}, traders={whose for _, whose in wanted}
    )
    # Locked and made in one order everywhere, so that two at once do not wait for each other.
    kept = held.select_for_update(no_key=True, of=("self",)).order_by("id")
    known = {(row.group_id, row.trader_id): row for row in kept}
    missing = sorted(wanted.keys() - known.keys(), key=lambda key: (key[0], key[1] or 0))
    WelcomePrompt.objects.bulk_create(
        [wanted[key].row(at=at) for key in missing],
        ignore_conflicts=True,  # another one may have been quicker
    )
    stale = [
        wanted[key].onto(row, at=at)
        for key, row in known.items()
        if key in wanted and wanted[key].outdates(row)
    ]
    WelcomePrompt.objects.bulk_update(stale, MADE)
    return len(missing) + len(stale)


def welcome(user: CustomUser, *, at: datetime) -> Prompt | None:
    """Return what greets `user` this week: somebody's own words, else the weekly prompt.

    That is the trader's where there is one who traded last week, else the group's. What is missing
    or no longer holds is made now, so that the answer never rests on what an opt-out, a new role or
    a late fill has left behind. 2 queries for a trader who traded, else 3; 1 for somebody's words.
    """
    if user.group_id is None:
        return None
    monday = monday_of(at.date())
    rows = list(
        queries.prompts_of_week(monday=monday, group_id=user.group_id, trader_id=user.trader_id)
    )
    by_hand = _by_hand(rows)
    if by_hand is not None:
        return _read(by_hand)
    draft = _draft(user, monday=monday, today=at.date())
    return None if draft is None else _answer(draft, rows, at=at)


def _by_hand(rows: Sequence[WelcomePrompt]) -> WelcomePrompt | None:
    """Return what somebody wrote for the reader, the trader's first.

    An edited weekly one of the group is no such thing: it is only for who may read the group's.
    """
    custom = [row for row in rows if row.prompt_type == PromptType.CUSTOM]
    own = [row for row in rows if row.trader_id is not None]
    edited = [row for row in own if row.edited_by_hand]
    found = [*(row for row in own if row in custom), *custom, *edited]
    return found[0] if found else None


def _draft(user: CustomUser, *, monday: date, today: date) -> Draft | None:
    """Return what the weekly prompt of `user` has to say; None for who has none."""
    own = None
    if user.trader is not None and not user.trader.is_archived:
        accounts = access.personal_in_view(user).accounts
        week = queries.week_of_trader(accounts=accounts, monday=monday)
        own = Draft.of(week, monday=monday, group_id=user.trader.group_id, trader_id=user.trader.pk)
        if week.traded:
            return own
    try:
        group = access.group_of_member(user)
    except (access.NoGroup, access.OptedOut):
        return own
    (scope,) = access.shared_by_members((group,))
    week = queries.week_of_group(
        accounts=scope.accounts,
        monday=monday,
        through=_told_through(today, monday),
        least=scope.min_cohort,
    )
    return Draft.of(week, monday=monday, group_id=scope.group_id)


def _of_group(
    scope: SharedScope, rows: Mapping[int, list[Row]], *, monday: date, today: date
) -> Draft:
    through = _told_through(today, monday)
    theirs = (row for trader in scope.trader_ids for row in rows.get(trader, ()))
    told = [row for row in theirs if row.day <= through]
    week = shared_week(told, monday=monday, least=scope.min_cohort)
    return Draft.of(week, monday=monday, group_id=scope.group_id)


def _told_through(today: date, monday: date) -> date:
    """Return the last day that is told of peers: the Sunday, unless the delay is longer."""
    delayed = today - timedelta(days=settings.COMPARATIVE_DELAY_DAYS)
    return min(monday - timedelta(days=1), delayed)


def _answer(draft: Draft, rows: Sequence[WelcomePrompt], *, at: datetime) -> Prompt:
    """Return the prompt with the words of this moment, whoever else writes at the same time."""
    of_reader = (row for row in rows if row.trader_id == draft.trader_id)
    row = next((row for row in of_reader if row.prompt_type == PromptType.WEEKLY), None)
    if row is None or draft.outdates(row):
        keep((draft,), monday=draft.monday, at=at)
        row = (
            row
            or queries.weekly(
                monday=draft.monday, groups={draft.group_id}, traders={draft.trader_id}
            )
            .select_related("product")
            .get()
        )
    if row.edited_by_hand:
        return _read(row)
    said = draft.words
    return _prompt(row, said.message, said.product_symbol)


def _read(row: WelcomePrompt) -> Prompt:
    return _prompt(row, row.prompt_message, row.product.symbol if row.product else None)


def _prompt(row: WelcomePrompt, message: str, product_symbol: str | None) -> Prompt:
    return Prompt(
        id=row.pk,
        date=row.date,
        prompt_message=message,
        group_id=row.group_id,
        trader_id=row.trader_id,
        prompt_type=row.prompt_type,
        product_symbol=product_symbol,
    )
