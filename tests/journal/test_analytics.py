"""What holds for all of journal/analytics/: who sees what, what it costs, what it refuses."""

from __future__ import annotations

import pytest

from accounts.access import own_journal
from journal import actions, examples
from tests.factories import (
    AT,
    make_account,
    make_trade,
    make_trader,
    make_user,
)
from tests.seeded import snap_trades
from tests.snapshots import matches_snapshot, shape

MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
# cold, warm, queries beside those of the log-in; with a tag two more: the tree, the version
COSTS = {
    "overview": (4, 1),
    "equity-curve": (3, 1),
    "daily-pnl": (3, 1),
    "symbol-breakdown": (3, 1),
    "duration-profit": (4, 1),
    "return-distribution": (4, 1),
    "time-distribution": (3, 1),
    "filter-options": (8, 3),
}
CHOOSING = sorted(set(COSTS) - {"filter-options"})
EXAMPLES = {
    "overview": examples.OVERVIEW,
    "equity-curve": examples.EQUITY_CURVE,
    "daily-pnl": examples.DAILY_PNL,
    "symbol-breakdown": examples.SYMBOL_BREAKDOWN,
    "duration-profit": examples.DURATION_PROFIT,
    "return-distribution": examples.RETURN_DISTRIBUTION,
    "time-distribution": examples.TIME_DISTRIBUTION,
    "filter-options": examples.FILTER_OPTIONS,
}
every = pytest.mark.parametrize("name", sorted(COSTS))


def url(name, slash=""):
    return f"/api/v1/journal/analytics/{name}{slash}"


@pytest.fixture
def ask(as_user):
    """Return a way to ask as somebody; what comes back has status 200."""

    def get(user, name, **params):
        answer = as_user(user).get(url(name), params)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


@pytest.fixture
def busy(desk):
    """Let everybody trade a little: ana 10, bo 20, otto 40, sven 80; ana's sim account 160."""
    for user, pnl in ((desk.ana, 10), (desk.bo, 20), (desk.otto, 40), (desk.sven, 80)):
        make_trade(user, pnl=str(pnl))
    make_trade(desk.ana, pnl="160", sim=True, symbol="CL")
    return desk


def seen(answer):
    """Return the pnl that an answer tells; of filter-options the products."""
    data = answer["data"]
    if isinstance(data, list):
        return sum(row["pnl"] for row in data)
    if "products" in data:
        (one,) = data["products"] or [{"symbol": ""}]
        return {"ES": 10, "CL": 160}.get(one["symbol"], 0)
    if "points" in data:
        assert sum(one["pnl"] for one in data["points"]) == seen({"data": data["bins"]})
    return data["pnl"] if "pnl" in data else seen({"data": data.get("hours", data.get("bins"))})


@every
def test_a_trader_sees_the_own_trades(busy, ask, name):
    assert seen(ask(busy.ana, name, **MARCH)) == 10
    assert seen(ask(busy.ana, name, sim="true")) == 160
    if name != "filter-options":
        assert seen(ask(busy.otto, name)) == 40
    meta = ask(busy.ana, name, **MARCH)["meta"]
    assert (meta["trader"], meta["data_through"]) == (busy.ana.trader_id, "2026-03-02")
    assert (meta["currency"], meta["obfuscated"], meta["start_date"]) == (
        "USD",
        False,
        "2026-03-01",
    )


@every
def test_an_admin_sees_any_trader_of_the_group(busy, ask, as_user, name):
    for user in (busy.bo, busy.otto):
        assert ask(busy.cora, name, trader=user.trader_id) == ask(user, name)
    archived = make_trader(busy.group, is_archived=True)
    assert ask(busy.cora, name, trader=archived.pk)["meta"]["trader"] == archived.pk

    def refusal(trader):
        answer = as_user(busy.cora).get(url(name), {"trader": trader})
        return answer.status_code, answer.content

    assert refusal(busy.sven.trader_id) == refusal(10**9)
    assert refusal(10**9)[0] == 404


@every
def test_nobody_else_may_name_a_trader_or_come_without_a_log_in(busy, as_user, api, name):
    for user in (busy.ana, busy.otto):
        answer = as_user(user).get(url(name), {"trader": user.trader_id})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")
    assert api.get(url(name)).status_code == 401


@every
def test_without_a_trader_the_answer_is_empty(busy, ask, name):
    for user in (busy.cora, make_user("una", group=busy.group)):
        answer = ask(user, name, untagged="true")
        assert answer["meta"]["trader"] is answer["meta"]["data_through"] is None
        assert name == "filter-options" or seen(answer) == 0


