"""What holds for every personal endpoint: who sees what, what it costs, what it refuses."""

from __future__ import annotations

from copy import deepcopy

import pytest

from journal.models import TradeTag
from tests import factories
from tests.cast import make_desk
from tests.factories import AT, make_account, make_event, make_trader, make_user
from tests.personal.conftest import MARCH, hold_open
from tests.standing import standing

# cold, warm: queries beside those of the log-in; the scope is never cached
COSTS = {
    "summary": (4, 1),
    "traded-products": (3, 1),
    "performance-by-pnl": (5, 1),
    "win-loss-ratio": (3, 1),
    "performance-by-time": (3, 1),
    "performance-by-product": (3, 1),
    "performance-by-tag": (5, 3),  # tags and their version stand beside the scope
    "positions": (3, 1),
    "intraday-pnl": (15, 2),  # the candles' version stands beside the scope
    "intraday-daily-pnl": (9, 2),
    "trades": (7, 7),
    "days/2026-03-02/fills": (13, 13),
    "calendar-events": (6, 2),  # the calendar's version stands beside the scope
    "calendar-events/traded-products": (5, 2),
}
ALL_PRODUCTS = {"performance-by-product", "performance-by-tag", "intraday-daily-pnl"}
WITHOUT_PNL = ("positions", "traded-products", "calendar-events/traded-products")
DAY = {"date": "2026-03-02"}
DAY_FILLS = "days/2026-03-02/fills"
DATED = sorted(set(COSTS) - {"positions", "trades", "traded-products", "intraday-pnl", DAY_FILLS})
# what names its day in the address leaves the parameter aside
PARAMS = {
    name: {"positions": {}, "intraday-pnl": DAY, DAY_FILLS: DAY}.get(name, MARCH) for name in COSTS
}
every = pytest.mark.parametrize("name", sorted(COSTS))


def make_trade(*args, **given):
    """Make a trade that bears a tag, so that every reading tells of it."""
    trade = factories.make_trade(*args, **given)
    TradeTag.objects.create(account_id=trade.account_id, trade=trade, tag_id=6, tagged_at=AT)
    return trade


def url(name, slash=""):
    return f"/api/v1/personal/{name}{slash}"


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """Let everybody trade a little: ana 10, bo 20, otto 40, sven 80; ana's sim account 160."""
    with standing(django_db_blocker):
        desk = make_desk()
        for user, pnl in ((desk.ana, 10), (desk.bo, 20), (desk.otto, 40), (desk.sven, 80)):
            make_trade(user, pnl=str(pnl))
            hold_open(user, month="Jun26")
        make_trade(desk.ana, pnl="160", sim=True)
        make_event("CPI", "2026-03-02T13:30Z", event_type="cpi")
        make_event("Speech", "2026-03-03T15:00Z")
        yield desk


@pytest.fixture
def busy(made, db):
    return deepcopy(made)


def seen(answer):
    """Return the sum of pnl that an answer tells, wherever it stands."""
    data = answer["data"]
    if isinstance(data, dict):
        if "days" in data:
            return sum(row["pnl"] for row in data["days"])
        if "Aggregated" in data:
            rows = data["Aggregated"]["candles"]
            if rows and "close" in rows[0]:
                return rows[-1]["close"]
            return sum(row["close_pnl_from_fills"] or 0 for row in rows)
        return data.get("pnl", data.get("average_win"))
    return sum(row.get("pnl", 0) for row in data)


@every
def test_a_trader_sees_the_own_trades(busy, ask, name):
    if name not in WITHOUT_PNL:
        assert seen(ask(busy.ana, name, **PARAMS[name])) == 10
        assert seen(ask(busy.ana, name, sim="true", **PARAMS[name])) == 160
        assert seen(ask(busy.otto, name, **PARAMS[name])) == 40
    assert len(ask(busy.ana, name, **PARAMS[name])["data"]) >= 1
    meta = ask(busy.ana, name, **PARAMS[name])["meta"]
    assert meta["trader"] == busy.ana.trader_id
    assert (meta["currency"], meta["obfuscated"]) == ("USD", False)
    assert meta["data_through"] == "2026-03-02"
    assert meta["start_date"] == PARAMS[name].get("start_date", PARAMS[name].get("date"))


@every
def test_an_admin_sees_any_trader_of_the_group(busy, ask, as_user, name):
    for user in (busy.bo, busy.otto):
        theirs = ask(busy.cora, name, trader=user.trader_id, **PARAMS[name])
        assert theirs == ask(user, name, **PARAMS[name])
    archived = make_trader(busy.group, is_archived=True)
    assert ask(busy.cora, name, trader=archived.pk, **PARAMS[name])["meta"]["trader"] == archived.pk

    def refusal(trader):
        answer = as_user(busy.cora).get(url(name), {"trader": trader, **PARAMS[name]})
        return answer.status_code, answer.content

    assert refusal(busy.sven.trader_id) == refusal(10**9)
    assert refusal(10**9)[0] == 404


