"""The figures of journal/analytics/ against a slow obvious twin, over seeded books and tags."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from accounts.access import own_journal
from calc.distribution import distribution
from journal import actions
from journal.models import TradeTag
from journal.queries import analytics
from tests.factories import AT, make_contract, make_trade
from tests.personal.conftest import cents, held_notes, of, priced
from tests.seeded import seed_books

HOLDS = [0, 60, 300, 900, 1800, 3600, 14_400, 86_400, None]
seeds = pytest.mark.parametrize("seed", range(3))


@pytest.fixture
def ask(as_user):
    def get(user, name, **params):
        answer = as_user(user).get(f"/api/v1/journal/analytics/{name}", params)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


class Books:
    """Ana's seeded trades with random tags, some of them custom; and ways to ask about some."""

    def __init__(self, desk, seed):
        chance = random.Random(seed)
        self.user = desk.ana
        self.all = seed_books(desk, seed)
        journal = own_journal(desk.ana)
        self.custom = actions.make_tag(journal=journal, name="Mine", parent_id=7).id
        self.borne = {}
        for trade in (t for t in self.all if t.account.trader_id == desk.ana.trader_id):
            tags = chance.sample([6, 7, 12, 30, self.custom], chance.choice([0, 0, 1, 2, 4]))
            actions.set_tags(journal=journal, trade_id=trade.id, tag_ids=tags, at=AT)
            self.borne[trade.id] = set(tags)
        es = make_contract("ES").product_id
        ways = (
            ({}, lambda t: True),
            ({"side": "short"}, lambda t: t.side == -1),
            ({"product": es}, lambda t: t.product_id == es),
            ({"tag": 7}, lambda t: self.borne[t.id] & {7, self.custom}),
            ({"tag": 1}, lambda t: self.borne[t.id] & {6, 7, self.custom}),
            ({"tag": 30, "untagged": "true"},
             lambda t: not self.borne[t.id] or 30 in self.borne[t.id]),
            ({"untagged": "true", "side": "long"}, lambda t: not self.borne[t.id] and t.side == 1),
            ({"start_date": "2026-03-05", "end_date": "2026-03-11"},
             lambda t: date(2026, 3, 5) <= t.closed_on <= date(2026, 3, 11)),
        )  # fmt: skip
        self.ways = [*((asked, keep, False) for asked, keep in ways), ({"sim": "true"}, None, True)]

    def chosen(self):
        """Yield what to ask, and the trades that it is about, as a twin picks them."""
        for asked, keep, sim in self.ways:
            mine = of(self.user, self.all, sim=sim)
            yield asked, [trade for trade in mine if keep is None or keep(trade)]


@pytest.fixture
def books(desk, seed):
    return Books(desk, seed)


def part(trades):
    wins = sum(trade.outcome == 1 for trade in trades)
    pnl = sum((trade.pnl_usd for trade in trades), Decimal(0))
    return {
        "trade_count": len(trades),
        "win_count": wins,
        "loss_count": sum(trade.outcome == -1 for trade in trades),
        "pnl": cents(pnl),
        "win_rate": wins / len(trades) if trades else None,
        "average_pnl": cents(pnl / len(trades)) if trades else None,
    }


def hold_ns(trade):
    return trade.closed_ns - trade.opened_ns


def levels(trades):
    total, found = Decimal(0), []
    for trade in trades:
        total += trade.pnl_usd
        found.append(total)
    return found