@every
def test_costs_few_queries(busy, as_user, django_assert_num_queries, name):
    client, (cold, warm) = as_user(busy.ana), COSTS[name]
    with django_assert_num_queries(cold):
        client.get(url(name), MARCH)
    with django_assert_num_queries(warm):
        client.get(url(name), MARCH)
    more = 0 if name == "filter-options" else 2
    tagged = {**MARCH, "tag": 1, "side": "long", "untagged": "true"}
    with django_assert_num_queries((warm if more == 0 else cold) + more):
        client.get(url(name), tagged)


@every
def test_costs_the_same_however_much_was_traded(busy, as_user, django_assert_num_queries, name):
    journal = own_journal(busy.ana)
    for day in range(2, 5):
        for symbol in ("ES", "CL", "GC", "FGBL"):
            trade = make_trade(busy.ana, day=day, symbol=symbol)
            actions.add_tags(
                journal=journal, trade_id=trade.id, tag_ids=[5 + day, 30], field="tags", at=AT
            )
    make_account(busy.ana.trader)
    client = as_user(busy.ana)
    with django_assert_num_queries(COSTS[name][0]):
        client.get(url(name), MARCH)


@every
def test_trades_and_tags_are_felt_while_the_cache_is_warm(busy, ask, name):
    asked = {} if name == "filter-options" else {"tag": 1}
    before = ask(busy.ana, name, **asked)
    trade = make_trade(busy.ana, pnl="1000", day=3, symbol="ES")
    empty = ask(busy.ana, name, **asked)
    actions.add_tags(
        journal=own_journal(busy.ana), trade_id=trade.id, tag_ids=[6], field="tags", at=AT
    )
    after = ask(busy.ana, name, **asked)
    assert before["meta"]["data_through"] != empty["meta"]["data_through"] == "2026-03-03"
    assert after["data"] != empty["data"]


@every
def test_both_forms_of_the_address_answer_alike_and_privately(busy, as_user, name):
    client = as_user(busy.ana)
    plain, slashed = (client.get(url(name, slash)) for slash in ("", "/"))
    assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content)
    assert plain["Cache-Control"] == "private, no-cache"


BAD = [
    ("start_date", {"start_date": "2026-02-30"}, COSTS),
    ("start_date", {"start_date": ["2026-03-01", "2026-03-02"]}, COSTS),
    ("end_date", {"start_date": "2026-03-02", "end_date": "2026-03-01"}, COSTS),
    ("sim", {"sim": "maybe"}, COSTS),
    ("trader", {"trader": "ana"}, COSTS),
    ("product", {"product": "ES"}, CHOOSING),
    ("product", {"product": "999999"}, CHOOSING),
    ("tag", {"tag": "x"}, CHOOSING),
    ("tag", {"tag": ["6", "999999"]}, CHOOSING),
    ("untagged", {"untagged": "maybe"}, CHOOSING),
    ("side", {"side": "up"}, CHOOSING),
    ("by", {"by": "week"}, ["equity-curve", "time-distribution"]),
]


@pytest.mark.parametrize(
    ("name", "field", "params"),
    [(name, field, params) for field, params, names in BAD for name in sorted(names)],
)
def test_a_bad_parameter_is_refused_by_name(desk, as_user, name, field, params):
    answer = as_user(desk.ana).get(url(name), params)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert field in answer.json()["error"]


@pytest.mark.parametrize("name", CHOOSING)
def test_a_custom_tag_of_another_is_as_unknown(desk, as_user, name):
    made = actions.make_tag(journal=own_journal(desk.bo), name="Mine", parent_id=6)
    for user, more, status in (
        (desk.ana, {}, 400),
        (desk.cora, {"trader": desk.bo.trader_id}, 200),
    ):
        answer = as_user(user).get(url(name), {"tag": made.id, **more})
        assert answer.status_code == status


@pytest.fixture
def snapped(desk):
    snap_trades(desk)
    return desk


@every
def test_the_body(snapped, ask, journal, name):
    trade_id = journal(snapped.ana).list("trades")["data"][0]["id"]
    journal(snapped.ana)("post", f"trades/{trade_id}/tags", {"tags": [6, 30]})
    body = ask(snapped.ana, name, **({} if name == "filter-options" else MARCH))
    body["meta"]["trader"] = 24  # what differs from run to run
    if name == "duration-profit":
        for point in body["data"]["points"]:
            point["id"] = "one" if point["id"] == trade_id else "the other"
    assert matches_snapshot(f"journal/analytics-{name}", body)
    assert shape(EXAMPLES[name]) == shape(body), "the example in the schema is out of date"
