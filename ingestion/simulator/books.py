"""The provider's ledger: rows by company and time, positions, and the whole truth."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from threading import RLock

from ingestion.simulator import seeds
from ingestion.simulator.executions import DAY, NS
from ingestion.simulator.faults import FaultPlan
from ingestion.simulator.listings import Listed
from ingestion.simulator.live import LONGEST, LiveTrading
from ingestion.simulator.market import Market, Recent
from ingestion.simulator.population import ENVIRONMENTS, Population
from ingestion.simulator.reports import Report, reports
from ingestion.simulator.styles import SPILL_WEEKS, week_of

_ORDER = attrgetter("stamp", "identity", "action")


@dataclass(frozen=True, slots=True)
class Told:
    """A report with the environment of its account."""

    environment: str
    report: Report


@dataclass(frozen=True, slots=True)
class Truth:
    """All that the ledger has shown so far.

    told        one entry per identity (environment, account, uniqueExecId); unusable rows apart
    positions   (environment, account, instrument) -> contracts, without the flat ones
    """

    told: dict[tuple[str, str, str], Report]
    unusable: dict[tuple[str, str, str], Report]
    positions: dict[tuple[str, str, str], int]

    @property
    def effective(self) -> dict[tuple[str, str, str], Report]:
        """The rows that belong into the books."""
        return {key: report for key, report in self.told.items() if report.is_effective}


class Books:
    """Rows are made week by week when they are asked for, and kept for a while."""

    def __init__(
        self,
        *,
        seed: int,
        start: date,
        population: Population,
        market: Market,
        products: dict[str, Listed],
        live: LiveTrading,
        plan: FaultPlan,
    ) -> None:
        self._seed = seed
        self._population = population
        self._market = market
        self._products = products
        self._live = live
        self._plan = plan
        self._first_week = _monday(start)
        self._drawn = Recent(30)
        self._weeks = Recent(24)
        self._lock = RLock()

    def rows(
        self,
        company: int,
        environment: str,
        *,
        low: int,
        high: int,
        now: int,
        account: str | None = None,
        limit: int,
    ) -> list[Report]:
        """Return the first `limit` rows with low <= stamp <= high that the ledger shows at `now`,
        by stamp."""
        found: list[Report] = []
        high = min(high, now)
        if low > high:
            return found
        week = max(self._first_week, _monday(_day(max(low, 0))))
        while week <= _monday(_day(high)):
            found += self._visible(company, environment, week, low, high, now, account, limit)
            week += timedelta(days=7)
            if len(found) > limit:
                break
        live = [
            row
            for row in self._live.rows(company, environment, low, high)
            if row.appears <= now and account in (None, row.account_id)
        ]
        if live:
            found = sorted(found + live, key=_ORDER)
        return found[:limit]

    def positions(self, company: int, environment: str, *, now: int) -> dict[tuple[str, str], int]:
        """Return (account, instrument id) -> contracts held at `now`, without the flat ones.

        Draws end flat, so the last weeks and the last minutes are all that can be open.
        """
        held: Counter[tuple[str, str]] = Counter()
        this = _monday(_day(now))
        rows = [
            row
            for back in range(SPILL_WEEKS + 1)
            for row in self._draw(company, environment, this - timedelta(days=7 * back))
        ]
        near = (LONGEST + 120) * NS
        rows += self._live.rows(company, environment, now - near, now + near)
        counted: set[tuple[str, str]] = set()  # a row may be told twice
        for row in rows:
            place = (row.account_id, row.identity)
            if row.is_effective and row.told and row.told.ns <= now and place not in counted:
                counted.add(place)
                held[row.account_id, row.told.instrument_id] += row.told.signed
        return {key: signed for key, signed in held.items() if signed}

    def truth(self, *, now: int, company: int | None = None) -> Truth:
        """Return all that the ledger has shown until `now`."""
        told: dict[tuple[str, str, str], Report] = {}
        unusable: dict[tuple[str, str, str], Report] = {}
        positions: Counter[tuple[str, str, str]] = Counter()
        for one in self.shown(now=now, company=company):
            report = one.report
            key = (one.environment, report.account_id, report.identity)
            if report.told is None:
                unusable[key] = report
            elif key not in told:
                told[key] = report
                if report.is_effective:
                    place = (one.environment, report.account_id, report.told.instrument)
                    positions[place] += report.told.signed
        held = {key: signed for key, signed in positions.items() if signed}
        return Truth(told, unusable, held)

    def shown(self, *, now: int, company: int | None = None) -> Iterator[Told]:
        """Yield every row that the ledger shows at `now`, repeats included."""
        everyone = range(len(self._population.companies)) if company is None else (company,)
        low = int(datetime.combine(self._first_week, time(), UTC).timestamp()) * NS
        for one in everyone:
            for environment in ENVIRONMENTS:
                week = self._first_week
                while week <= _monday(_day(now)):
                    for row in self._week(one, environment, week)[1]:
                        if row.appears <= now:
                            yield Told(environment, row)
                    week += timedelta(days=7)
                for row in self._live.rows(one, environment, low, now):
                    yield Told(environment, row)

    def _visible(
        self,
        company: int,
        environment: str,
        week: date,
        low: int,
        high: int,
        now: int,
        account: str | None,
        limit: int,
    ) -> list[Report]:
        stamps, rows, latest = self._week(company, environment, week)
        begin, end = bisect_left(stamps, low), bisect_right(stamps, high)
        if account is None and latest <= now:
            return rows[begin : min(end, begin + limit + 1)]
        return [
            row
            for row in rows[begin:end]
            if row.appears <= now and account in (None, row.account_id)
        ]

    def _week(
        self, company: int, environment: str, week: date
    ) -> tuple[list[int], list[Report], int]:
        """Return the stamps and rows of a week in order, and when the last of them appears."""

        def make() -> tuple[list[int], list[Report], int]:
            low = int(datetime.combine(week, time(), UTC).timestamp()) * NS
            high = low + 7 * DAY * NS
            rows = [
                row
                for back in range(SPILL_WEEKS + 1)
                for row in self._draw(company, environment, week - timedelta(days=7 * back))
                if low <= row.stamp < high
            ]
            rows.sort(key=_ORDER)
            latest = max((row.appears for row in rows), default=0)
            return [row.stamp for row in rows], rows, latest

        with self._lock:
            found: tuple[list[int], list[Report], int] = self._weeks.get(
                (company, environment, week), make
            )
            return found

    def _draw(self, company: int, environment: str, week: date) -> list[Report]:
        """Return the rows of all that is begun in a week."""

        def make() -> list[Report]:
            rows: list[Report] = []
            for trader in self._population.traders:
                for account in trader.accounts:
                    if account.company != company or account.environment != environment:
                        continue
                    done = week_of(
                        trader,
                        account,
                        week,
                        seed=self._seed,
                        market=self._market,
                        products=self._products,
                    )
                    prefix = f"{seeds.word(6, self._seed, account.account_id)}{week:%y%m%d}-"
                    rows += reports(done, account, prefix, self._plan)
            return rows

        if week < self._first_week:
            return []
        with self._lock:
            found: list[Report] = self._drawn.get((company, environment, week), make)
            return found


def _day(ns: int) -> date:
    return datetime.fromtimestamp(ns // NS, UTC).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