@seeds
def test_overview(books, ask, seed):
    for asked, trades in books.chosen():
        rows = priced(trades)
        found = ask(books.user, "overview", **asked)
        data, notes = found["data"], found["meta"]["notes"]
        assert {name: data[name] for name in ("trade_count", "win_count", "loss_count", "pnl")} == {
            name: part(rows)[name] for name in ("trade_count", "win_count", "loss_count", "pnl")
        }
        assert data["day_count"] == len({trade.closed_on for trade in rows})
        assert data["win_rate"] == part(rows)["win_rate"]
        lost = [Fraction(t.pnl_usd) for t in rows if t.outcome == -1]
        if lost:
            expectancy = sum(Fraction(t.pnl_usd) for t in rows) / len(rows)
            average_r = expectancy / abs(sum(lost) / len(lost))
            assert data["average_r"] == pytest.approx(float(average_r), rel=1e-12)
        else:
            assert data["average_r"] is None
        nulls = {name for name, value in data.items() if value is None}
        assert {note.split(" ")[0] for note in notes if " is null: " in note} == nulls
        assert list(notes[: len(held_notes(trades))]) == held_notes(trades)
        holds = sorted(hold_ns(trade) for trade in rows)
        if holds:
            mean = Fraction(sum(holds), len(holds) * 10**9)
            assert data["average_hold_seconds"] == pytest.approx(float(mean))
            assert data["largest_win"] == max((cents(t.pnl_usd) for t in rows if t.pnl_usd > 0),
                                              default=None)  # fmt: skip


@seeds
def test_equity_curve(books, ask, seed):
    for asked, trades in books.chosen():
        rows = priced(trades)
        curve = ask(books.user, "equity-curve", **asked)["data"]
        assert [point["cumulative_pnl"] for point in curve] == [cents(one) for one in levels(rows)]
        assert [point["pnl"] for point in curve] == [cents(trade.pnl_usd) for trade in rows]
        assert all(p["low"] == p["high"] == p["cumulative_pnl"] for p in curve)

        days = defaultdict(list)
        for trade, level in zip(rows, levels(rows), strict=True):
            days[trade.closed_on].append((trade, level))
        assert ask(books.user, "equity-curve", by="day", **asked)["data"] == [
            {
                "datetime": of_day[-1][0].closed_at.isoformat().replace("+00:00", "Z"),
                "pnl": cents(sum(trade.pnl_usd for trade, _ in of_day)),
                "cumulative_pnl": cents(of_day[-1][1]),
                "low": cents(min(level for _, level in of_day)),
                "high": cents(max(level for _, level in of_day)),
                "trade_count": len(of_day),
            }
            for of_day in days.values()
        ]


@seeds
def test_few_points_stand_for_many_trades(books, ask, seed, monkeypatch):
    monkeypatch.setattr(analytics, "MOST_POINTS", 5)
    rows = priced(of(books.user, books.all))
    assert len(rows) > 5

    found = ask(books.user, "equity-curve")
    curve, ahead = found["data"], levels(rows)
    assert (len(curve), sum(point["trade_count"] for point in curve)) == (5, len(rows))
    assert analytics.THINNED in found["meta"]["notes"]
    for point in curve:
        run, ahead = ahead[: point["trade_count"]], ahead[point["trade_count"] :]
        assert (point["low"], point["high"]) == (cents(min(run)), cents(max(run)))
        assert point["cumulative_pnl"] == cents(run[-1])

    found = ask(books.user, "duration-profit")
    points = [point["id"] for point in found["data"]["points"]]
    wanted = [str(t.id) for t in sorted(rows, key=lambda t: (hold_ns(t), t.id))]
    assert len(set(points)) == 5
    assert [wanted.index(one) for one in points] == sorted(wanted.index(one) for one in points)
    assert (points[0], points[-1]) == (wanted[0], wanted[-1])
    told = f"points show 5 of {len(rows)} trades, evenly by how long they took"
    assert told in found["meta"]["notes"]


@seeds
def test_daily_pnl_and_symbols(books, ask, seed):
    for asked, trades in books.chosen():
        days, symbols = defaultdict(list), defaultdict(list)
        for trade in priced(trades):
            days[trade.closed_on].append(trade)
            symbols[trade.product].append(trade)
        assert ask(books.user, "daily-pnl", **asked)["data"] == [
            {**part(rows), "date": str(day), "daynumber": day.isoweekday()}
            for day, rows in sorted(days.items())
        ]
        wanted = sorted(
            symbols.items(), key=lambda it: (-abs(sum(t.pnl_usd for t in it[1])), it[0].symbol)
        )
        assert ask(books.user, "symbol-breakdown", **asked)["data"] == [
            {
                **part(rows),
                "product": product.symbol,
                "product_id": product.pk,
                "name": product.name,
                "color": product.color,
                "quantity": sum(trade.quantity for trade in rows),
            }
            for product, rows in wanted
        ]


