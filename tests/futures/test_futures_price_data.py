"""Candles of a contract: what they are made of, what they cost, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import store
from common.api import Period
from common.fields import from_scaled
from futures import examples, queries
from futures.bars import NewBar, store_bars
from futures.models import Bar
from futures.queries import Timeframe
from tests.factories import make_bar, make_contract, make_user
from tests.snapshots import matches_snapshot

URL = "/api/v1/futures-price-data"
MARCH = {"contract": "ES Mar26", "start_date": "2026-03-01", "end_date": "2026-03-31"}
LENGTHS = {"1min": 1, "5min": 5, "15min": 15, "1hour": 60}


@pytest.fixture
def es(db):
    return make_contract("ES")


@pytest.fixture
def ask(desk, as_user):
    def get(status=200, **params):
        answer = as_user(desk.ana).get(URL, {**MARCH, **params})
        assert answer.status_code == status, answer.content
        return answer.json()

    return get


@pytest.fixture
def morning(es):
    """The bars of the worked example, a gap, and one of the next hour."""
    for at, prices in {
        "14:30": ("4999.5", "5001.5", "4998.75", "5001"),
        "14:31": ("5001", "5003", "5000.5", "5002.5"),
        "14:32": ("5002.5", "5003.5", "5001.75", "5002"),
        "14:44": ("5002", "5002.25", "5002", "5002.25"),
        "15:00": ("5004", "5004", "4990.25", "4991"),
    }.items():
        opened, high, low, close = prices
        make_bar(
            es, f"2026-03-02T{at}Z", close, opened=opened, high=high, low=low, volume=int(at[3:])
        )


def told(answer):
    return [
        (row["datetime"][11:16], row["open"], row["high"], row["low"], row["close"], row["volume"])
        for row in answer["data"]
    ]


def test_minutes_as_they_are_stored(morning, ask):
    answer = ask()

    assert told(answer)[0] == ("14:30", 4999.5, 5001.5, 4998.75, 5001.0, 30)
    assert [row[0] for row in told(answer)] == ["14:30", "14:31", "14:32", "14:44", "15:00"]


@pytest.mark.parametrize(
    ("timeframe", "candles"),
    [
        (
            "5min",
            [
                ("14:30", 4999.5, 5003.5, 4998.75, 5002.0, 93),
                ("14:40", 5002.0, 5002.25, 5002.0, 5002.25, 44),
                ("15:00", 5004.0, 5004.0, 4990.25, 4991.0, 0),
            ],
        ),
        (
            "15min",
            [
                ("14:30", 4999.5, 5003.5, 4998.75, 5002.25, 137),
                ("15:00", 5004.0, 5004.0, 4990.25, 4991.0, 0),
            ],
        ),
        (
            "1hour",
            [
                ("14:00", 4999.5, 5003.5, 4998.75, 5002.25, 137),
                ("15:00", 5004.0, 5004.0, 4990.25, 4991.0, 0),
            ],
        ),
    ],
)
def test_longer_candles_start_on_the_utc_clock_and_empty_ones_are_absent(
    morning, ask, timeframe, candles
):
    answer = ask(timeframe=timeframe)

    assert told(answer) == candles
    assert answer["meta"]["count"] == len(candles)


def test_the_grid_knows_no_summer_time(es, ask):
    """Neither where the clocks of Chicago change (8 March) nor where those of London do."""
    for day in ("2026-03-08", "2026-03-29"):
        for minute in range(0, 24 * 60, 20):
            make_bar(es, datetime.fromisoformat(f"{day}T00:00Z") + timedelta(minutes=minute), "1")

    hours = [row["datetime"][11:] for row in ask(timeframe="1hour")["data"]]
    assert hours == [f"{hour:02}:00:00Z" for hour in range(24)] * 2


ticks = st.integers(-40, 40)
minutes = st.dictionaries(
    st.integers(0, 3 * 1440 - 1), st.tuples(ticks, ticks, ticks, ticks, st.integers(0, 9)),
    min_size=1, max_size=40,
)  # fmt: skip
FIRST = datetime(2026, 3, 28, tzinfo=UTC)


def slowly(bars: list[NewBar], length: int) -> list[dict]:
    """Return candles made one by one from bars by time."""
    candles = []
    for start, group in groupby(bars, key=lambda bar: bar.start_at.timestamp() // (60 * length)):
        inside = list(group)
        at = datetime.fromtimestamp(start * 60 * length, UTC)
        candles.append(
            {
                "datetime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "open": float(inside[0].open),
                "high": max(float(bar.high) for bar in inside),
                "low": min(float(bar.low) for bar in inside),
                "close": float(inside[-1].close),
                "volume": sum(bar.volume for bar in inside),
            }
        )
    return candles


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=minutes, cut=st.integers(0, 2), timeframe=st.sampled_from(sorted(LENGTHS)))
def test_agrees_with_the_slow_way(es, ask, drawn, cut, timeframe):
    Bar.objects.all().delete()
    bars = []
    for minute, (first, last, up, down, volume) in sorted(drawn.items()):
        opened, close = (5000 + Decimal(tick) / 4 for tick in (first, last))
        high = max(opened, close) + Decimal(abs(up)) / 4
        low = min(opened, close) - Decimal(abs(down)) / 4
        at = FIRST + timedelta(minutes=minute)
        bars.append(NewBar(es.pk, at, opened, high, low, close, volume))
    store_bars(bars)
    start, end = (FIRST + timedelta(days=cut)).date(), date(2026, 3, 30)

    answer = ask(start_date=start, end_date=end, timeframe=timeframe)

    inside = [bar for bar in bars if start <= bar.start_at.date() <= end]
    assert answer["data"] == slowly(inside, LENGTHS[timeframe])


def test_days_are_whole_utc_days_and_both_ends_count(es, ask):
    for at in ("03-01T23:59", "03-02T00:00", "03-03T23:59", "03-04T00:00"):
        make_bar(es, f"2026-{at}Z", "1")

    found = ask(start_date="2026-03-02", end_date="2026-03-03")["data"]
    assert [row["datetime"] for row in found] == ["2026-03-02T00:00:00Z", "2026-03-03T23:59:00Z"]


@pytest.mark.parametrize(
    "price", ["0.000000001", "-37.63", "123456.789012345", "9223372036.854775807", "0.0067215"]
)
def test_prices_are_the_nearest_numbers_that_json_can_tell(es, ask, price):
    make_bar(es, "2026-03-02T14:30Z", price)

    row = ask()["data"][0]
    assert row["open"] == row["high"] == row["low"] == row["close"] == float(Decimal(price))


@pytest.mark.parametrize("name", ["ES Mar26", " ES Mar26 ", "es mar26", "ES MAR26"])
def test_a_contract_is_found_by_its_name_in_any_case(morning, ask, name):
    assert ask(contract=name)["meta"]["contract"] == "ES Mar26"


@pytest.mark.parametrize("name", ["ES", "ES Mar", "XX Mar26", "ES%", "ES_Mar26", "ES  Mar26"])
def test_a_contract_that_there_is_none_of(morning, ask, name):
    assert ask(404, contract=name) == {
        "error": f"There is no contract {name}; names are like ES Mar26",
        "code": "unknown_contract",
    }


def test_a_contract_without_any_bar_says_so_and_one_with_bars_elsewhere_is_empty(morning, ask):
    make_contract("ES", "Jun26")

    refused = ask(404, contract="ES Jun26")
    assert refused["code"] == "no_bars"
    assert "no price data of ES Jun26" in refused["error"]
    empty = ask(start_date="2026-03-03")
    assert (empty["data"], empty["meta"]["count"]) == ([], 0)


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("contract", {"contract": ""}),
        ("contract", {"contract": "E\x00S"}),
        ("contract", {"contract": "x" * 101}),
        ("contract", {"contract": ["ES Mar26", "ES Jun26"]}),
        ("timeframe", {"timeframe": "1day"}),
        ("timeframe", {"timeframe": "5MIN"}),
        ("timeframe", {"timeframe": ""}),
        ("timeframe", {"timeframe": ["1min", "5min"]}),
        ("start_date", {"start_date": "1.3.2026"}),
        ("end_date", {"end_date": "2026-02-28"}),
        ("end_date", {"end_date": "2026-04-01"}),  # 32 days
    ],
)
def test_refuses_by_name(morning, ask, field, params):
    answer = ask(400, **params)

    assert list(answer["fields"]) == [field]
    assert answer["error"].startswith(f"{field}: ")


@pytest.mark.parametrize("missing", ["contract", "start_date", "end_date"])
def test_needs_a_contract_and_a_period(desk, as_user, missing):
    rest = {name: value for name, value in MARCH.items() if name != missing}
    answer = as_user(desk.ana).get(URL, rest)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [missing])


def test_too_many_minutes_are_refused_with_a_way_out(morning, ask):
    refused = ask(400, end_date="2026-04-01")
    assert refused["error"] == (
        "end_date: 1min covers at most 31 days, these are 32: end by 2026-03-31, or ask for "
        "timeframe=5min"
    )
    for timeframe in ("5min", "15min", "1hour"):
        assert ask(start_date="1970-01-01", end_date="2199-12-31", timeframe=timeframe)["data"]


def test_is_one_answer_for_everybody_and_made_once(
    morning, desk, as_user, django_assert_num_queries
):
    people = (desk.ana, desk.otto, desk.cora, desk.sven, make_user("nobody"))
    first = as_user(people[0]).get(URL, MARCH)
    seen = {(first.content, first["ETag"])}
    for person in people[1:]:
        client = as_user(person)
        with django_assert_num_queries(1):  # the contract
            answer = client.get(URL, MARCH)
        seen.add((answer.content, answer["ETag"]))

    assert len(seen) == 1
    assert len(store.ask(lambda redis: redis.keys(store.key("query", "*price_data*")))) == 1


@pytest.mark.parametrize("timeframe", sorted(LENGTHS))
@pytest.mark.parametrize("many", [3, 3000])
def test_costs_two_queries_cold_and_one_warm(
    es, desk, as_user, django_assert_num_queries, timeframe, many
):
    one = Decimal(5000)
    store_bars(
        NewBar(es.pk, FIRST + timedelta(minutes=n), one, one, one, one, 1) for n in range(many)
    )
    client = as_user(desk.ana)
    with django_assert_num_queries(2):  # contract, bars
        cold = client.get(URL, {**MARCH, "timeframe": timeframe})
    with django_assert_num_queries(1):  # contract
        warm = client.get(URL, {**MARCH, "timeframe": timeframe})

    assert cold.content == warm.content
    assert cold.json()["meta"]["count"] == len(cold.json()["data"]) >= many // LENGTHS[timeframe]


def test_a_new_or_changed_bar_shows_at_once_and_other_contracts_stay_warm(
    morning, desk, ask, as_user, django_assert_num_queries
):
    other = make_contract("NQ")
    make_bar(other, "2026-03-02T14:30Z", "1")
    before = [ask()["meta"]["count"], ask(contract="NQ Mar26")["meta"]["count"]]

    make_bar(make_contract("ES"), "2026-03-02T15:01Z", "4992")
    make_bar(make_contract("ES"), "2026-03-02T15:00Z", "4993")

    after = ask()
    assert before == [5, 1]
    assert [row["close"] for row in after["data"]][-2:] == [4993.0, 4992.0]
    client = as_user(desk.ana)
    with django_assert_num_queries(1):
        client.get(URL, {**MARCH, "contract": "NQ Mar26"})


def test_what_has_not_changed_is_not_sent_again(morning, desk, as_user):
    client = as_user(desk.ana)
    first = client.get(URL, MARCH)

    assert first["Cache-Control"] == "private, no-cache"
    assert client.get(URL, MARCH, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    make_bar(make_contract("ES"), "2026-03-02T15:01Z", "4992")
    assert client.get(URL, MARCH, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_it_is_closed_to_strangers_and_answers_with_and_without_the_slash(
    morning, desk, api, as_user
):
    assert api.get(URL, MARCH).status_code == 401
    plain, slashed = (as_user(desk.ana).get(URL + end, MARCH) for end in ("", "/"))
    assert plain.content == slashed.content


def test_rows_survive_the_store_as_they_are(es):
    """Long answers are kept deflated: what comes back is the same to the byte."""
    one = from_scaled(4_999_250_000_000, 9)
    store_bars(
        NewBar(es.pk, FIRST + timedelta(minutes=n), one, one, one, one, n) for n in range(2000)
    )
    given = {
        "contract": queries.contract_named("ES Mar26"),
        "period": Period(FIRST.date(), date(2026, 3, 30)),
        "timeframe": Timeframe.MINUTE,
    }
    cold, warm = (queries.price_data(**given) for _ in range(2))

    (key,) = store.ask(lambda redis: redis.keys(store.key("query", "*price_data*")))
    assert store.ask(lambda redis: redis.strlen(key)) < len(bytes(cold.rows)) / 5
    assert (cold.count, bytes(cold.rows)) == (warm.count, bytes(warm.rows))


def test_body(morning, ask):
    answer = ask(timeframe="15min")

    assert set(answer["meta"]) == set(examples.FUTURES_PRICE_DATA["meta"])
    assert list(answer["data"][0]) == list(examples.FUTURES_PRICE_DATA["data"][0])
    answer["meta"]["product_id"] = 0
    assert matches_snapshot("futures-price-data", answer)
