"""Every figure of the API against the oracle's, to the cent and field by field."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.models import DayResult, Fill, Position, Trade
from ledger.rebuild import rebuild
from tests.factories import AT
from tests.oracles import figures
from tests.oracles.book import half_even, instant
from traders.models import PlatformAccount, Trader

pytestmark = pytest.mark.django_db
PERIODS = (
    (date(2026, 3, 1), date(2026, 3, 31)),
    (date(2026, 3, 9), date(2026, 3, 15)),
    (date(2026, 3, 5), date(2026, 3, 5)),
    (date(2026, 2, 1), date(2026, 2, 3)),
)


def differences(expected, got, where=""):
    """Name each place where an answer is not what it should be; more fields may be there."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(value, got.get(key, "missing"), f"{where}.{key}")
    elif isinstance(expected, list):
        if len(expected) != len(got):
            yield f"{where}: {len(expected)} rows expected, {len(got)} found"
        for number, (one, other) in enumerate(zip(expected, got, strict=False)):
            yield from differences(one, other, f"{where}[{number}]")
    elif isinstance(expected, float) and isinstance(got, float):
        if not math.isclose(expected, got, rel_tol=1e-12, abs_tol=1e-12):
            yield f"{where}: {expected!r} expected, {got!r} found"
    elif isinstance(expected, datetime):
        if datetime.fromisoformat(got) != expected:
            yield f"{where}: {expected} expected, {got} found"
    elif expected != got or type(expected) is not type(got):
        yield f"{where}: {expected!r} expected, {got!r} found"


def same(expected, got, where=""):
    found = list(differences(expected, got, where))
    assert not found, "\n".join(found[:20])


@pytest.fixture
def ask(desk, as_user):
    def get(address, *, user=None, **params):
        answer = as_user(user or desk.cora).get(f"/api/v1/{address}", params)
        assert answer.status_code == 200, answer.json()
        return answer.json()["data"]

    return get


def readings(desk):
    """Each trader of the desk, live and sim: the trader, what to ask for, the accounts."""
    for trader in Trader.objects.filter(group=desk.group).order_by("id"):
        for sim in (False, True):
            accounts = list(PlatformAccount.objects.filter(trader=trader, is_sim=sim))
            if sim and not accounts:
                continue
            yield trader, {"trader": trader.pk, "sim": str(sim).lower()}, accounts


def test_sums_and_metrics(desk, oracle, ask):
    for trader, who, accounts in readings(desk):
        for start, end in PERIODS:
            those = oracle.of(accounts, start, end)
            params = {**who, "start_date": str(start), "end_date": str(end)}
            where = f"{trader.name} {who['sim']} {start} "
            rows = ask("personal/performance-by-product", **params)
            spread = ask("personal/performance-by-pnl", **params)
            symbols = [row["symbol"] for row in ask("personal/traded-products", **params)]

            same(figures.summary(those, start, end), ask("personal/summary", **params), where)
            same(figures.win_loss(those), ask("personal/win-loss-ratio", **params), where)
            same(figures.by_time(those), ask("personal/performance-by-time", **params), where)
            same(figures.by_product(those), sorted(rows, key=lambda row: row["product"]), where)
            assert rows == sorted(rows, key=lambda row: -abs(row["pnl"]))
            same(figures.by_day(those), spread["days"], where)
            _same_bins(those, spread["distribution"], where)
            assert symbols == sorted({trade.product for trade in those})


def _same_bins(those, bins, where):
    assert len(bins) <= 20
    assert sum(one["trade_count"] for one in bins) == len(those)
    for one in bins:
        low, high = Fraction(str(one["from"])), Fraction(str(one["to"]))
        inside = [trade for trade in those if low <= trade.pnl < high]
        expected = {"pnl": figures.cents(figures.total(inside)), "trade_count": len(inside)}
        same(expected, one, f"{where}{one['from']}")
        assert not low < 0 < high


