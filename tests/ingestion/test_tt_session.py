"""Each way in which the wire fails, under its own name."""

import logging
from email.utils import formatdate

import httpx  # noqa: TID251 - the adapter's own client, to loopback only
import pytest
import structlog

from ingestion.providers.base import (
    BudgetSpent,
    ProviderDown,
    ProviderError,
    Unauthorized,
    WindowTooLarge,
)
from ingestion.providers.bucket import LocalBucket
from ingestion.providers.headers import onward, retry_after
from ingestion.providers.session import NotThere
from tests.ingestion.fake_tt import Answer, Clock, FakeTT, open_session

THING = "/ttpds/env/thing"
OK = Answer({"status": "Ok", "thing": 1})


@pytest.fixture
def fake():
    server = FakeTT()
    yield server
    server.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def session(fake, clock):
    with open_session(fake.url, clock) as session:
        yield session


def test_a_call_carries_key_token_and_request_id(fake, session):
    fake.on(THING, OK)
    assert session.get("TTPDS", "thing")["thing"] == 1
    token, call = fake.seen
    assert (token.method, token.path) == ("POST", "/ttid/env/token")
    assert token.form == {"grant_type": ["user_app"], "app_key": ["KEY-1:SECRET-2"]}
    assert call.headers["x-api-key"] == "KEY-1"
    assert call.headers["Authorization"] == "Bearer token-1"
    assert call.query["requestId"].startswith("sky_ll-A_B--")
    assert call.query["requestId"] != token.query["requestId"]


def test_a_token_serves_until_shortly_before_its_end(fake, clock, session):
    fake.on(THING, OK)
    session.get("ttpds", "thing")
    clock.now += 3500
    session.get("ttpds", "thing")
    assert fake.tokens == 1
    clock.now += 50
    session.get("ttpds", "thing")
    assert fake.tokens == 2


def test_401_is_met_with_one_new_token(fake, session):
    fake.on(THING, Answer(status=401), OK)
    assert session.get("ttpds", "thing")["thing"] == 1
    assert fake.tokens == 2


def test_401_twice_is_an_alarm(fake, session):
    fake.on(THING, Answer(status=401))
    with pytest.raises(Unauthorized, match="also with a new token"):
        session.get("ttpds", "thing")
    assert len(fake.calls(THING)) == 2


def test_no_token_is_an_alarm(fake, session):
    fake.on("/ttid/env/token", Answer({"status_message": "KEY-1:SECRET-2 is bad"}, status=403))
    with pytest.raises(Unauthorized) as caught:
        session.get("ttpds", "thing")
    assert "SECRET-2" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 408, 504])
def test_passing_faults_are_tried_again(fake, clock, session, status):
    fake.on(THING, Answer(status=status), Answer(status=status), OK)
    assert session.get("ttpds", "thing")["thing"] == 1
    first, second = (pause for pause in clock.slept if pause > 0.1)  # the rest is the pace
    assert 0.25 <= first <= 0.5 <= second <= 1.0


def test_a_lasting_fault_ends_as_down(fake, clock, session):
    fake.on(THING, Answer(status=500))
    with pytest.raises(ProviderDown, match="500"):
        session.get("ttpds", "thing")
    assert len(fake.calls(THING)) == 4


@pytest.mark.parametrize("status", [408, 504])
def test_a_window_may_be_too_large(fake, session, status):
    fake.on(THING, Answer(status=status))
    with pytest.raises(WindowTooLarge):
        session.get("ttpds", "thing", halves=True)
    assert len(fake.calls(THING)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b'{"status": "Ok", "thin'),
        Answer(raw=b""),
        Answer(raw=b"\xff\xfe\x00"),
        Answer(raw=b'{"thing": 1', cut=True),
        Answer(raw=b"[" * 100_000),
    ],
    ids=["truncated", "empty", "not utf-8", "cut off", "nested"],
)
def test_a_broken_answer_is_down_never_an_end(fake, session, answer):
    fake.on(THING, answer)
    with pytest.raises(ProviderDown):
        session.get("ttpds", "thing")


def test_a_slow_answer_is_down(fake, clock):
    fake.on(THING, Answer(delay=1.0))
    with (
        open_session(fake.url, clock, timeout=0.1, tries=1) as session,
        pytest.raises(ProviderDown, match="in time"),
    ):
        session.get("ttpds", "thing")


def test_a_dead_server_is_down(clock):
    with (
        open_session("http://127.0.0.1:9", clock, tries=2) as session,
        pytest.raises(ProviderDown, match="line broke"),
    ):
        session.get("ttpds", "thing")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer({"status_message": "no such endpoint"}, status=403), "403 no such endpoint"),
        (Answer({"status": "Error", "status_message": "bad range"}), "bad range"),
        (Answer([1]), "not an object"),
        (Answer({"message": "key KEY-1 of SECRET-2, token-1"}, status=400), r"key \*\*\* of"),
    ],
)
def test_other_answers_say_what_tt_says(fake, session, answer, reason):
    fake.on(THING, answer)
    with pytest.raises(ProviderError, match=reason) as caught:
        session.get("ttpds", "thing")
    assert not isinstance(caught.value, ProviderDown)
    assert "SECRET-2" not in str(caught.value)