@seeds
def test_duration_and_size(books, ask, seed):
    for asked, trades in books.chosen():
        rows = priced(trades)
        found = ask(books.user, "duration-profit", **asked)["data"]
        assert found["bins"] == [
            {
                **part([
                    trade for trade in rows
                    if low * 10**9 <= hold_ns(trade)
                    and (high is None or hold_ns(trade) < high * 10**9)
                ]),
                "from_seconds": low,
                "to_seconds": high,
            }
            for low, high in pairwise(HOLDS)
        ]  # fmt: skip
        assert [(one["id"], one["pnl"], one["hold_seconds"]) for one in found["points"]] == [
            (str(trade.id), cents(trade.pnl_usd), hold_ns(trade) / 10**9)
            for trade in sorted(rows, key=lambda t: (hold_ns(t), t.id))
        ]
        assert ask(books.user, "return-distribution", **asked)["data"] == [
            {"from": cents(one.lower), "to": cents(one.upper), "pnl": cents(one.pnl),
             "trade_count": one.trade_count}
            for one in distribution([trade.pnl_usd for trade in rows])
        ]  # fmt: skip


@seeds
def test_time_distribution(books, ask, seed):
    for asked, trades in books.chosen():
        for by in ("closed", "opened"):
            at = {
                trade.id: datetime.fromtimestamp(getattr(trade, f"{by}_ns") // 10**9, UTC)
                for trade in trades
            }
            found = ask(books.user, "time-distribution", by=by, **asked)["data"]
            rows = priced(trades)
            assert found["hours"] == [
                {**part([t for t in rows if at[t.id].hour == hour]), "hour": hour}
                for hour in range(24)
            ]
            assert found["weekdays"] == [
                {**part([t for t in rows if at[t.id].isoweekday() == day]), "daynumber": day}
                for day in range(1, 8)
            ]


@seeds
def test_filter_options(books, ask, seed):
    for asked, trades in (
        ({}, of(books.user, books.all)),
        ({"sim": "true"}, of(books.user, books.all, sim=True)),
        ({"start_date": "2026-03-20"},
         of(books.user, books.all, within=(date(2026, 3, 20), date.max))),
        ({"start_date": "2030-01-01"}, []),
    ):  # fmt: skip
        data = ask(books.user, "filter-options", **asked)["data"]
        assert data["products"] == [
            {"symbol": symbol, "id": pk}
            for symbol, pk in sorted({(t.product.symbol, t.product_id) for t in trades})
        ]
        borne = [tag for trade in trades for tag in books.borne[trade.id]]
        assert {one["tag"]["id"]: one["trade_count"] for one in data["tags"]} == {
            tag: borne.count(tag) for tag in borne
        }
        assert data["untagged_count"] == sum(not books.borne[trade.id] for trade in trades)
        assert data["sides"] == [
            word for word, side in (("long", 1), ("short", -1)) if side in {t.side for t in trades}
        ]
        days = sorted(str(trade.closed_on) for trade in trades)
        assert (data["first_date"], data["last_date"]) == (
            (days[0], days[-1]) if days else (None, None)
        )


def test_what_others_tagged_or_what_is_detached_does_not_count(desk, ask):
    """A tag of a trade that is gone, and another's tag of the same number, choose nothing."""
    trade, other = make_trade(desk.ana, pnl="10"), make_trade(desk.bo, pnl="20")
    TradeTag.objects.create(account=other.account, trade_id=trade.id, tag_id=6, tagged_at=AT)
    assert ask(desk.ana, "overview", tag=6)["data"]["trade_count"] == 0
    assert ask(desk.ana, "overview", untagged="true")["data"]["pnl"] == 10
    assert ask(desk.bo, "filter-options")["data"]["tags"] == []
