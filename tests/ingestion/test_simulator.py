"""The simulated provider over HTTP: the dialect, its pages, and its word on the truth."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import httpx  # noqa: TID251 - to loopback only
import pytest

from ingestion.simulator import BadSetup, Setup, Simulator
from ingestion.simulator.population import ENVIRONMENTS, LIVE, SIM
from tests.ingestion.simulator_reader import DAY, NS, Reader, at

START = date(2026, 3, 2)
SETUP = Setup(start=START, days=12, traders=20, accounts=26, account_page=5)
END = at(START) + 30 * DAY
KEYS = {
    "recordId", "uniqueExecId", "execId", "timeStamp", "transactTime", "accountId", "account",
    "currUserId", "instrumentId", "marketId", "side", "lastQty", "lastPx", "ordStatus", "orderId",
    "multiLegReportingType", "execType", "fillsGroup", "manualFill", "positionEffect",
}  # fmt: skip


@pytest.fixture(scope="module")
def served():
    simulator = Simulator(SETUP, clock=lambda: at(date(2027, 1, 1)))
    with simulator.serve() as address:
        yield simulator, address


@pytest.fixture(scope="module")
def reader(served):
    simulator, address = served
    with Reader(address.base_url, simulator.companies[0]) as one:
        yield one


@pytest.fixture(scope="module")
def rows(reader):
    return reader.fills(at(START), END)


def test_a_simple_loop_reads_exactly_the_truth(served):
    simulator, address = served
    got = set()
    for company in simulator.companies:
        for environment in ENVIRONMENTS:
            with Reader(address.base_url, company, environment) as one:
                for row in one.fills(at(START), END):
                    got.add((environment, str(row["accountId"]), row["uniqueExecId"]))

    truth = simulator.truth()
    assert got == set(truth.told)
    assert len(got) > 1000
    assert truth.unusable == {}
    assert truth.positions == {}  # all that was opened in those days is closed


def test_every_row_carries_tt_s_keys(rows):
    assert all(set(row) == KEYS for row in rows)
    assert {row["execType"] for row in rows} == {14}
    assert {row["side"] for row in rows} == {1, 2}
    assert all(isinstance(row["timeStamp"], str) and len(row["timeStamp"]) == 19 for row in rows)


def test_rows_come_in_the_order_of_their_stamps(reader):
    told = reader.insist("ttledger/fills", minTimestamp=at(START), maxTimestamp=END)
    stamps = [int(row["timeStamp"]) for row in told["fills"]]

    assert stamps == sorted(stamps)
    assert len(stamps) == 500
    assert told["lastPage"] == "false"


def test_a_window_holds_both_its_ends(reader, rows):
    stamp = int(rows[37]["timeStamp"])
    told = reader.insist("ttledger/fills", minTimestamp=stamp, maxTimestamp=stamp)

    assert rows[37] in told["fills"]
    assert {row["timeStamp"] for row in told["fills"]} == {str(stamp)}
    assert told["lastPage"] == "true"


def test_an_account_can_be_asked_for_alone(reader, rows):
    account = rows[0]["accountId"]
    told = reader.insist(
        "ttledger/fills", minTimestamp=at(START), maxTimestamp=END, accountId=account
    )

    expected = [row for row in rows if row["accountId"] == account][:500]
    assert {row["uniqueExecId"] for row in told["fills"]} == {
        row["uniqueExecId"] for row in expected
    }


def test_spreads_come_with_a_summary_and_two_legs(reader, rows):
    kinds = Counter(row["multiLegReportingType"] for row in rows)
    assert kinds[3] > 0
    assert kinds[2] == 2 * kinds[3]

    summary = next(row for row in rows if row["multiLegReportingType"] == 3)
    near, far = (
        row
        for row in rows
        if row["multiLegReportingType"] == 2 and row["orderId"] == summary["orderId"]
    )
    assert Decimal(near["lastPx"]) - Decimal(far["lastPx"]) == Decimal(summary["lastPx"])
    assert {near["side"], far["side"]} == {1, 2}
    found = reader.insist(f"ttpds/instrument/{summary['instrumentId']}")["instrument"][0]
    types = reader.insist("ttpds/productdata")["productTypes"]
    assert found["alias"].endswith("Calendar")
    assert {one["id"]: one["desc"] for one in types}[found["productTypeId"]].startswith("Multileg")


def test_echoes_of_synthetic_orders_carry_the_market_algo(reader, rows):
    markets = {one["id"]: one["name"] for one in reader.insist("ttpds/markets")["markets"]}
    echoes = [row for row in rows if markets[row["marketId"]] == "ALGO"]

    assert echoes
    assert reader.insist("ttledger/orderdata")["orderData"]["side"] == {"1": "Buy", "2": "Sell"}


def test_instruments_and_products_are_described_as_they_are_listed(reader, rows):
    for number in {row["instrumentId"] for row in rows}:
        one = reader.insist(f"ttpds/instrument/{number}")["instrument"][0]
        product = reader.insist(f"ttpds/product/{one['productId']}")["product"][0]

        assert Decimal(one["tickValue"]) == Decimal(one["tickSize"]) * Decimal(one["pointValue"])
        assert one["displayFactor"] == 1
        assert one["alias"].startswith(f"{product['symbol']} ")
        assert date.fromisoformat(one["expiry"]) > START
        assert product["currency"] in {"USD", "EUR", "GBP", "JPY"}


def test_every_fill_lies_inside_its_minute(reader, rows):
    names, bars = {}, {}
    end = at(START) + 2 * DAY
    for row in rows:
        number = row["instrumentId"]
        if int(row["transactTime"]) >= end:
            continue
        if number not in names:
            names[number] = reader.insist(f"ttpds/instrument/{number}")["instrument"][0]["alias"]
        name = names[number]
        if name.endswith("Calendar") or " C" in name[3:]:
            continue  # spreads and options have no bars
        if name not in bars:
            pages = reader.pages(
                "ttbars/bars", "bars", contract=name, minTimestamp=at(START), maxTimestamp=end
            )
            bars[name] = {int(bar["timeStamp"]): bar for page in pages for bar in page}
        executed = int(row["transactTime"])
        bar = bars[name][executed - executed % (60 * NS)]
        assert Decimal(bar["low"]) <= Decimal(row["lastPx"]) <= Decimal(bar["high"]), row
    for found in bars.values():
        for bar in found.values():
            prices = [Decimal(bar[name]) for name in ("low", "open", "close", "high")]
            assert prices[0] == min(prices)
            assert prices[3] == max(prices)
            assert bar["volume"] > 0


def test_bars_come_in_pages_of_whole_minutes(reader):
    pages = reader.pages(
        "ttbars/bars", "bars", contract="ES Mar26", minTimestamp=at(START), maxTimestamp=END
    )
    stamps = [int(bar["timeStamp"]) for page in pages for bar in page]

    assert len(pages) > 1
    assert stamps == sorted(set(stamps))
    assert all(stamp % (60 * NS) == 0 for stamp in stamps)


def test_accounts_come_in_pages_and_give_up_accounts_only_by_number(served, reader):
    simulator, _ = served
    pages = reader.pages("ttaccount/accounts", "accounts")
    listed = {str(account["id"]) for page in pages for account in page}
    mine = [
        one for one in simulator.population.accounts if (one.company, one.environment) == (0, LIVE)
    ]

    assert [len(page) for page in pages[:-1]] == [5] * (len(pages) - 1)
    assert listed == {one.account_id for one in mine if one.listed}
    hidden = next(one for one in mine if not one.listed)
    told = reader.insist(f"ttaccount/account/{hidden.account_id}")["account"]
    assert told[0]["name"] == hidden.name


def test_a_key_sees_its_own_accounts_only(served, reader):
    simulator, address = served
    with Reader(address.base_url, simulator.companies[1]) as other:
        theirs = {row["accountId"] for row in other.fills(at(START), END)}
    ours = {row["accountId"] for row in reader.fills(at(START), END)}

    assert theirs
    assert theirs.isdisjoint(ours)
    stranger = next(iter(theirs))
    assert reader.ask(f"ttaccount/account/{stranger}").status_code == 404


def test_the_sim_environment_has_accounts_of_its_own(served):
    simulator, address = served
    with Reader(address.base_url, simulator.companies[0], SIM) as one:
        accounts = one.pages("ttaccount/accounts", "accounts")
        fills = one.fills(at(START), END)

    assert [row["name"][-4:] for page in accounts for row in page] == ["-SIM"]
    assert fills


def test_rates_are_usd_for_one_unit(reader):
    rate = Decimal(reader.insist("ttpds/fxrate", currency="EUR", date="2026-03-05")["rate"])

    assert Decimal("0.7") < rate < Decimal("1.6")
    assert reader.ask("ttpds/fxrate", currency="EUR", date="2999-01-01").status_code == 404
    assert reader.ask("ttpds/fxrate", currency="XXX", date="2026-03-05").status_code == 404
    assert reader.ask("ttpds/fxrate", currency="EUR", date="soon").status_code == 400


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("ttledger/nothing", {}, 404),
        ("ttpds/instrument/1", {}, 404),
        ("ttbars/bars", {"contract": "ES Mar99"}, 404),
        ("ttledger/fills", {"minTimestamp": "yesterday"}, 400),
    ],
)
def test_errors_have_tt_s_form(reader, path, params, status):
    answer = reader.ask(path, **params)

    assert answer.status_code == status
    assert set(answer.json()) == {"status", "status_message"}


def test_a_wrong_or_expired_token_is_a_401(served):
    simulator, address = served
    with Reader(address.base_url, simulator.companies[0]) as one:
        one.headers["Authorization"] = "Bearer made-up"
        assert one.ask("ttpds/markets").status_code == 401
        one.log_in()
        one.headers["x-api-key"] = simulator.companies[1].key
        assert one.ask("ttpds/markets").status_code == 401
    short = Simulator(Setup(start=START, days=1, traders=1, accounts=1, token_seconds=0))
    with short.serve() as there, Reader(there.base_url, short.companies[0]) as one:
        assert one.ask("ttpds/markets").status_code == 401
    wrong = httpx.post(
        f"{address.base_url}/ttid/{LIVE}/token",
        headers={"x-api-key": simulator.companies[0].key},
        data={"grant_type": "user_app", "app_key": f"{simulator.companies[0].key}:wrong"},
    )
    assert wrong.status_code == 401


def test_a_plan_s_rate_is_kept_up_with_429_and_retry_after():
    simulator = Simulator(Setup(start=START, days=1, traders=1, accounts=1, requests="3/10"))
    with simulator.serve() as there, Reader(there.base_url, simulator.companies[0]) as one:
        answers = [one.ask("ttpds/markets") for _ in range(12)]

    assert [answer.status_code for answer in answers[:6]] == [200] * 6
    refused = answers[-1]
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1


def test_the_ledger_lags_and_forgets_as_told():
    now = at(START) + 10 * DAY
    lagging = Simulator(
        Setup(start=START, days=12, traders=5, accounts=5, ledger_delay=86_400, retention_days=3),
        clock=lambda: now,
    )
    with lagging.serve() as there, Reader(there.base_url, lagging.companies[0]) as one:
        stamps = [int(row["timeStamp"]) for row in one.fills(at(START), END)]

    assert now - 5 * DAY < min(stamps)
    assert max(stamps) <= now - DAY


def test_truth_is_told_over_http_too(served):
    simulator, address = served
    summary = httpx.get(f"{address.base_url}/truth/summary", timeout=30).json()
    fills = httpx.get(f"{address.base_url}/truth/fills", timeout=30).json()

    assert summary["identities"] == len(fills) == len(simulator.truth().told)
    assert httpx.get(f"{address.base_url}/truth/positions", timeout=30).json() == []
    assert httpx.get(f"{address.base_url}/truth/nothing").status_code == 404


def test_a_setup_that_makes_no_sense_says_what_to_change():
    with pytest.raises(BadSetup, match="5 traders need at least as many accounts"):
        Setup(start=START, traders=5, accounts=2)
    with pytest.raises(BadSetup, match="not like 3/10000"):
        Simulator(Setup(start=START, requests="fast")).serve().__enter__()
