"""The adapter's other readings: accounts, instruments, positions, rates, bars."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ingestion.providers import registry
from ingestion.providers.base import (
    Account,
    InstrumentRefused,
    PriceSource,
    Provider,
    ProviderError,
    ProviderPosition,
    UnknownInstrument,
    Unsupported,
)
from ingestion.providers.tt import TT
from tests.ingestion.fake_tt import Answer, Clock, FakeTT, open_session

SECOND = 1_000_000_000


@pytest.fixture
def fake():
    server = FakeTT()
    yield server
    server.close()


@pytest.fixture
def tt(fake):
    with open_session(fake.url, Clock(), tries=2) as session:
        yield TT(session)


def test_it_speaks_the_house_s_words(tt):
    provider: Provider = tt
    prices: PriceSource = tt
    assert provider.code == "tt"
    assert prices is tt


def test_accounts_are_paged(fake, tt):
    first = {"accounts": [{"id": 1, "name": "A", "parentId": 0}], "lastPage": "false"}
    second = {"accounts": [{"id": 2, "name": "B", "parentId": 1}, {"id": 3}], "lastPage": "true"}
    fake.on("/ttaccount/env/accounts", Answer({**first, "nextPageKey": "k/2"}), Answer(second))
    page = tt.list_accounts(None)
    assert (page.items, page.next_cursor) == ((Account("1", "A", False),), "k/2")
    page = tt.list_accounts(page.next_cursor)
    assert page.items == (Account("2", "B", False, "1"),)
    assert [misfit.reason for misfit in page.misfits] == ["name is missing"]
    assert page.next_cursor is None
    assert fake.calls("/ttaccount/env/accounts")[1].query["nextPageKey"] == "k/2"


@pytest.mark.parametrize("key", [None, "same"])
def test_accounts_never_go_in_circles(fake, tt, key):
    body = {"accounts": [], "lastPage": "false", "nextPageKey": key}
    fake.on("/ttaccount/env/accounts", Answer(body))
    with pytest.raises(ProviderError, match="no key leads"):
        tt.list_accounts("same")


def test_a_give_up_account_is_found_by_its_id(fake, tt):
    fake.on("/ttaccount/env/account/9", Answer({"account": [{"id": 9, "name": "G"}]}))
    fake.on("/ttaccount/env/account/10", Answer({"account": []}))
    assert tt.get_account("9") == Account("9", "G", False)
    assert tt.get_account("10") is None
    assert tt.get_account("11/../x") is None


INSTRUMENT = {
    "id": "4611",
    "alias": "ES Mar26",
    "tickSize": 0.25,
    "tickValue": 12.5,
    "pointValue": 50,
    "displayFactor": 1,
    "productId": "11",
    "productTypeId": 34,
    "expiry": "20260320",
}
PRODUCT = {"symbol": "ES", "name": "E-mini S&P 500", "marketId": "CME", "currency": "USD"}


def test_an_instrument_with_its_product(fake, tt):
    fake.on("/ttpds/env/instrument/4611", Answer({"instrument": [INSTRUMENT]}))
    fake.on("/ttpds/env/product/11", Answer({"product": [PRODUCT]}))
    fake.on("/ttpds/env/productdata", Answer({"productTypes": [{"id": 34, "desc": "Future"}]}))
    read = tt.get_instrument("4611")
    assert (read.contract, read.product, read.exchange, read.kind) == (
        "ES Mar26", "ES", "CME", "future",
    )  # fmt: skip
    assert (read.tick_size, read.point_value) == (Decimal("0.25"), Decimal(50))
    assert read.expires_on == date(2026, 3, 20)
    tt.get_instrument("4611")
    assert len(fake.calls("/ttpds/env/product/11")) == 1


def test_an_unknown_and_a_refused_instrument(fake, tt):
    with pytest.raises(UnknownInstrument):
        tt.get_instrument("1")
    refused = {**INSTRUMENT, "displayFactor": "0.01", "productTypeId": None}
    fake.on("/ttpds/env/instrument/2", Answer({"instrument": [refused]}))
    fake.on("/ttpds/env/product/11", Answer({"product": [PRODUCT]}))
    with pytest.raises(InstrumentRefused, match=r"displayFactor is 0\.01"):
        tt.get_instrument("2")


def test_positions_in_bulk(fake, tt):
    with pytest.raises(Unsupported):
        tt.list_positions()
    row = {"accountId": 1, "instrumentId": "5", "netPosition": "-3"}
    fake.on("/ttmonitor/env/position", Answer({"positions": [row]}))
    assert tt.list_positions() == [ProviderPosition("1", "5", -3)]
    fake.on("/ttmonitor/env/position", Answer({"positions": [{**row, "netPosition": "NaN"}]}))
    with pytest.raises(ProviderError, match="not finite"):
        tt.list_positions()


def test_rates(fake, tt):
    assert tt.fx_rate("USD", date(2026, 3, 2)) == 1
    assert tt.fx_rate("EUR", date(2026, 3, 2)) is None
    fake.on("/ttpds/env/fxrate", Answer({"rate": "1.0834"}))
    assert tt.fx_rate("EUR", date(2026, 3, 2)) == Decimal("1.0834")
    assert fake.calls("/ttpds/env/fxrate")[1].query["date"] == "2026-03-02"
    fake.on("/ttpds/env/fxrate", Answer({"rate": "0"}))
    with pytest.raises(ProviderError, match="rate of EUR"):
        tt.fx_rate("EUR", date(2026, 3, 2))


def test_bars_are_paged(fake, tt):
    since, until = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    with pytest.raises(Unsupported):
        tt.list_bars("ES Mar26", since, until, None)
    start = int(since.timestamp()) * SECOND
    bar = {"contract": "ES Mar26", "open": "1", "high": "2", "low": "0.5", "close": "1.25"}
    rows = [
        {**bar, "timeStamp": str(start), "volume": 7},
        {**bar, "timeStamp": str(start + 60 * SECOND), "volume": 7, "high": "1.1"},
    ]
    fake.on(
        "/ttbars/env/bars",
        Answer({"bars": rows, "lastPage": "false", "nextPageKey": "n"}),
        Answer({"bars": [], "lastPage": "true"}),
    )
    page = tt.list_bars("ES Mar26", since, until, None)
    assert [(item.start_at, item.close, item.volume) for item in page.items] == [
        (since, Decimal("1.25"), 7)
    ]
    assert "do not hold" in page.misfits[0].reason
    assert tt.list_bars("ES Mar26", since, until, page.next_cursor).next_cursor is None
    call = fake.calls("/ttbars/env/bars")[-1]
    assert (call.query["contract"], call.query["nextPageKey"]) == ("ES Mar26", "n")


def test_the_registry_gives_one_adapter_per_connection():
    facts = {"base_url": "http://127.0.0.1:9", "environment": "ext_prod_sim", "key": "K"}
    one = registry.provider_for("simulated", **facts, secret="S")
    assert one.code == "simulated"
    assert registry.provider_for("simulated", **facts, secret="S") is one
    assert registry.provider_for("tt", **facts, secret="S") is not one
    assert registry.provider_for("simulated", **facts, secret="T") is not one
    assert "S" not in repr(one).replace("Session", "")
    with pytest.raises(ProviderError, match="no adapter"):
        registry.provider_for("ninja", **facts, secret="S")
    with pytest.raises(ProviderError, match="no address"):
        registry.provider_for("tt", **{**facts, "base_url": "ttrestapi.trade.tt"}, secret="S")
