"""What fills name and the house has to learn: instruments, rates, bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from futures.models import Bar, Contract, FxRate, Product
from ingestion.actions import settle_waiting
from ingestion.models import Feed, Instrument, MissingRate, QuarantinedRow
from ingestion.providers import base
from ingestion.providers.base import InstrumentRefused, Kind, ProviderDown, Unsupported
from ledger.models import Fill, Position, Trade
from tests.ingestion.fake_provider import BUND, NOW, FakeProvider, fill, instrument, make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_connection(history_from=NOW.date())


def round_trip(name: str = "ES", **given) -> list[base.Fill]:
    return [
        fill("2026-03-10 11:00:00", instrument=name, **given),
        fill("2026-03-10 11:30:00", instrument=name, side=-1, price="5001", **given),
    ]


def test_fills_of_an_unknown_instrument_wait_until_it_is_known(desk):
    tt = FakeProvider(fills=round_trip("NEW"), instruments={})
    report = tt.poll()
    assert report.outcomes[1].waiting == 2
    assert not Trade.objects.exists()
    row = Instrument.objects.get()
    assert (row.state, row.tries) == ("unknown", 1)

    tt.later(5, ignore_due=True)  # too early to ask again
    assert tt.asked.count("instrument NEW") == 1

    tt.instruments["NEW"] = instrument("NEW", contract="NQ Mar26", product="NQ")
    tt.later(60)
    assert Trade.objects.get().contract.name == "NQ Mar26"
    row.refresh_from_db()
    assert (row.state, row.next_try_at) == ("known", None)
    tt.poll(NOW + timedelta(hours=20))
    assert tt.asked.count("instrument NEW") == 2


def test_a_provider_that_is_down_for_facts_keeps_no_fill_out(desk):
    def down(call):
        if call.startswith(("instrument", "account ", "rate")):
            raise ProviderDown("503")

    tt = FakeProvider(fills=round_trip(), before=down)
    report = tt.poll()
    assert report.outcomes[1].waiting == 2

    tt.before = lambda call: None
    tt.later(60)
    assert Trade.objects.get().pnl_usd == 50


def test_a_new_product_gets_a_colour_of_its_own(desk):
    colors = set(Product.objects.values_list("color", flat=True))
    told = instrument("QQ", product="QQX", exchange="CME", product_name="A new one")
    FakeProvider(fills=round_trip("QQ"), instruments={"QQ": told}).poll()

    product = Product.objects.get(symbol="QQX")
    assert product.color not in colors
    assert (product.name, product.point_value) == ("A new one", 50)
    assert "new product" in Instrument.objects.get().notes


def test_a_known_product_under_another_name_of_its_exchange(desk):
    told = instrument("ES", exchange="CME Group")
    FakeProvider(fills=round_trip(), instruments={"ES": told}).poll()

    assert Contract.objects.get().product == Product.objects.get(symbol="ES")


def test_the_contracts_own_point_value_wins_and_the_disagreement_is_noted(desk):
    told = instrument(point_value=Decimal(500), tick_value=Decimal(125))
    FakeProvider(fills=round_trip(), instruments={"ES": told}).poll()

    assert Trade.objects.get().pnl_usd == 500
    assert "point value" in Instrument.objects.get().notes


def test_without_a_point_value_fills_wait_until_an_operator_enters_it(desk):
    told = instrument(point_value=None, tick_value=None)
    tt = FakeProvider(fills=round_trip(), instruments={"ES": told})
    tt.poll()
    row = Instrument.objects.get()
    assert row.state == "unpriced"
    assert "point value" in row.reason
    assert set(Fill.objects.values_list("state", flat=True)) == {"waiting"}

    Contract.objects.update(point_value=50)
    tt.later(120)
    assert Trade.objects.get().pnl_usd == 50
    row.refresh_from_db()
    assert row.state == "known"


@pytest.mark.parametrize(
    "given",
    [
        {"point_value": Decimal("0.0000001")},
        {"contract": "nothing like a contract", "expires_on": None},
        {"kind": "other"},
        {"instrument_id": "another"},
    ],
)
def test_an_instrument_that_does_not_fit_is_refused_with_a_reason(desk, given):
    FakeProvider(fills=round_trip(), instruments={"ES": instrument(**given)}).poll()

    row = Instrument.objects.get(external_id="ES")
    assert row.state == "refused"
    assert row.reason
    assert Fill.objects.filter(state="waiting").count() == 2


def test_an_instrument_that_the_adapter_refuses(desk):
    def refused(call):
        if call.startswith("instrument"):
            raise InstrumentRefused("displayFactor is 0.01: only 1 is priced")

    FakeProvider(fills=round_trip(), before=refused).poll()

    assert Instrument.objects.get().reason == "displayFactor is 0.01: only 1 is priced"


def test_options_and_spread_summaries_stay_out_of_positions(desk):
    tt = FakeProvider(
        fills=[
            *round_trip("OPT"),
            fill("2026-03-10 11:00:00", instrument="SPREAD", kind=Kind.SPREAD),
            fill("2026-03-10 11:00:00", kind=Kind.LEG),
        ],
        instruments={
            "ES": instrument(),
            "OPT": instrument("OPT", kind="option"),
            "SPREAD": instrument("SPREAD", kind="spread"),
        },
    )
    tt.poll()

    states = Fill.objects.order_by("instrument_id", "exec_id").values_list("state", flat=True)
    assert list(states) == ["usable", "excluded", "excluded", "excluded"]
    assert Position.objects.get().quantity == 1


def test_rates_are_asked_for_before_the_fills_are_stored(desk):
    tt = FakeProvider(
        fills=round_trip("FGBL"),
        instruments={"FGBL": instrument("FGBL", **BUND)},
        rates={("EUR", date(2026, 3, 10)): Decimal("1.1")},
    )
    tt.poll()

    assert Trade.objects.get().pnl_usd == 1100
    assert FxRate.objects.get().source == "tt"


def test_a_missing_rate_holds_back_until_the_provider_tells_it(desk):
    tt = FakeProvider(fills=round_trip("FGBL"), instruments={"FGBL": instrument("FGBL", **BUND)})
    tt.poll()
    assert Trade.objects.get().pnl_usd is None
    assert MissingRate.objects.get().currency == "EUR"

    tt.rates["EUR", date(2026, 3, 10)] = Decimal("1.2")
    tt.poll(NOW + timedelta(minutes=11))
    assert Trade.objects.get().pnl_usd == 1200
    assert not MissingRate.objects.exists()


def test_what_waits_for_nothing_is_used_by_night(desk):
    FakeProvider(fills=round_trip()).poll()
    Fill.objects.update(state="waiting", reason="a race")

    assert settle_waiting(at=NOW) == 2
    assert set(Fill.objects.values_list("state", flat=True)) == {"usable"}


def bar(minute: int, **given) -> base.Bar:
    made = base.Bar(
        contract="ES Mar26",
        start_at=datetime(2026, 3, 10, 11, minute, tzinfo=UTC),
        open=Decimal(5000),
        high=Decimal(5002),
        low=Decimal(4999),
        close=Decimal(5001),
        volume=10,
    )
    return replace(made, **given)


def test_bars_of_traded_contracts_come_in_minute_by_minute():
    make_connection(history_from=NOW.date(), price_feed=True)
    tt = FakeProvider(
        fills=round_trip(),
        bars=[
            bar(0),
            bar(1, high=Decimal(4998)),
            bar(2, close=Decimal("NaN")),
            bar(3, volume=-1),
            bar(58),
            bar(0, start_at=NOW),  # still running
        ],
    )
    report = tt.poll()

    assert [one.stream for one in report.outcomes] == [
        "accounts", "fills", "fx", "bars", "positions",
    ]  # fmt: skip
    assert [row.start_at.minute for row in Bar.objects.order_by("start_at")] == [0, 58]
    assert QuarantinedRow.objects.filter(stream="bars").count() == 3

    tt.bars.append(bar(59))
    tt.bars[4] = bar(58, close=Decimal(5002))
    tt.later(120)
    assert list(Bar.objects.order_by("start_at").values_list("close", flat=True)) == [
        5001, 5002, 5001, 5001,
    ]  # fmt: skip


def test_a_provider_without_bars_is_asked_once_a_day():
    make_connection(history_from=NOW.date(), price_feed=True)

    def none_here(call):
        if call.startswith("bars"):
            raise Unsupported("no bars")

    tt = FakeProvider(fills=round_trip(), before=none_here)
    report = tt.poll()

    assert [one.error for one in report.failed] == ["no bars"]
    assert Feed.objects.get(stream="bars").due_at > NOW + timedelta(hours=23)