def test_404_has_its_own_name(fake, session):
    with pytest.raises(NotThere):
        session.get("ttpds", "nothing")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_with_the_key(fake, session, status):
    fake.on(THING, Answer(status=status, headers={"location": "/ttpds/env/other?shard=2"}))
    fake.on("/ttpds/env/other", OK)
    assert session.get("ttpds", "thing")["thing"] == 1
    (call,) = fake.calls("/ttpds/env/other")
    assert (call.query, call.headers["x-api-key"]) == ({"shard": "2"}, "KEY-1")


def test_a_redirected_token_request_becomes_a_get_on_303_only(fake, session):
    fake.on(THING, OK)
    fake.on("/ttid/env/token", Answer(status=307, headers={"location": "/ttid/env/token2"}))
    fake.on("/ttid/env/token2", fake._token)
    session.get("ttpds", "thing")
    assert [call.method for call in fake.calls("/ttid/env/token2")] == ["POST"]


def test_circles_end(fake, session):
    fake.on(THING, Answer(status=303, headers={"location": THING}))
    with pytest.raises(ProviderError, match="circles"):
        session.get("ttpds", "thing")


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/a", "ttrestapi.trade.tt"),
        ("https://shard.trade.tt/a", "shard.trade.tt"),
        ("http://shard.trade.tt/a", None),
        ("http://ttrestapi.trade.tt/a", None),
        ("https://trade.tt.evil.example/a", None),
        ("https://eviltrade.tt/a", None),
        ("//evil.example/a", None),
        ("http://[broken/a", None),
        ("", None),
    ],
)
def test_the_key_stays_with_its_host_and_siblings(location, leads_to):
    base = httpx.URL("https://ttrestapi.trade.tt")
    if leads_to is None:
        with pytest.raises(ProviderError, match="must not go"):
            onward(base, base, location)
    else:
        assert onward(base, base, location).host == leads_to


def test_no_call_before_a_short_retry_after(fake, clock, session):
    begun = clock.now
    fake.on(THING, Answer(status=429, headers={"retry-after": "7"}), OK)
    assert session.get("ttpds", "thing")["thing"] == 1
    assert clock.now >= begun + 7


def test_a_long_retry_after_is_handed_back_and_holds(fake, clock, session):
    fake.on(THING, Answer(status=429, headers={"retry-after": "90"}), OK)
    with pytest.raises(ProviderDown) as caught:
        session.get("ttpds", "thing")
    assert caught.value.retry_after == 90
    with pytest.raises(ProviderDown, match="90 s") as caught:
        session.get("ttpds", "thing")
    assert caught.value.retry_after == pytest.approx(90)
    assert len(fake.calls(THING)) == 1
    clock.now += 90.1
    assert session.get("ttpds", "thing")["thing"] == 1


def test_retry_after_is_shared_by_the_sessions_of_a_bucket(fake, clock, session):
    with open_session(fake.url, clock, bucket=session._bucket) as other:
        fake.on(THING, Answer(status=429, headers={"retry-after": "60"}), OK)
        with pytest.raises(ProviderDown):
            session.get("ttpds", "thing")
        before = len(fake.seen)
        with pytest.raises(ProviderDown):
            other.get("ttpds", "thing")
        assert len(fake.seen) == before


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("2.5", 2.5),
        ("0", 0),
        ("999999999", 86_400),
        (formatdate(1_760_000_030, usegmt=True), 30),
        (formatdate(1_759_999_000, usegmt=True), 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header, seconds):
    assert retry_after(header, now=1_760_000_000.0) == seconds


def test_the_day_s_budget(fake, clock):
    fake.on(THING, OK)
    with open_session(fake.url, clock, bucket=LocalBucket(1000, 2, clock)) as session:
        session.get("ttpds", "thing")
        with pytest.raises(BudgetSpent) as caught:
            session.get("ttpds", "thing")
    assert caught.value.resumes_at.hour == 0
    assert caught.value.resumes_at.timestamp() > clock.now


def test_no_secret_in_logs_or_texts(fake, clock, session, caplog):
    caplog.set_level(logging.DEBUG)
    fake.on(THING, Answer(status=401))
    with structlog.testing.capture_logs() as logged, pytest.raises(Unauthorized) as caught:
        session.get("ttpds", "thing")
    told = f"{logged} {caplog.text} {caught.value!r} {session!r} {caught.value.__context__!r}"
    assert "token_refused" in told
    for secret in ("KEY-1", "SECRET-2", "token-1", "token-2"):
        assert secret not in told