def test_trades_with_their_fills_and_positions(desk, oracle, ask):
    for trader, who, accounts in readings(desk):
        those = oracle.of(accounts, date.min, date.max)
        rows = ask("personal/trades", **who, page_size=1000, sort="closed_at")
        same(_in_order([figures.trade_row(t) for t in those]), _in_order(rows), trader.name)
        opened = {
            trade.pk: (trade.opened_exec_id, trade.closed_exec_id)
            for trade in Trade.objects.filter(account__in=accounts)
        }
        expected = {(t.cycle.first.exec_id, t.cycle.last.exec_id): t for t in those}
        assert sorted(opened.values()) == sorted(expected)
        for key, ends in list(opened.items())[:6]:
            detail = ask(f"personal/trades/{key}", **who)
            same(_detail(expected[ends], oracle.story.rate), detail, f"{trader.name} {ends}")
        held = [c for a in accounts for c in oracle.open[a.account]]
        positions = ask("personal/positions", **who)
        found = [figures.position_row(cycle, oracle.story.rate) for cycle in held]
        same(_in_order(found), _in_order(positions), trader.name)


def _in_order(rows):
    def place(row):
        opened = row["opened_at"]
        opened = opened if isinstance(opened, datetime) else datetime.fromisoformat(opened)
        return opened, row["contract"], row["side"], row["quantity"], str(row.get("pnl"))

    return sorted(rows, key=place)


def _detail(trade, rate):
    cycle = trade.cycle
    fills = [
        {
            "datetime": instant(fill.ns),
            "side": "buy" if fill.signed > 0 else "sell",
            "price": float(fill.price),
            "quantity": contracts,
            "exec_id": fill.exec_id,
            "fees": figures.cents(fees * rate(cycle.market.currency, fill.day)),
        }
        for fill, contracts, fees in cycle.parts
    ]
    return {**figures.trade_row(trade), "fills": fills}


def test_the_group_for_an_admin_and_for_a_peer(desk, oracle, ask):
    live = PlatformAccount.objects.filter(
        trader__group=desk.group, trader__is_archived=False, is_sim=False
    )
    scopes = ((desk.cora, live), (desk.ana, live.exclude(trader=desk.otto.trader)))
    for user, accounts in scopes:
        for start, end in PERIODS:
            params = {"start_date": str(start), "end_date": str(end)}
            rows = figures.by_time(oracle.of(accounts, start, end))
            expected = [
                {key: row[key] for key in ("date", "daynumber", "products")} for row in rows
            ]
            got = ask("comparative/performance-by-time", user=user, **params)
            same(expected, got, f"{user.username} {start}")


def test_conservation_and_rebuild(desk, oracle):
    """Each usable fill lies in one trade or in one open position, a flip in two; nothing else."""
    usable = set(Fill.objects.filter(state="usable").values_list("exec_id", flat=True))
    assert usable == {fill.exec_id for fill in oracle.story.executions}
    parts: Counter[str] = Counter()
    cycles = [t.cycle for trades in oracle.trades.values() for t in trades]
    for cycle in cycles + [c for held in oracle.open.values() for c in held]:
        for fill, contracts, _ in cycle.parts:
            parts[fill.exec_id] += contracts
    assert parts == {fill.exec_id: abs(fill.signed) for fill in oracle.story.executions}

    realized: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
    for cycle in cycles + [c for held in oracle.open.values() for c in held]:
        for day, gross in cycle.gross.items():
            rate = oracle.story.rate(cycle.market.currency, day)
            pnl = half_even(gross * rate, 6) - half_even(cycle.fees[day] * rate, 6)
            realized[cycle.account, day, cycle.market.contract] += pnl
    rows = DayResult.objects.values_list(
        "account__account", "day", "contract__name", "realized_usd"
    )
    assert {row[:3]: row[3] for row in rows} == realized

    before = [list(model.objects.order_by("pk").values()) for model in (Trade, Position, DayResult)]
    assert all(before)
    rebuild(at=AT)
    after = [list(model.objects.order_by("pk").values()) for model in (Trade, Position, DayResult)]
    assert after == before
