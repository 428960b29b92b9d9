"""What could not be used is shown, tried again, and settled; secrets are never shown."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from common.clock import to_ns
from ingestion import actions, queries
from ingestion.models import Connection, Feed, Instrument, QuarantinedRow, Stream
from ingestion.providers.base import Misfit, Page, StampFull
from ledger.models import Fill
from tests.factories import make_user
from tests.ingestion.fake_provider import NOW, FakeProvider, fill, make_connection

pytestmark = pytest.mark.django_db

quarantine = import_module("ingestion.actions.quarantine")  # the action hides its module
ROW = {
    "uniqueExecId": "a1", "timeStamp": "1773140400000000000", "execType": "14", "side": "1",
    "transactTime": "1773140400000000000", "accountId": "1001", "instrumentId": "ES",
    "marketId": "CME", "lastQty": "1", "lastPx": "5000",
}  # fmt: skip


@pytest.fixture
def operator(client) -> Client:
    client.force_login(
        make_user("op", is_staff=True, is_superuser=True),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def put_aside(connection: Connection, raw, stream=Stream.FILLS) -> QuarantinedRow:
    misfit = Misfit(raw, "an older adapter did not know better")
    actions.quarantine([misfit], stream=stream, at=NOW, connection_id=connection.pk)
    return QuarantinedRow.objects.latest("id")


def test_a_row_that_fits_now_goes_into_the_books():
    row = put_aside(make_connection(), ROW)

    assert actions.retry([row.pk], at=NOW) == (1, 0)
    assert Fill.objects.get().exec_id == "a1"
    row.refresh_from_db()
    assert row.resolved_at == NOW
    assert actions.retry([row.pk], at=NOW) == (0, 0)


@pytest.mark.parametrize(
    "raw", [{**ROW, "lastPx": "NaN"}, {**ROW, "accountId": "10\x0001"}, {"row": "x"}]
)
def test_a_row_that_still_does_not_fit_stays(raw):
    row = put_aside(make_connection(), raw)

    assert actions.retry([row.pk], at=NOW) == (0, 1)
    assert not Fill.objects.exists()


def test_an_execution_at_an_impossible_moment_is_put_aside_until_it_can_be_true():
    make_connection()
    later = NOW + timedelta(days=3)
    FakeProvider(
        fills=[
            fill(),
            fill(at=later, received=to_ns(NOW)),
            fill(at=NOW.replace(year=1971), received=to_ns(NOW)),
        ]
    ).poll()
    assert Fill.objects.count() == 1
    reasons = set(QuarantinedRow.objects.values_list("reason", flat=True))
    assert reasons == {
        "executed before 1990: 1971-03-10",
        "executed at 2026-03-13 12:00, which is more than a day after it was received",
    }


def test_an_execution_ahead_of_its_time_comes_in_when_that_has_come():
    ahead = {**ROW, "transactTime": str(to_ns(NOW + timedelta(days=3)))}
    ahead["timeStamp"] = ahead["transactTime"]
    row = put_aside(make_connection(), ahead)
    assert actions.retry([row.pk], at=NOW) == (0, 1)
    assert actions.retry([row.pk], at=NOW + timedelta(days=2, hours=1)) == (1, 0)
    assert Fill.objects.get().exec_id == "a1"


def test_thousands_are_tried_in_batches_and_one_bad_row_keeps_no_other_out(monkeypatch):
    monkeypatch.setattr(quarantine, "AT_ONCE", 4)
    connection = make_connection()
    for number in range(9):
        raw = {**ROW, "uniqueExecId": f"a{number}"}
        put_aside(connection, {**raw, "lastPx": "NaN"} if number == 2 else raw)
    put_aside(connection, {**ROW, "uniqueExecId": "a0", "lastPx": "6000"})
    refused = quarantine.store_fills

    def store(source, fills, *, at):
        """Refuse a batch that holds a certain row, as the database might."""
        if any(fill.exec_id == "a5" for fill in fills):
            raise ValueError("no")
        return refused(source, fills, at=at)

    monkeypatch.setattr(quarantine, "store_fills", store)
    out = StringIO()
    call_command("retry_quarantine", stdout=out)
    assert out.getvalue().splitlines() == [
        "4 of 10 tried, 3 used",
        "8 of 10 tried, 6 used",
        "10 of 10 tried, 7 used",
        "7 rows used, 3 still do not fit",
    ]
    assert set(Fill.objects.values_list("exec_id", flat=True)) == {
        "a0", "a1", "a3", "a4", "a6", "a7", "a8",
    }  # fmt: skip
    out = StringIO()
    call_command("retry_quarantine", connection="elsewhere", reason="not", stdout=out)
    assert out.getvalue() == "0 rows used, 0 still do not fit\n"


def test_a_feed_that_a_full_stamp_holds_up_goes_on_when_told(operator):
    make_connection()
    crowd = [fill("2026-03-10 11:00:00") for _ in range(2)]
    later, stamp = fill("2026-03-10 11:30:00"), crowd[0].recv_time_ns

    class Full(FakeProvider):
        """Tells two fills of a stamp that has more."""

        def list_fills(self, since_ns, until_ns, cursor):
            if since_ns <= stamp <= until_ns:
                full = StampFull("a full page of one stamp", stamp_ns=stamp, rows=[{}, {}])
                full.page = Page(tuple(crowd))
                raise full
            return super().list_fills(since_ns, until_ns, cursor)

    provider = Full(fills=[*crowd, later])
    provider.poll()
    feed = Feed.objects.get(stream=Stream.FILLS)
    assert (feed.stuck_ns, Fill.objects.count()) == (stamp, 0)

    form = {"action": "read_past", "_selected_action": [feed.pk]}
    page = operator.post("/admin/ingestion/feed/", form, follow=True).content.decode()
    assert "1 feeds go on behind the stamp that held them up" in page
    feed.refresh_from_db()
    assert (feed.stuck_ns, feed.passed_ns, feed.attempts) == (None, [stamp], 0)
    Feed.objects.update(due_at=NOW)
    provider.poll()
    assert set(Fill.objects.values_list("exec_id", flat=True)) == {
        one.exec_id for one in (*crowd, later)
    }
    assert "fills may be missing" in QuarantinedRow.objects.get().reason


def test_a_bar_cannot_be_tried_again():
    row = put_aside(make_connection(), ROW, Stream.BARS)
    assert actions.retry([row.pk], at=NOW) == (0, 1)


def test_the_admin_shows_everything_and_acts(operator):
    connection = make_connection(price_feed=True)
    FakeProvider(fills=[fill(instrument="NEW")]).poll()
    row = put_aside(connection, ROW)
    for model in (
        "connection", "feed", "instrument", "quarantinedrow", "importrun", "missingrate",
    ):  # fmt: skip
        assert operator.get(f"/admin/ingestion/{model}/").status_code == 200

    def act(model: str, action: str, pk: int) -> None:
        answer = operator.post(
            f"/admin/ingestion/{model}/", {"action": action, "_selected_action": [pk]}, follow=True
        )
        assert answer.status_code == 200
        assert "messagelist" in answer.content.decode()

    act("quarantinedrow", "retry", row.pk)
    assert Fill.objects.filter(exec_id="a1").exists()
    Feed.objects.update(due_at=NOW.replace(year=2099))
    feed = Feed.objects.get(stream="fills")
    act("feed", "poll_now", feed.pk)
    feed.refresh_from_db()
    assert feed.due_at.year < 2099
    unknown = Instrument.objects.get(external_id="NEW")
    act("instrument", "ask_again", unknown.pk)
    act("quarantinedrow", "settle", put_aside(connection, {"row": "x"}).pk)
    assert not QuarantinedRow.objects.filter(resolved_at=None).exists()


def test_a_secret_can_be_written_but_never_read(operator):
    connection = make_connection(secret="first-secret", price_feed=True)
    Connection.objects.update(alarm="the key is refused")
    url = f"/admin/ingestion/connection/{connection.pk}/change/"
    page = operator.get(url)
    assert b"first-secret" not in page.content
    assert connection.sealed_secret.encode() not in page.content

    form = {
        name: value
        for name, value in page.context["adminform"].form.initial.items()
        if value is not None and name != "price_feed"
    }
    assert operator.post(url, {**form, "is_active": "on"}).status_code == 302
    connection.refresh_from_db()
    assert connection.secret == "first-secret"
    assert connection.alarm == ""
    assert not connection.feeds.filter(stream="bars").exists()

    operator.post(url, {**form, "is_active": "on", "new_secret": "second-secret"})
    connection.refresh_from_db()
    assert connection.secret == "second-secret"
    assert "second" not in connection.sealed_secret


def test_how_ingestion_stands(django_assert_num_queries):
    connection = make_connection()
    FakeProvider(fills=[fill(instrument="NEW")]).poll()
    put_aside(connection, ROW)

    with django_assert_num_queries(4):
        (state,) = queries.connection_states(now=NOW.replace(hour=13))
    assert (state.quarantined, state.open_instruments, state.alarm) == (1, 1, "")
    fills = next(feed for feed in state.feeds if feed.stream == "fills")
    assert (fills.percent, fills.rows_new) == (100, 1)
    assert 3590 < fills.lag_seconds <= 3600
    assert queries.history_percent(now=NOW) == 100


def test_connect_tt_makes_one_connection_and_keeps_it_up_to_date(settings):
    settings.TT_BASE_URL, settings.TT_KEY, settings.TT_SECRET = "", "", ""
    assert run("connect_tt") == "No TT_* variable is set: nothing to connect\n"

    settings.TT_KEY = "key"
    with pytest.raises(CommandError, match="TT_BASE_URL and TT_SECRET missing"):
        run("connect_tt")
    settings.TT_BASE_URL, settings.TT_SECRET = "https://tt.example.com", "one"
    run("connect_tt")
    settings.TT_SECRET = "two"
    run("connect_tt")

    connection = Connection.objects.get()
    assert connection.secret == "two"
    assert connection.feeds.count() == 4
    settings.TT_BASE_URL = "tt.example.com"
    with pytest.raises(CommandError, match="no address"):
        run("connect_tt")


def test_poll_once_reports_and_fails_with_a_sentence(monkeypatch):
    with pytest.raises(CommandError, match="nothing to poll"):
        run("poll", "--once")
    make_connection(name="Desk")
    tt = FakeProvider(fills=[fill(), fill(side=-1)])
    monkeypatch.setattr("ingestion.poll.run.open_provider", lambda connection: tt)

    said = run("poll", "--once", "--all", "--progress")
    assert "Desk fills: 2 rows read, 2 new" in said
    assert "Nothing is due" in run("poll", "--once")
    with pytest.raises(CommandError, match="No active connection is called Other"):
        run("poll", "--once", "--connection", "Other")

    def down(call):
        raise RuntimeError("a bug")

    tt.before = down
    with pytest.raises(CommandError, match="2 of 4 feeds failed"):
        run("poll", "--once", "--all")


def run(command: str, *args: str) -> str:
    said = StringIO()
    call_command(command, *args, stdout=said, stderr=StringIO())
    return said.getvalue()
