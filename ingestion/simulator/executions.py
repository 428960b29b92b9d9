"""What happened on the exchange, before anyone reports it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from ingestion.simulator import seeds
from ingestion.simulator.listings import Listed, Month, instrument_id
from ingestion.simulator.market import PER_MINUTE, STEP, STEPS, ContractDay, Market

NS = 1_000_000_000
DAY = 86_400
SINGLE, LEG, MULTILEG = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of one order.

    ns          exchange time, nanoseconds since 1970
    signed      contracts, + bought, - sold
    ticks       price in the product's ticks
    leg         1 single, 2 leg of a spread, 3 the spread's own summary
    is_booked   False: books leave it out (spread summary, echo of a synthetic order, option)
    """

    number: int
    order: int
    ns: int
    instrument: str
    product: Listed
    signed: int
    ticks: int
    leg: int = SINGLE
    market: str = ""
    effect: str = "O"
    is_booked: bool = True

    @property
    def instrument_id(self) -> str:
        return instrument_id(self.instrument)


class Desk:
    """A trader's seat for one week: looks at prices and collects executions.

    Times are seconds since the week's Monday, 00:00 UTC, and may run into the next weeks.
    """

    def __init__(self, market: Market, monday: date, dice: Random, *, has_algo: bool) -> None:
        self.market = market
        self.monday = monday
        self.dice = dice
        self.done: list[Execution] = []
        self._has_algo = has_algo
        self._orders = 0
        self._begin = int(datetime.combine(monday, time(), UTC).timestamp())

    def day_at(self, second: int) -> date:
        return self.monday + timedelta(days=second // DAY)

    def look(self, contract: Month, second: int) -> ContractDay:
        return self.market.day(contract, self.day_at(second))

    def next_open(self, contract: Month, second: int, *, within: int = 5 * DAY) -> int | None:
        """Return the first second from `second` on in whose minute the contract trades."""
        last = second + within
        while second < last:
            volume = self.look(contract, second).volume
            minute = second % DAY // 60
            if volume[minute] > 0:
                return second
            later = volume[minute:].nonzero()[0]
            if later.size:
                return second - second % 60 + int(later[0]) * 60
            second += DAY - second % DAY
        return None

    def price(self, contract: Month, second: int) -> int:
        return int(self.look(contract, second).ticks[second % DAY // STEP])

    def order(self, contract: Month, second: int, signed: int, *, closes: bool = False) -> None:
        """Trade `signed` contracts at the price of the moment, in one to three fills.

        Fills of one sweep share their nanosecond, as they do at the exchange.
        """
        dice = self.dice
        self._orders += 1
        day = self.look(contract, second)
        step = second % DAY // STEP
        minute = step // PER_MINUTE
        ns = self._ns(second)
        sizes = list(_parts(abs(signed), dice))
        is_sweep = dice.random() < 0.6
        side = 1 if signed > 0 else -1
        ticks = int(day.ticks[step])
        worst = int(day.highs[minute]) if side > 0 else int(day.lows[minute])
        for place, size in enumerate(sizes):
            paid = ticks
            if place == len(sizes) - 1 > 0 and dice.random() < 0.3 and paid != worst:
                paid += side  # the last of a sweep pays the next level
            self.fill(
                contract.name,
                contract.product,
                ns if is_sweep else ns + place * dice.randint(1, 400_000),
                side * size,
                paid,
                effect="C" if closes else "O",
            )
        if self._has_algo:
            self.fill(
                contract.name, contract.product, ns, signed, ticks, market="ALGO", is_booked=False
            )

    def spread(self, near: Month, far: Month, second: int, signed: int, *, closes: bool) -> None:
        """Buy near and sell far (or the reverse) as one calendar spread: a summary and two legs."""
        self._orders += 1
        ns = self._ns(second)
        first, other = self.price(near, second), self.price(far, second)
        effect = "C" if closes else "O"
        name = spread_name(near, far)
        self.fill(
            name, near.product, ns, signed, first - other, MULTILEG, effect=effect, is_booked=False
        )
        self.fill(near.name, near.product, ns, signed, first, LEG, effect=effect)
        self.fill(far.name, far.product, ns, -signed, other, LEG, effect=effect)

    def option(self, contract: Month, second: int, signed: int) -> None:
        """Trade a call near the money; its price is no more than plausible."""
        self._orders += 1
        strike = round(self.price(contract, second) * contract.product.tick / 50) * 50
        name = f"{contract.name} C{strike}"
        ticks = 40 + seeds.number(name, second // DAY) % 60
        self.fill(name, contract.product, self._ns(second), signed, ticks, is_booked=False)

    def fill(
        self,
        instrument: str,
        product: Listed,
        ns: int,
        signed: int,
        ticks: int,
        leg: int = SINGLE,
        *,
        market: str = "",
        effect: str = "O",
        is_booked: bool = True,
    ) -> None:
        self.done.append(
            Execution(
                number=len(self.done) + 1,
                order=self._orders,
                ns=ns,
                instrument=instrument,
                product=product,
                signed=signed,
                ticks=ticks,
                leg=leg,
                market=market,
                effect=effect,
                is_booked=is_booked,
            )
        )

    def _ns(self, second: int) -> int:
        """Return a nanosecond within the ten seconds in which the price stands."""
        step = second - second % STEP
        return (self._begin + step) * NS + self.dice.randrange(9 * NS)


def spread_name(near: Month, far: Month) -> str:
    """Return the calendar spread's name: "CL Jan27-Feb27 Calendar"."""
    return f"{near.name}-{far.name.split()[1]} Calendar"


def _parts(size: int, dice: Random) -> Iterator[int]:
    """Split an order into at most three fills."""
    for _ in range(2):
        if size > 1 and dice.random() < 0.45:
            part = dice.randint(1, size - 1)
            yield part
            size -= part
    yield size


def steps_left(day: ContractDay, second: int, most: int) -> int:
    """Return for how many steps, at most `most`, the contract goes on trading on this day."""
    step = second % DAY // STEP
    minute = step // PER_MINUTE
    shut = (day.volume[minute:] == 0).nonzero()[0]
    end = (minute + int(shut[0])) * PER_MINUTE if shut.size else STEPS
    return min(most, end - 1 - step)
