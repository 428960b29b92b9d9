"""The demo's journals: tags, notes, an entry a week, a word of the coach; made once a trader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.access import Accounts, OwnJournal
from accounts.models import CustomUser
from ingestion.simulator import seeds
from journal.actions import make_tag, say, tag_trades, write_entry, write_note
from journal.actions.entries import Words
from journal.models import Layer, Tag, TradeTag
from journal.queries.subjects import Subject
from ledger.models import Trade
from skyll.demo.people import ADMIN, OPT_OUT, TRADER
from traders.models import PlatformAccount, Trader

DAYS = 120  # so far back trades are tagged
_CUSTOM = ("Morning session", "News fade")
_NOTES = (
    "Waited for the second test, then took it. *Size was right.*",
    "Entry was early: the level had not held yet.",
    "Moved the stop too soon. **Rule: not before the first target.**",
    "Good read of the open, poor exit.",
    "No plan for this one. Let the next one go by.",
)
_TITLES = ("What worked this week", "Too many trades", "Patience paid", "Back to the plan")
_MOODS = ("calm", "tired", "focused", "impatient")


@dataclass(frozen=True, slots=True)
class Written:
    """What this run has added; all 0 where everything was there."""

    tagged: int = 0
    notes: int = 0
    entries: int = 0
    comments: int = 0

    def __str__(self) -> str:
        if not self.tagged:
            return "Demo journals: all there"
        return (
            f"Demo journals: {self.tagged:,} trades tagged, {self.notes} notes, {self.entries} "
            f"entries, {self.comments} comments"
        )

    def __add__(self, other: Written) -> Written:
        return Written(
            self.tagged + other.tagged,
            self.notes + other.notes,
            self.entries + other.entries,
            self.comments + other.comments,
        )


def write(*, at: datetime) -> Written:
    """Write the journals of all traders who have none yet; the test users' in more words."""
    coach = CustomUser.objects.filter(email=ADMIN).first()
    spoken = set(
        CustomUser.objects.filter(email__in=(TRADER, OPT_OUT), trader__isnull=False).values_list(
            "trader_id", flat=True
        )
    )
    fixed = list(Tag.objects.filter(layer=Layer.TAG).order_by("id").values_list("id", flat=True))
    written = Written()
    for trader in Trader.objects.filter(is_archived=False).order_by("id"):
        written += _journal(trader, fixed, coach if trader.pk in spoken else None, at)
    return written


@transaction.atomic
def _journal(
    trader: Trader, fixed: Sequence[int], coach: CustomUser | None, at: datetime
) -> Written:
    rows = PlatformAccount.objects.filter(trader=trader, is_sim=False).values_list(
        "id", "books_version"
    )
    own = OwnJournal(Accounts.of(rows), trader.pk)
    trades = list(
        Trade.objects.filter(
            account__in=own.accounts.ids, closed_on__gte=at.date() - timedelta(days=DAYS)
        )
        .order_by("closed_ns", "id")
        .values_list("id", "account_id", "closed_on")
    )
    if not trades or TradeTag.objects.filter(account__in=own.accounts.ids).exists():
        return Written()
    chosen = _tags_of(own, fixed, is_told=coach is not None)
    tagged = 0
    for tag_ids, trade_ids in _by_tags([pk for pk, *_ in trades], chosen).items():
        tag_trades(journal=own, trade_ids=trade_ids, tag_ids=tag_ids, at=at)
        tagged += len(trade_ids)
    if coach is None:
        return Written(tagged)
    return Written(tagged) + _words(own, trades, chosen, coach, at)


def _tags_of(own: OwnJournal, fixed: Sequence[int], *, is_told: bool) -> list[int]:
    """Return the tags that a trader likes: some fixed ones, and a test user's custom ones."""
    liked = seeds.dice("demo", "tags", own.trader_id).sample(list(fixed), 8)
    if not is_told:
        return liked
    parent = fixed[5]  # Tech, Other
    made = [make_tag(journal=own, name=name, parent_id=parent).id for name in _CUSTOM]
    return [*liked, *made]


def _by_tags(trade_ids: Sequence[UUID], chosen: Sequence[int]) -> dict[tuple[int, ...], list[UUID]]:
    """Deal one or two tags to two trades of three."""
    found: defaultdict[tuple[int, ...], list[UUID]] = defaultdict(list)
    for trade_id in trade_ids:
        dice = seeds.dice("demo", "tagged", trade_id)
        if dice.random() < 2 / 3:
            found[tuple(sorted(dice.sample(list(chosen), dice.choice((1, 1, 2)))))].append(trade_id)
    return found


def _words(
    own: OwnJournal,
    trades: Sequence[tuple[UUID, int, date]],
    chosen: Sequence[int],
    coach: CustomUser,
    at: datetime,
) -> Written:
    notes = entries = comments = 0
    for trade_id, account_id, _ in trades[-200::9]:
        dice = seeds.dice("demo", "words", trade_id)
        write_note(journal=own, trade_id=trade_id, text=dice.choice(_NOTES), at=at)
        notes += 1
        if dice.random() < 0.3:
            about = Subject(own.trader_id, account_id=account_id, trade_id=trade_id)
            say(subject=about, text="Show me this one on Monday.", by=coach, at=at)
            comments += 1
    for friday in _fridays(at.date()):
        week = [pk for pk, _, day in trades if friday - timedelta(days=6) <= day <= friday]
        dice = seeds.dice("demo", "entry", own.trader_id, friday)
        words = Words(
            date=friday,
            title=dice.choice(_TITLES),
            body=f"{len(week)} trades this week.\n\n- {dice.choice(_NOTES)}",
            mood=dice.choice(_MOODS),
            trades=week[:3],
            tags=[dice.choice(list(chosen))],
        )
        write_entry(journal=own, words=words, at=at)
        entries += 1
    return Written(notes=notes, entries=entries, comments=comments)


def _fridays(today: date) -> Iterator[date]:
    """Give out the last ten Fridays, oldest first."""
    last = today - timedelta(days=(today.weekday() - 4) % 7)
    for back in range(9, -1, -1):
        yield last - timedelta(weeks=back)
