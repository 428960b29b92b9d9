"""What a weekly prompt has to say as things stand, and how it compares with the one kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from journal.models import PromptType, WelcomePrompt
from journal.week import Week
from journal.wording import Words, words


@dataclass(frozen=True, slots=True)
class Draft:
    """The words for a trader, or where trader_id is None for a group, in the week of `monday`."""

    monday: date
    group_id: int
    trader_id: int | None
    words: Words
    fingerprint: str

    @classmethod
    def of(cls, week: Week, *, monday: date, group_id: int, trader_id: int | None = None) -> Draft:
        whom = f"group {group_id}" if trader_id is None else f"trader {trader_id}"
        said = words(week, whom=whom, monday=monday, shared=trader_id is None)
        made_of = hashlib.blake2b(msgspec.json.encode([week, said]), digest_size=20)
        return cls(monday, group_id, trader_id, said, made_of.hexdigest())

    def outdates(self, row: WelcomePrompt) -> bool:
        return not row.edited_by_hand and row.fingerprint != self.fingerprint

    def row(self, *, at: datetime) -> WelcomePrompt:
        """Return a new row of it, not saved."""
        made = WelcomePrompt(
            date=self.monday,
            group_id=self.group_id,
            trader_id=self.trader_id,
            prompt_type=PromptType.WEEKLY,
        )
        return self.onto(made, at=at)

    def onto(self, row: WelcomePrompt, *, at: datetime) -> WelcomePrompt:
        """Write it over what a row says, not saved."""
        row.prompt_message, row.product_id = self.words.message, self.words.product_id
        row.fingerprint, row.made_at = self.fingerprint, at
        return row
