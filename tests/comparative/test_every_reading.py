"""What holds for every reading of a group: who sees what, what it costs, what it refuses."""

from __future__ import annotations

from copy import deepcopy

import pytest

from journal.models import TradeTag
from tests import factories
from tests.cast import make_desk
from tests.comparative.conftest import MARCH
from tests.factories import AT, make_event, make_trader, make_user
from tests.standing import standing

# cold, warm: queries beside those of the log-in; the scope is never cached
COSTS = {
    "performance-by-time": (3, 1),
    "performance-by-product": (4, 1),
    "performance-by-tag": (6, 3),  # tags and their version stand beside the scope
    "win-loss-ratio": (3, 1),
    "standing": (3, 1),
    "calendar-events": (6, 2),  # the calendar's version stands beside the scope
}
every = pytest.mark.parametrize("name", sorted(COSTS))


def make_trade(*args, **given):
    """Make a trade that bears a tag, so that every reading tells of it."""
    trade = factories.make_trade(*args, **given)
    TradeTag.objects.create(account_id=trade.account_id, trade=trade, tag_id=6, tagged_at=AT)


def url(name, slash=""):
    return f"/api/v1/comparative/{name}{slash}"


def trades_in(answer):
    """Return how many trades an answer speaks of, or traders where it ranks them."""
    data = answer["data"]
    if isinstance(data, list):
        rows = [row for one in data for row in one.get("products", [one])]
        return sum(row["trade_count"] or 0 for row in rows)
    return data["pnl"]["ranked"] if "pnl" in data else data["trade_count"]


@pytest.fixture
def ask(read):
    def get(user, name, **params):
        return read(user, f"comparative/{name}", **params)

    return get


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """Let ana, bo and otto trade once, and others whom nobody of the group compares.

    Every day of the trades has an event.
    """
    with standing(django_db_blocker):
        desk = make_desk()
        for user, pnl in ((desk.ana, 10), (desk.bo, 20), (desk.otto, 40), (desk.sven, 80)):
            make_trade(user, pnl=str(pnl))
        make_trade(desk.ana, pnl="160", sim=True)
        make_trade(make_trader(desk.group, is_archived=True), pnl="320")
        for day in range(1, 13):
            make_event("CPI", f"2026-03-{day:02}T12:30Z", event_type="cpi")
        yield desk


@pytest.fixture
def busy(made, db):
    return deepcopy(made)


@pytest.fixture
def cohort_of(busy):
    """Return a way to set the desk's min_cohort."""

    def least(number):
        busy.group.min_cohort = number
        busy.group.save()

    return least


@every
def test_who_counts(busy, ask, name):
    assert trades_in(ask(busy.ana, name)) == trades_in(ask(busy.bo, name)) == 2
    assert trades_in(ask(make_user(group=busy.group), name)) == 2
    assert trades_in(ask(busy.cora, name)) == 3
    assert trades_in(ask(busy.sven, name)) == 1
    busy.bo.is_admin = busy.bo.opt_out = True  # sees, but is not seen
    busy.bo.save()
    assert trades_in(ask(busy.bo, name)) == 3
    assert trades_in(ask(busy.ana, name)) == 1


@every
def test_who_may_not_ask(busy, as_user, api, name):
    def refusal(user):
        answer = as_user(user).get(url(name), MARCH)
        return answer.status_code, answer.json()["code"]

    assert refusal(busy.otto) == (403, "opted_out")
    assert refusal(make_user("nora")) == (403, "no_group")
    busy.group.is_archived = True
    busy.group.save()
    assert refusal(busy.ana) == refusal(busy.otto) == refusal(busy.cora) == (403, "no_group")
    assert api.get(url(name), MARCH).status_code == 401


@every
def test_opting_out_and_in_is_felt_while_the_cache_is_warm(busy, ask, as_user, name):
    assert trades_in(ask(busy.ana, name)) == trades_in(ask(busy.bo, name)) == 2
    for opt_out, seen in ((True, 1), (False, 2)):
        busy.bo.opt_out = opt_out
        busy.bo.save()
        assert trades_in(ask(busy.ana, name)) == seen
        assert as_user(busy.bo).get(url(name), MARCH).status_code == (403 if opt_out else 200)
        assert trades_in(ask(busy.cora, name)) == 3


@every
def test_an_admin_and_a_trader_never_get_each_others_answer(busy, ask, name):
    cora, ana = ask(busy.cora, name), ask(busy.ana, name)
    assert (trades_in(cora), trades_in(ana)) == (3, 2)
    assert (ask(busy.cora, name), ask(busy.ana, name)) == (cora, ana)


@every
def test_a_new_trade_and_a_new_rule_are_felt_while_the_cache_is_warm(busy, ask, cohort_of, name):
    assert trades_in(ask(busy.ana, name)) == 2
    make_trade(make_trader(busy.group), pnl="5")
    assert trades_in(ask(busy.ana, name)) == 3
    cohort_of(3)
    assert trades_in(ask(busy.ana, name)) in (0, None)
    assert trades_in(ask(busy.cora, name)) == 4


@every
def test_a_period_not_yet_over_is_empty(busy, ask, name):
    found = ask(busy.ana, name, start_date="2026-04-03", end_date="2026-05-01")
    assert trades_in(found) == 0
    assert found["meta"]["data_through"] == "2026-04-02"


@every
def test_any_length_of_period_is_served(busy, ask, name):
    whole = {"start_date": "1970-01-01", "end_date": "2199-12-31"}
    assert ask(busy.ana, name, **whole)["data"] == ask(busy.ana, name)["data"]


@every
@pytest.mark.parametrize("least", [0, 3])
def test_costs_the_same_however_many_trade(
    busy, april, as_user, cohort_of, django_assert_num_queries, name, least
):
    cold, warm = COSTS[name]
    for size in (0, 8):
        for number in range(size):
            trader = make_trader(busy.group)
            for symbol in ("ES", "CL", "GC", "FGBL"):
                make_trade(trader, day=2 + number, symbol=symbol)
        cohort_of(least)
        for user in (busy.ana, busy.cora):
            client = as_user(user)
            with django_assert_num_queries(cold):
                client.get(url(name), MARCH)
            with django_assert_num_queries(warm):
                client.get(url(name), MARCH)


@every
def test_both_forms_of_the_address_answer_alike(busy, april, as_user, name):
    client = as_user(busy.ana)
    plain, slashed = (client.get(url(name, slash), MARCH) for slash in ("", "/"))
    assert (plain.status_code, plain.content) == (200, slashed.content)
    assert plain["Cache-Control"] == "private, no-cache"


@every
@pytest.mark.parametrize("field", ["start_date", "end_date"])
@pytest.mark.parametrize("value", [None, "03/01/2026", "2026-02-30"])
def test_bad_dates_are_refused_by_name(busy, as_user, name, field, value):
    params = {key: day for key, day in MARCH.items() if key != field}
    answer = as_user(busy.ana).get(url(name), params | ({field: value} if value else {}))
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