@every
def test_nobody_else_may_name_a_trader(busy, as_user, name):
    for user in (busy.ana, busy.otto):
        answer = as_user(user).get(url(name), {"trader": user.trader_id, **PARAMS[name]})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")


@every
def test_without_a_trader_the_answer_is_empty(busy, ask, name):
    for user in (busy.cora, make_user("una", group=busy.group)):
        answer = ask(user, name, **PARAMS[name])
        assert answer["meta"]["trader"] is answer["meta"]["data_through"] is None
        assert not answer["data"] or not seen(answer)


@every
def test_needs_a_log_in(api, db, name):
    assert api.get(url(name), PARAMS[name]).status_code == 401


@every
def test_costs_few_queries(busy, as_user, django_assert_num_queries, name):
    cold, warm = COSTS[name]
    client = as_user(busy.ana)
    with django_assert_num_queries(cold):
        client.get(url(name), PARAMS[name])
    with django_assert_num_queries(warm):
        client.get(url(name), PARAMS[name])


@every
def test_costs_the_same_however_much_was_traded(busy, as_user, django_assert_num_queries, name):
    for day in range(2, 5):
        for symbol in ("ES", "CL", "GC", "FGBL"):
            make_trade(busy.ana, day=day, symbol=symbol)
    make_account(busy.ana.trader)
    client = as_user(busy.ana)
    rates = name.startswith(("intraday", "days"))  # of a foreign currency
    with django_assert_num_queries(COSTS[name][0] + rates):
        client.get(url(name), PARAMS[name])


def test_a_trade_costs_ten_queries(busy, as_user, django_assert_num_queries):
    trade = make_trade(busy.ana)
    client = as_user(busy.ana)
    # scope; trade, fills, fees, rates, tags, notes, images, last day; why no mae
    with django_assert_num_queries(10):
        client.get(url(f"trades/{trade.id}"))


@every
def test_a_new_trade_is_felt_while_the_cache_is_warm(busy, ask, name):
    before = ask(busy.ana, name, **PARAMS[name])
    make_trade(busy.ana, pnl="1000", day=3, symbol="CL")
    after = ask(busy.ana, name, **PARAMS[name])
    assert after["meta"]["data_through"] == "2026-03-03"
    if name not in ("positions", "intraday-pnl", DAY_FILLS):
        assert after["data"] != before["data"]


@every
def test_both_forms_of_the_address_answer_alike(busy, as_user, name):
    client = as_user(busy.ana)
    plain, slashed = (client.get(url(name, slash), PARAMS[name]) for slash in ("", "/"))
    assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content)


@every
def test_an_answer_is_private(busy, as_user, name):
    answer = as_user(busy.ana).get(url(name), PARAMS[name])
    assert answer["Cache-Control"] == "private, no-cache"


BAD_DATES = [
    ("start_date", {"end_date": "2026-03-31"}),
    ("end_date", {"start_date": "2026-03-01"}),
    ("start_date", {"start_date": "2026-02-30", "end_date": "2026-03-31"}),
    ("end_date", {"start_date": "2026-03-01", "end_date": "today"}),
    ("end_date", {"start_date": "2026-03-02", "end_date": "2026-03-01"}),
]


@pytest.mark.parametrize(("field", "params"), BAD_DATES)
@pytest.mark.parametrize("name", DATED)
def test_bad_dates_are_refused_by_name(busy, as_user, name, field, params):
    answer = as_user(busy.ana).get(url(name), params)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


BAD = [
    ("sim", {"sim": "maybe"}, COSTS),
    ("trader", {"trader": "ana"}, COSTS),
    ("trader", {"trader": ["1", "2"]}, COSTS),
    ("product", {"product": "ES"}, {*DATED, "trades"} - ALL_PRODUCTS),
    ("product", {"product": "999999"}, {*DATED, "trades"} - ALL_PRODUCTS),
    ("side", {"side": "up"}, {"trades"}),
    ("sort", {"sort": "size"}, {"trades"}),
    ("page", {"page": "0"}, {"trades"}),
    ("page_size", {"page_size": "1001"}, {"trades"}),
    ("start_date", {"start_date": ["2026-03-01", "2026-03-02"]}, {*DATED, "trades"}),
]


@pytest.mark.parametrize(
    ("name", "field", "params"),
    [(name, field, params) for field, params, names in BAD for name in sorted(names)],
)
def test_a_bad_parameter_is_refused_by_name(busy, as_user, name, field, params):
    answer = as_user(busy.ana).get(url(name), {**PARAMS[name], **params})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert field in answer.json()["error"]


@pytest.mark.parametrize("name", DATED)
def test_any_length_of_period_is_served(busy, ask, name):
    whole = {"start_date": "1970-01-01", "end_date": "2199-12-31"}
    assert seen(ask(busy.ana, name, **whole)) == seen(ask(busy.ana, name, **MARCH))
