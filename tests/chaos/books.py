"""The tables under a story: made, read whole, and made anew from nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from futures.bars import NewBar
from futures.models import Contract
from ledger import candles, reconciliation
from ledger.actions import (
    record_bars,
    record_fills,
    record_rates,
    release_contract,
    release_held,
    reprice_fees,
    resolve_instrument,
)
from ledger.history import versions
from ledger.models import DayCandle, DayResult, FeeSchedule, Position, ReconciledDay, Trade
from tests.chaos.story import STEP, UNKNOWN, Story
from tests.factories import make_account, make_group, make_trader
from tests.ledger.conftest import NS, make_contract

OPENING = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
FOUND, DARK = "NQ Mar26", "CL Jun26"
# Left out: when it was written down. Of rows that never counted or no longer do, the contract and
# the sentence depend on what was known when they came.
_TABLES: dict[Any, tuple[str, ...]] = {
    Trade: ("booked_at",), Position: (), DayResult: (), DayCandle: (),
    ReconciledDay: ("checked_at",),
}  # fmt: skip
_FILLS = (
    "account_id, exec_id, leg_index, ref_exec_id, root_exec_id, action, kind, synthetic, "
    "instrument_id, CASE state WHEN 'usable' THEN contract_id END, side, quantity, price, "
    "executed_ns, received_ns, fees, position_effect, state"
)
_SUMS = """
SELECT * FROM (
    SELECT account_id, contract_id, closed_on AS day, coalesce(sum(pnl_usd), 0)::bigint AS pnl,
        coalesce(sum(gross_usd), 0)::bigint AS gross, coalesce(sum(fees_usd), 0)::bigint AS fees,
        count(pnl_usd) AS trades, count(*) FILTER (WHERE pnl_usd IS NULL) AS held
    FROM ledger_trade GROUP BY 1, 2, 3
) t FULL JOIN (
    SELECT account_id, contract_id, day, pnl_usd, gross_usd, fees_usd, trade_count, held_count
    FROM ledger_dayresult
) d USING (account_id, contract_id, day)
WHERE (coalesce(t.pnl, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.trades, 0),
        coalesce(t.held, 0))
    IS DISTINCT FROM (d.pnl_usd, d.gross_usd, d.fees_usd, d.trade_count::bigint,
        d.held_count::bigint)"""
_AS_TOLD = ("id", "closed_on", "fill_count", "held", "pnl_usd", "fees_usd", "closed_ns")
_UNWRITTEN = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class Crash(BaseException):
    """The process dies here. No Exception, as a kill is none: nobody may catch and go on."""


@dataclass
class Books:
    """Two accounts of one trader and one of another, contracts of every kind, and a clock."""

    story: Story
    rates: dict[date, Decimal] = field(default_factory=dict)
    schedules: dict[date, Decimal] = field(default_factory=dict)
    bars: dict[tuple[int, datetime], NewBar] = field(default_factory=dict)
    told: dict[datetime, list[tuple]] = field(default_factory=dict)
    now: datetime = OPENING

    @classmethod
    def made(cls) -> Books:
        group = make_group("Chaos")
        trader = make_trader(group, "Ana", accounts=2)
        accounts = [
            *trader.accounts.select_related("platform").order_by("id"),
            make_account(make_trader(group, "Bo", accounts=0)),
        ]
        contracts = {
            "es": make_contract("ES", "ES Mar26", date(2026, 3, 1)),
            "jun": make_contract("ES", "ES Jun26", date(2026, 6, 1)),
            "eur": make_contract("FESX", "FESX Mar26", date(2026, 3, 1)),
            "dark": make_contract("CL", DARK, date(2026, 6, 1), point_value=None),
            "found": make_contract("NQ", FOUND, date(2026, 3, 1)),
        }
        return cls(Story(accounts, contracts))

    # -- deeds -----------------------------------------------------------------------------------
    def deliver(self, rows: list) -> Any:
        """Bring rows in, in the order given, as they are known now."""
        known = [self.story.as_known(row) for row in rows]
        recorded = record_fills(known, at=self.now)
        self.story.delivered(rows)
        return recorded

    def find_instrument(self) -> None:
        account = self.story.accounts[0]
        resolve_instrument(
            platform_id=account.platform_id, environment=account.environment,
            instrument_id=UNKNOWN, contract_id=self.story.contracts["found"].pk, is_option=False,
            at=self.now,
        )  # fmt: skip
        self.story.known.add(UNKNOWN)

    def price_contract(self) -> None:
        dark = self.story.contracts["dark"]
        with transaction.atomic():
            Contract.objects.filter(pk=dark.pk).update(point_value=Decimal(1000))
            release_contract(contract_id=dark.pk, at=self.now)
        self.story.priced.add("dark")

    def quote(self, rates: dict[date, Decimal]) -> None:
        """Let daily rates come, or become others."""
        with transaction.atomic():
            record_rates([("EUR", day, rate) for day, rate in rates.items()], source="chaos")
            release_held(currency="EUR", days=list(rates), at=self.now)
        self.rates |= rates

    def charge(self, since: date, per_side: Decimal) -> None:
        """Let a schedule of fees hold from a day on; fills that tell their own keep them."""
        contract = self.story.contracts["es"]
        group = self.story.accounts[0].trader.group
        with transaction.atomic():
            FeeSchedule.objects.update_or_create(
                group=group, product=contract.product, from_day=since,
                defaults={"per_side": per_side},
            )  # fmt: skip
            reprice_fees(
                group_id=group.pk, product_id=contract.product_id, from_day=since, at=self.now
            )
        self.schedules[since] = per_side

    def trade_on(self, places: list[str], step: int, quarters: int) -> None:
        """Let minutes of bars come around a step."""
        bars = []
        for place in places:
            for minute in range(3):
                at = OPENING + timedelta(seconds=step * STEP // NS + 60 * minute)
                close = Decimal(100) + Decimal(quarters + minute) / 4
                bars.append(
                    NewBar(
                        self.story.contracts[place].pk,
                        at,
                        close - 1,
                        close + 2,
                        close - 3,
                        close,
                        1,
                    )
                )
        record_bars(bars)
        self.bars |= {(bar.contract_id, bar.start_at): bar for bar in bars}

    def keep(self) -> None:
        candles.keep(at=self.now)

    def reconcile(self) -> None:
        reconciliation.keep(at=self.now)

    def restart(self) -> None:
        """Begin as a new process does: with a session that holds nothing."""
        with connection.cursor() as cursor:
            cursor.execute("DISCARD TEMP")

    # -- readings --------------------------------------------------------------------------------
    def everything(self) -> dict[str, list]:
        """Return every row of the books, table by table, in one order."""
        found = {"Fill": sql(f"SELECT {_FILLS} FROM ledger_fill ORDER BY 1, 2, 3")}
        for model, left_out in _TABLES.items():
            names = [
                f.column for f in model._meta.local_fields if f.column and f.name not in left_out
            ]
            found[model.__name__] = sorted(
                sql(f"SELECT {', '.join(names)} FROM {model._meta.db_table}"), key=repr
            )
        return found

    def clean_replay(self) -> None:
        """Tell it all to empty tables, in order, everything known beforehand."""
        story = self.story
        for since, per_side in self.schedules.items():
            self.charge(since, per_side)
        if self.rates:
            self.quote(self.rates)
        if "dark" in story.priced:
            self.price_contract()
        record_bars(self.bars.values())
        rows = sorted(story.told.values(), key=lambda row: (row.received_ns, row.exec_id))
        record_fills([story.as_known(row) for row in rows], at=self.now)
        self.keep()
        self.reconcile()

    def holds(self) -> None:
        """Assert that days are the sums of their trades, and that each fill that counts is booked.

        A trade, or an open position, knows its first fill by its id, and how many it has.
        """
        assert sql(_SUMS) == []
        assert sql("SELECT * FROM ledger_reconciledday WHERE state = 'skipped'") == []
        cycles = self.story.cycles()
        trades = sql("SELECT id, fill_count FROM ledger_trade ORDER BY id")
        assert trades == sorted((one.id, len(one.fills)) for one in cycles if one.is_closed)
        still = sql("SELECT trade_id, fill_count FROM ledger_position WHERE quantity <> 0")
        assert sorted(still) == sorted(
            (one.id, len(one.fills)) for one in cycles if not one.is_closed
        )
        (counting,) = sql("SELECT count(*) FROM ledger_fill WHERE state = 'usable'")[0]
        assert counting == len(self.story.counting())

    def remember(self) -> None:
        """Keep in mind what the books say now; `explains_itself` asks for it later."""
        self.told[self.now] = sorted(Trade.objects.values_list(*_AS_TOLD))

    def explains_itself(self) -> None:
        """Assert that what the books said is what they say today that they said."""
        for at, told in self.told.items():
            assert sorted(versions(at).values_list(*_AS_TOLD)) == told, at


def sql(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@contextmanager
def dying(after: int):
    """Die at the statement of this number, if it comes to that."""
    left = [after]

    def count(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        if not str(statement).startswith(_UNWRITTEN):
            left[0] -= 1
            if left[0] < 0:
                raise Crash
        return execute(statement, *rest)

    with connection.execute_wrapper(count):
        yield
