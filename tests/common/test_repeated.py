"""A request that comes again is answered by the short way, and never as the long way would not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import CustomUser, Session
from accounts.sessions import open_session
from accounts.tokens import genuine, live_session
from common import clock, store, way
from common.api import repeated
from common.api.repeated import Known
from ledger.picked import asked_together
from tests.factories import make_trade, make_trader
from traders.models import Group, PlatformAccount, Trader

SPAN = "start_date=2026-03-01&end_date=2026-03-31"
GROUP = f"/api/v1/comparative/performance-by-time?{SPAN}"
OWN = f"/api/v1/personal/summary?{SPAN}"
EVENTS = f"/api/v1/comparative/calendar-events?{SPAN}"
JOURNAL = f"/api/v1/journal/analytics/overview?{SPAN}"
ZIP = {"HTTP_ACCEPT_ENCODING": "gzip"}
OF_ONE_REQUEST = {"X-Request-ID", "X-RateLimit-Remaining"}


def client_of(user):
    one = APIClient()
    token = open_session(user, at=clock.now()).access_token
    one.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return one


@pytest.fixture
def ana(desk):
    for user in (desk.ana, desk.bo, desk.otto):
        for day in range(2, 7):
            make_trade(user, pnl=f"{10 * user.pk + day}.25", day=day)
    return client_of(desk.ana)


@pytest.fixture
def long_ways(monkeypatch):
    """The requests that DRF has seen."""
    seen: list[str] = []
    plain = APIView.dispatch

    def dispatch(self, request, *args, **kwargs):
        seen.append(request.path)
        return plain(self, request, *args, **kwargs)

    monkeypatch.setattr(APIView, "dispatch", dispatch)
    return seen


def told(answer):
    headers = {name: value for name, value in answer.items() if name not in OF_ONE_REQUEST}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize("path", [GROUP, OWN, EVENTS, JOURNAL])
@pytest.mark.parametrize("how", [{}, ZIP])
def test_both_ways_answer_the_same(ana, path, how, long_ways, django_assert_num_queries):
    first = told(ana.get(path, **how))
    with django_assert_num_queries(3 if path == EVENTS else 2):
        again = ana.get(path, **how)
    assert told(again) == first
    assert len(long_ways) == 1

    known = {"HTTP_IF_NONE_MATCH": again["ETag"], **how}
    short = told(ana.get(path, **known))
    assert (short[0], len(long_ways)) == (304, 1)
    repeated._known.clear()
    assert told(ana.get(path, **known)) == short
    assert len(long_ways) == 2


def end(desk):
    Session.objects.filter(user=desk.ana).update(ended_at=clock.now())


def outlive(desk):
    Session.objects.filter(user=desk.ana).update(expires_at=clock.now() - timedelta(seconds=1))


def change(user, **fields):
    assert CustomUser.objects.filter(pk=user.pk).update(**fields) == 1


def regroup(desk):
    change(desk.ana, group=desk.sven.group, trader=make_trader(desk.sven.group, "Ana again"))


DEEDS = {
    "the session ends": end,
    "the session is too old": outlive,
    "deactivated": lambda desk: change(desk.ana, is_active=False),
    "another password": lambda desk: change(desk.ana, password="!x"),
    "opts out": lambda desk: change(desk.ana, opt_out=True),
    "becomes an admin": lambda desk: change(desk.ana, is_admin=True),
    "moves": regroup,
    "loses the trader": lambda desk: change(desk.ana, trader=None),
    "is deleted": lambda desk: CustomUser.objects.filter(pk=desk.ana.pk).delete(),
    "another opts out": lambda desk: change(desk.bo, opt_out=True),
    "another opts in": lambda desk: change(desk.otto, opt_out=False),
    "another is archived": lambda desk: Trader.objects.filter(pk=desk.bo.trader_id).update(
        is_archived=True
    ),
    "another account is sim": lambda desk: PlatformAccount.objects.filter(
        trader=desk.bo.trader_id
    ).update(is_sim=True),
    "the group is archived": lambda desk: Group.objects.filter(pk=desk.group.pk).update(
        is_archived=True
    ),
    "the group asks for a cohort": lambda desk: Group.objects.filter(pk=desk.group.pk).update(
        min_cohort=3
    ),
    "another trades": lambda desk: make_trade(desk.bo, pnl="3.75", day=9),
    "trades": lambda desk: make_trade(desk.ana, pnl="3.75", day=9),
}
FELT_ALONE = {"loses the trader", "trades"}  # at OWN; the rest at GROUP


@pytest.mark.parametrize("deed", DEEDS)
def test_each_change_is_felt_by_the_next_request(desk, ana, deed, long_ways):
    path = OWN if deed in FELT_ALONE else GROUP
    before = told(ana.get(path))
    assert told(ana.get(path)) == before
    assert len(long_ways) == 1

    DEEDS[deed](desk)
    after = told(ana.get(path))
    assert (after != before, len(long_ways)) == (True, 2)
    repeated._known.clear()
    assert told(ana.get(path))[:2] == after[:2]


def test_a_token_dies_on_time(desk, time_machine, long_ways):
    time_machine.move_to(datetime(2026, 4, 1, 10, tzinfo=UTC), tick=False)
    ana = client_of(desk.ana)
    life = genuine(ana._credentials["HTTP_AUTHORIZATION"].split()[1])["exp"]
    for _ in range(2):
        assert ana.get(GROUP).status_code == 200
    assert len(long_ways) == 1
    time_machine.move_to(datetime.fromtimestamp(life - 1, UTC), tick=False)
    assert (ana.get(GROUP).status_code, len(long_ways)) == (200, 1)
    time_machine.move_to(datetime.fromtimestamp(life, UTC), tick=False)
    assert (ana.get(GROUP).status_code, len(long_ways)) == (401, 2)


def test_a_day_later_nothing_is_known(desk, time_machine, long_ways):
    time_machine.move_to(datetime(2026, 3, 9, 23, 30, tzinfo=UTC), tick=False)
    make_trade(desk.bo, pnl="4.00", day=9)
    ana = client_of(desk.ana)
    ana.get(GROUP)
    before = ana.get(GROUP).json()
    assert (before["meta"]["data_through"], len(long_ways)) == ("2026-03-08", 1)
    time_machine.move_to(datetime(2026, 3, 10, 0, 0, tzinfo=UTC), tick=False)
    after = ana.get(GROUP).json()
    assert (after["meta"]["data_through"], len(long_ways)) == ("2026-03-09", 2)
    assert len(after["data"]) == len(before["data"]) + 1


def left(answer):
    return int(answer["X-RateLimit-Remaining"])


def test_each_request_counts_once_whichever_way(ana, settings, long_ways):
    settings.REQUESTS_PER_DAY = 5
    assert [left(ana.get(GROUP)) for _ in range(3)] == [4, 3, 2]
    assert len(long_ways) == 1
    for key in store.ask(lambda redis: redis.keys(store.key("query", "*"))):
        store.ask(lambda redis, key=key: redis.delete(key))
    evicted = ana.get(GROUP)
    assert (evicted.status_code, left(evicted), len(long_ways)) == (200, 1, 2)
    assert left(ana.get(GROUP)) == 0
    refused = ana.get(GROUP)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert {"Retry-After", "X-RateLimit-Limit"} <= set(refused.headers)


def test_while_the_store_is_gone_the_long_way_answers(ana, gone_for_a_while, long_ways):
    ana.get(GROUP)
    before = told(ana.get(GROUP))
    with gone_for_a_while():
        assert told(ana.get(GROUP)) == before
    assert len(long_ways) == 2


def test_words_of_a_request_are_not_mixed_up(ana, desk, long_ways):
    paths = [GROUP, GROUP + "&", GROUP.replace("31", "30"), OWN, GROUP + "&start_date=2026-03-02"]
    mine = {path: told(ana.get(path)) for path in paths}
    assert {path: told(ana.get(path)) for path in paths[:-1]} == {
        path: mine[path] for path in paths[:-1]
    }
    assert mine[paths[-1]][0] == 400
    assert len(long_ways) == len(paths)

    assert client_of(desk.bo).get(OWN).content != mine[OWN][1]
    assert ana.get(GROUP, HTTP_ACCEPT="text/html").status_code == 406
    assert ana.post(GROUP).status_code == 405
    assert ana.head(GROUP).content == b""
    assert (
        ana.get(GROUP.replace("performance-by-time", "performance-by-nothing")).status_code == 404
    )
    assert APIClient().get(GROUP).status_code == 401


def test_a_way_with_other_questions_on_it_is_taken_each_time(desk, ana, long_ways):
    path = "/api/v1/personal/intraday-pnl?date=2026-03-02"  # asks which candles are kept
    for _ in range(3):
        assert ana.get(path).status_code == 200
    assert len(long_ways) == 3


@pytest.mark.parametrize("cursor", ["cursor", "prepared_cursor"])
def test_whatever_else_is_looked_at_ends_a_way(db, cursor):
    with way.begun(clock.today()) as taken:
        live_session(uuid4(), at=clock.now())
        assert (len(taken.steps), taken.is_whole) == (1, True)
        with getattr(connection, cursor)() as one:
            one.execute("SELECT 1")
        assert not taken.is_whole


def test_what_a_reading_asks_together_ends_a_way(db):
    with way.begun(clock.today()) as taken:
        assert asked_together(("SELECT 1", []), ("SELECT 2", [])) == [[(1,)], [(2,)]]
        assert not taken.is_whole


def test_what_was_not_asked_for_longest_is_forgotten():
    known = Known(most=2)
    for name in (b"1", b"2"):
        known.set(name, name)
    assert known.get(b"1") == b"1"
    known.set(b"3", b"3")
    assert [known.get(name) for name in (b"1", b"2", b"3")] == [b"1", None, b"3"]
