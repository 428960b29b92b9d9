"""What the day candles and excursions must be: the slow twin, walked over the whole books."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from futures.models import Bar, Contract, FxRate
from ledger.fold.facts import day_of
from ledger.models import DayCandle, Fill, Trade
from tests.calc import candle_twin as twin
from traders.models import PlatformAccount

NS_PER_MINUTE = 60 * 10**9
NANO, MICRO = 10**9, 10**6


def kept_rows():
    found = DayCandle.objects.values_list(
        "account_id", "day", "product_id", "merged", "high_usd", "low_usd", "close_usd"
    )
    return {(*row[:3], tuple(row[3]), *(int(value * MICRO) for value in row[4:])) for row in found}


def kept_excursions():
    found = Trade.objects.values_list("account_id", "contract_id", "mae_usd", "mfe_usd")
    told = defaultdict(list)
    for account, contract, *reach in found.order_by(
        "closed_ns", "closed_received_ns", "closed_exec_id", "closed_leg_index", "opened_ns"
    ):
        told[account, contract].append(
            tuple(None if value is None else int(value * MICRO) for value in reach)
        )
    return dict(told)


class Books:
    """Everything that is reported, read row by row."""

    def __init__(self):
        self.contracts = {one.pk: one for one in Contract.objects.all()}
        self.rates = {(one.currency, one.day): one.usd_per_unit for one in FxRate.objects.all()}
        self.bars = defaultdict(dict)
        for bar in Bar.objects.all():
            minute = int(bar.start_at.timestamp()) // 60
            prices = (int(price * NANO) for price in (bar.high, bar.low, bar.close))
            self.bars[bar.contract_id][minute] = twin.Bar(*prices)
        self.fills = defaultdict(list)
        for fill in Fill.objects.filter(state="usable").order_by(
            "executed_ns", "received_ns", "exec_id", "leg_index"
        ):
            self.fills[fill.account_id, fill.contract_id].append(
                twin.Fill(
                    fill.executed_ns // NS_PER_MINUTE,
                    fill.side * fill.quantity,
                    int(fill.price * NANO),
                    int((fill.fees or 0) * MICRO),
                )
            )
        days = [minute // twin.DAY for bars in self.bars.values() for minute in bars]
        ends = [fills[-1].minute // twin.DAY for fills in self.fills.values()]
        self.last_day = max([*days, *ends], default=0)

    def has_bars(self, contract, day):
        return any(minute // twin.DAY == day for minute in self.bars[contract])

    def terms(self, contract, day):
        """Return what a point is worth; None where the rate is missing."""
        one = self.contracts[contract]
        rate = 1 if one.currency == "USD" else self.rates.get((one.currency, day_of(day)))
        return None if rate is None else twin.Terms(Fraction(one.point_value), Fraction(rate))

    def walked(self):
        """Return (account, contract, run, candles or None) of every run."""
        for (account, contract), fills in self.fills.items():
            for run in twin.runs(fills, self.bars[contract], self.last_day):
                terms = self.terms(contract, run.day)
                candles = twin.walk(run, self.bars[contract], terms) if terms else None
                yield account, contract, run, candles

    def rows(self):
        lines = defaultdict(list)  # (account, contract, day)
        for account, contract, run, candles in self.walked():
            lines[account, contract, run.day].append(candles)
        desks = defaultdict(list)
        for account in PlatformAccount.objects.order_by("id"):
            desks[account.trader_id, account.is_sim].append(account.pk)
        found = set()
        for desk in desks.values():
            for accounts in [(account,) for account in desk] + [tuple(desk)]:
                for day in {day for account, _, day in lines if account in accounts}:
                    found |= set(self._of_day(lines, accounts, day, len(accounts) > 1))
        return found

    def _of_day(self, lines, accounts, day, only_merged):
        mine = defaultdict(list)
        active = defaultdict(set)
        for (account, contract, on), candles in lines.items():
            if account in accounts and on == day:
                product = self.contracts[contract].product_id
                mine[product].append((contract, candles))
                active[product].add(account)
        products, whole = [], True
        for product, parts in mine.items():
            if not any(self.has_bars(contract, day) for contract, _ in parts):
                continue
            if any(candles is None for _, runs in parts for candles in runs):
                whole = False
                continue
            candles = twin.merge([twin.follow(runs) for _, runs in parts])
            products.append(candles)
            account, *others = sorted(active[product])
            if others or not only_merged:
                yield account, day_of(day), product, tuple(others), *twin.day(candles)
        account, *others = sorted(set().union(*active.values()))
        if products and whole and (others or not only_merged):
            yield account, day_of(day), 0, tuple(others), *twin.day(twin.merge(products))

    def excursions(self):
        cycles = defaultdict(list)
        for account, contract, run, candles in self.walked():
            cycles[account, contract, run.cycle].append((run, candles))
        told = defaultdict(list)
        for (account, contract, _), runs in sorted(cycles.items()):
            if sum(fill.signed for run, _ in runs for fill in run.fills):
                continue  # still open
            reach: tuple[int | None, int | None] = (None, None)
            if all(candles is not None for _, candles in runs) and any(
                self.has_bars(contract, run.day) for run, _ in runs
            ):
                high, low, _ = twin.day(twin.follow([candles for _, candles in runs]))
                reach = (low, high)
            told[account, contract].append(reach)
        return dict(told)


def check():
    books = Books()
    assert kept_rows() == books.rows()
    assert kept_excursions() == books.excursions()
