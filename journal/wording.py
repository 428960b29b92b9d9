"""The words of a welcome prompt. A trader's own name figures; a group's name none.

Which of them greets is chosen by a hash of whom and when, so that each run chooses the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.api.fields import to_cents
from journal.week import Week

ALIKE = 0.02  # win rates this near to each other are told as the same


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, and the product that it is said of."""

    message: str
    product_id: int | None = None
    product_symbol: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to speak of: sentences to choose from, what fills them, the product if any."""

    name: str
    fill: dict[str, str]
    product: tuple[int, str] | None = None


OWN = {
    "standout": (
        "Last week's standout asset was {product}: {pnl} USD over {trades}. What trading "
        "strategies could you develop to better capitalize on similar market conditions?",
        "{product} carried your last week with {pnl} USD over {trades}. What did you see there "
        "that you did not see elsewhere?",
        "Your best product last week was {product}, {pnl} USD over {trades}. Which of those "
        "entries would you take again, and which came out well by luck?",
    ),
    "toughest": (
        "{product} was your hardest product last week: {pnl} USD over {trades}. Which of these "
        "trades did not follow your plan?",
        "Last week {product} cost you most: {pnl} USD over {trades}. What would have to be "
        "different before you trade it again?",
    ),
    "days": (
        "{best} was your best day last week ({best_pnl} USD), {worst} your worst "
        "({worst_pnl} USD). What did you do differently on these two days?",
        "Between {best} ({best_pnl} USD) and {worst} ({worst_pnl} USD) lay your whole last week. "
        "When on {worst} could you have stopped?",
        "Last week you made most on {best}: {best_pnl} USD; and lost most on {worst}: "
        "{worst_pnl} USD. How did you prepare for each of them?",
    ),
    "better": (
        "Your win rate rose to {rate} last week, from {earlier} over the four weeks before. Which "
        "change of yours is behind it, and how do you keep it?",
        "You won {rate} of your trades last week, after {earlier} in the four weeks before. What "
        "made you pick better trades?",
    ),
    "worse": (
        "Your win rate fell to {rate} last week, from {earlier} over the four weeks before. Which "
        "kind of trade would you leave out next time?",
        "You won {rate} of your trades last week, after {earlier} in the four weeks before. Did "
        "the market change, or the way you traded it?",
    ),
    "alike": (
        "You won {rate} of your trades last week, much as in the four weeks before ({earlier}). "
        "Would larger wins or fewer losses help you more now?",
        "Your win rate held at {rate} last week, beside {earlier} over the four weeks before. "
        "Which single habit could lift it?",
    ),
    "plain": (
        "A new week begins. Which trade of last week taught you most, and what will you do with "
        "it?",
        "Look back at last week before the new one starts: what worked, and what will you stop "
        "doing?",
    ),
    "quiet": (
        "You closed no trades last week. Which market conditions are you waiting for, and how "
        "will you recognise them?",
        "Last week was a week without trades. What do you want to be ready for in this one?",
    ),
}
SHARED = {
    "standout": (
        "Last week's standout asset was {product}. What trading strategies could you develop to "
        "better capitalize on similar market conditions?",
        "{product} did most for the group last week. What made it move, and how would you trade "
        "it next time?",
    ),
    "toughest": (
        "{product} was the group's hardest product last week. What would you have to see before "
        "you trade it again?",
        "The group found {product} hard last week. How do you tell early that a market does not "
        "suit you?",
    ),
    "days": (
        "{best} was the group's best day last week, {worst} its worst. What set these two days "
        "apart for you?",
        "Last week the group did best on {best} and worst on {worst}. How did your own days "
        "compare?",
    ),
    "better": (
        "The group won more of its trades last week than in the four weeks before. What has "
        "become clearer in the market?",
        "Last week's win rate of the group was above that of the four weeks before. Which change "
        "in your own trading do you want to keep?",
    ),
    "worse": (
        "The group won fewer of its trades last week than in the four weeks before. What has "
        "changed in the market, and what in you?",
        "Last week's win rate of the group was below that of the four weeks before. Which trades "
        "would you have left out?",
    ),
    "alike": (
        "The group won about as many of its trades last week as in the four weeks before. Where "
        "could the next step come from?",
        "The group's win rate hardly moved last week. Which single habit could lift yours?",
    ),
    "plain": (
        "A new week begins. What did the last one teach you, and what will you do with it?",
        "Look back at last week before the new one starts: what worked, and what will you stop "
        "doing?",
    ),
    "quiet": (
        "The group closed no trades last week. Which market conditions are you waiting for?",
        "Last week was a week without trades. What do you want to be ready for in this one?",
    ),
}


def words(week: Week, *, whom: str, monday: date, shared: bool) -> Words:
    """Return what greets `whom` in the week of `monday`; the same for the same arguments."""
    chance = int.from_bytes(hashlib.blake2b(f"{whom} {monday}".encode(), digest_size=8).digest())
    topics = list(_topics(week))
    topic = topics[chance % len(topics)]
    sentences = (SHARED if shared else OWN)[topic.name]
    message = sentences[chance // len(topics) % len(sentences)].format(**topic.fill)
    return Words(message, *(topic.product or ()))


def _topics(week: Week) -> Iterator[Topic]:
    """Say what the week gives to speak of; at least one."""
    if not week.traded:
        yield Topic("quiet", {})
        return
    found = [*_of_products(week), *_of_days(week), *_of_rates(week)]
    yield from found or (Topic("plain", {}),)


def _of_products(week: Week) -> Iterator[Topic]:
    if not week.products:
        return
    best, worst = week.products[0], week.products[-1]
    name, one = ("standout", best) if best.pnl > 0 else ("toughest", worst)
    if one.pnl:
        trades = f"{one.trades} trade{'' if one.trades == 1 else 's'}"
        fill = {"product": one.symbol, "pnl": _usd(one.pnl), "trades": trades}
        yield Topic(name, fill, (one.id, one.symbol))


def _of_days(week: Week) -> Iterator[Topic]:
    if week.days and week.days[0].pnl > 0 > week.days[-1].pnl:
        best, worst = week.days[0], week.days[-1]
        yield Topic(
            "days",
            {
                "best": f"{best.day:%A}",
                "best_pnl": _usd(best.pnl),
                "worst": f"{worst.day:%A}",
                "worst_pnl": _usd(worst.pnl),
            },
        )


def _of_rates(week: Week) -> Iterator[Topic]:
    if not (week.trades and week.earlier_trades):
        return
    rate, earlier = week.wins / week.trades, week.earlier_wins / week.earlier_trades
    name = "alike" if abs(rate - earlier) < ALIKE else "better" if rate > earlier else "worse"
    yield Topic(name, {"rate": f"{rate:.0%}", "earlier": f"{earlier:.0%}"})


def _usd(value: Decimal) -> str:
    return f"{to_cents(value):+,.2f}"
