"""What each path of the dialect answers; `/truth/...` is ours and no part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar

import orjson

from ingestion.simulator.executions import NS
from ingestion.simulator.population import Account, Company
from ingestion.simulator.reports import Report

if TYPE_CHECKING:
    from ingestion.simulator.simulator import Simulator

T = TypeVar("T")
FAULTS_OF_ANY = ("busy", "error", "slow", "cut", "revoked")
FAULTS_OF_LISTS = ("lost_page",)
FAULTS_OF_FILLS = ("timeout", "double_page", "lost_page", "shuffled")


class Refused(Exception):
    """An answer that is not 200, with TT's sentence."""

    def __init__(self, status: int, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has passed the door."""

    company: Company
    environment: str
    service: str
    path: tuple[str, ...]
    params: Mapping[str, str]

    @property
    def endpoint(self) -> str:
        return self.path[0]

    @property
    def print(self) -> tuple[object, ...]:
        """What makes it the same request when it is asked again."""
        params = tuple(sorted((k, v) for k, v in self.params.items() if k != "requestId"))
        return (self.company.index, self.environment, self.service, self.path, params)

    def number(self, name: str, default: int) -> int:
        text = self.params.get(name, "")
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise Refused(400, f"{name} is not a timestamp in nanoseconds: {text[:40]}")
        return int(text)


class Endpoints:
    """Answers as bytes of JSON."""

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self._plan = simulator.plan
        self._listings: Counter[tuple[int, str]] = Counter()
        self._pages: dict[object, bytes] = {}

    def answer(self, asked: Asked) -> bytes:
        """Return the body of a 200. Raises Refused."""
        match (asked.service, *asked.path):
            case ("ttledger", "fills"):
                return self._fills(asked)
            case ("ttledger", "orderdata"):
                return ok(self._sim.reference.order_data)
            case ("ttpds", "markets"):
                return ok(self._sim.reference.markets)
            case ("ttpds", "productdata"):
                return ok(self._sim.reference.product_data)
            case ("ttpds", "instrument", number):
                return self._instrument(number)
            case ("ttpds", "product", number):
                row = self._sim.reference.product(number)
                return ok({"product": [_found(row, f"product {number}")]})
            case ("ttpds", "fxrate"):
                return self._rate(asked)
            case ("ttaccount", "accounts"):
                return self._accounts(asked)
            case ("ttaccount", "account", number):
                return self._account(asked, number)
            case ("ttmonitor", "position"):
                return self._positions(asked)
            case ("ttbars", "bars"):
                return self._bars(asked)
        raise Refused(404, f"no endpoint {asked.service}/{'/'.join(asked.path)}")

    def fault(self, asked: Asked) -> str | None:
        """Return the fault that befalls this asking, if any."""
        allowed: tuple[str, ...] = FAULTS_OF_ANY
        if asked.path == ("fills",):
            low, high = self._window(asked)
            wide = FAULTS_OF_FILLS if high - low > 3600 * NS else FAULTS_OF_FILLS[1:]
            allowed += wide
        elif asked.path in (("accounts",), ("bars",), ("position",)):
            allowed += FAULTS_OF_LISTS
        return self._plan.answer(asked.print, allowed)

    # -- fills -----------------------------------------------------------------------------

    def _window(self, asked: Asked) -> tuple[int, int]:
        now = self._sim.shown_at()
        low = asked.number("minTimestamp", now - 86_400 * NS)
        return low, asked.number("maxTimestamp", now)

    def _fills(self, asked: Asked) -> bytes:
        low, high = self._window(asked)
        hours = self._plan.rate("wide")
        if hours and high - low > hours * 3600 * NS:
            self._plan.count("wide")
            raise Refused(504, "the window is too wide")
        now = self._sim.shown_at()
        if self._sim.setup.retention_days:
            low = max(low, now - self._sim.setup.retention_days * 86_400 * NS)
        size = self._sim.setup.page_size
        rows = self._sim.books.rows(
            asked.company.index,
            asked.environment,
            low=low,
            high=high,
            now=now,
            account=asked.params.get("accountId"),
            limit=size + 1,
        )
        page = rows[:size]
        self._note(page, rows[size:])
        return fills_body(page, is_last=len(rows) <= size)

    def _note(self, page: Sequence[Report], onward: Sequence[Report]) -> None:
        """Count what the page carries, for tests that want to have met everything."""
        if not self._plan.rates:
            return
        for row in page:
            if row.fault:
                self._plan.count(row.fault)
        if onward and page[-1].stamp == onward[0].stamp:
            self._plan.count("tie_across_pages")
        newest = self._newest()
        whose = (newest.company, newest.environment)
        if self._listings[whose] <= self._plan.rate("newcomer"):
            traded = sum(row.account_id == newest.account_id for row in page)
            self._plan.count("newcomer_traded", traded)

    def page_before(self, asked: Asked, body: bytes | None = None) -> bytes | None:
        """Return the page answered before within the same window, and remember this one."""
        key = (asked.company.index, asked.environment, asked.params.get("maxTimestamp"))
        before = self._pages.get(key)
        if body is not None:
            if len(self._pages) > 64:
                self._pages.clear()
            self._pages[key] = body
        return before

    # -- accounts --------------------------------------------------------------------------

    def _accounts(self, asked: Asked) -> bytes:
        begin = asked.number("nextPageKey", 0)
        size = self._sim.setup.account_page
        whose = (asked.company.index, asked.environment)
        if begin == 0:
            self._listings[whose] += 1
        today = self._today()
        newest = self._newest()
        is_late = self._listings[whose] <= self._plan.rate("newcomer")
        mine = [
            account
            for account in self._of(asked)
            if account.listed
            and account.active_from <= today
            and not (is_late and account == newest)
        ]
        if is_late and newest in self._of(asked):
            self._plan.count("newcomer")
        rows = [self._row(account) for account in mine[begin : begin + size]]
        return ok(_paged({"accounts": rows}, begin + size if begin + size < len(mine) else None))

    def _account(self, asked: Asked, number: str) -> bytes:
        for account in self._of(asked):
            if account.account_id == number:
                return ok({"account": [self._row(account)]})
        raise Refused(404, f"no account {number}")

    def _newest(self) -> Account:
        return self._sim.population.accounts[-1]

    def _of(self, asked: Asked) -> list[Account]:
        return [
            account
            for account in self._sim.population.accounts
            if account.company == asked.company.index and account.environment == asked.environment
        ]

    def _row(self, account: Account) -> dict[str, object]:
        company = self._sim.companies[account.company]
        return {
            "id": int(account.account_id),
            "name": account.name,
            "accountType": 2,
            "companyId": int(company.company_id),
            "parentId": 0,
        }

    # -- the rest --------------------------------------------------------------------------

    def _positions(self, asked: Asked) -> bytes:
        held = self._sim.books.positions(
            asked.company.index, asked.environment, now=self._sim.shown_at()
        )
        rows = [
            {"accountId": int(account), "instrumentId": instrument, "netPosition": signed}
            for (account, instrument), signed in sorted(held.items())
        ]
        return ok({"positions": rows})

    def _instrument(self, number: str) -> bytes:
        found = self._sim.reference.instrument(number)
        if found is None:
            raise Refused(404, f"no instrument {number}")
        if self._plan.strikes("unknown", number) and self._plan.times_asked(("of", number)) < 2:
            self._plan.count("unknown")
            raise Refused(404, f"no instrument {number}")
        return ok({"instrument": [found.row()]})

    def _rate(self, asked: Asked) -> bytes:
        try:
            day = date.fromisoformat(asked.params.get("date", ""))
        except ValueError:
            raise Refused(400, "date is not like 2026-03-31") from None
        currency = asked.params.get("currency", "")
        rate = self._sim.reference.rate(currency, day) if day <= self._today() else None
        return ok({"rate": _found(rate, f"rate of {currency} on {day}")})

    def _bars(self, asked: Asked) -> bytes:
        name = asked.params.get("contract", "")
        month = _found(self._sim.reference.contract(name), f"contract {name}")
        low, high = self._window(asked)
        low = asked.number("nextPageKey", low)
        size = self._sim.setup.bar_page
        rows = self._sim.reference.bars(month, low, high, now=self._sim.now(), limit=size + 1)
        head = _paged({}, None)
        if len(rows) > size:
            head = _paged({}, int(orjson.loads(rows[size])["timeStamp"]))
        return ok({**head, "bars": [orjson.Fragment(row) for row in rows[:size]]})

    def _today(self) -> date:
        return datetime.fromtimestamp(self._sim.now() // NS, UTC).date()


def _found(thing: T | None, what: str) -> T:
    if thing is None:
        raise Refused(404, f"no {what}")
    return thing


def _paged(told: dict[str, object], onward: int | None) -> dict[str, object]:
    """Add what TT says about the page; "true" and "false" are strings."""
    if onward is None:
        return {**told, "lastPage": "true"}
    return {**told, "lastPage": "false", "nextPageKey": str(onward)}


def ok(told: Mapping[str, object]) -> bytes:
    return orjson.dumps({"status": "Ok", **told})


def fills_body(page: Sequence[Report], *, is_last: bool) -> bytes:
    """Write a page of fills; the rows are written already (and may hold a bare NaN)."""
    head = f'{{"status":"Ok","lastPage":"{"true" if is_last else "false"}","fills":['
    return head.encode() + b",".join(row.row for row in page) + b"]}"
