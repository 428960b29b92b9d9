"""Alarms opened once, ended once, and told once by each way, whatever fails meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from audit.models import Alarm, Notice
from common import clock, store
from skyll import tasks, watch
from skyll.watch import channels, keeping, outage, post, pulse, turns
from skyll.watch.rules import RUNBOOK
from tests.ingestion.fake_provider import NOW
from tests.skyll.hook import Hook, open_hook

LATE = {("poll_late", "Desk TT fills"): "Desk TT fills was last read well at 11:40"}
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def hook(settings) -> Iterator[Hook]:
    with open_hook() as one:
        settings.ALARM_WEBHOOK, settings.ALARM_WEBHOOK_TOKEN = one.url, "t0ken"
        yield one


@pytest.fixture
def mails(settings) -> None:
    settings.ALARM_MAILS = ["ops@desk.test", "night@desk.test"]


def events(hook: Hook) -> list[str]:
    return [body["event"] for _, _, body in hook.heard]


def outcomes() -> list[tuple[str, str, str]]:
    notices = Notice.objects.order_by("pk")
    return [(one.event, str(one.channel), one.outcome) for one in notices]


def test_opened_once_and_ended_once(db):
    with capture_logs():
        for minute in range(3):
            assert keeping.keep(LATE, at=NOW + minute * MINUTE)
        assert keeping.keep({}, at=NOW + 3 * MINUTE)  # a moment's calm is no end
        assert keeping.keep(LATE, at=NOW + 3.5 * MINUTE)
        alarm = Alarm.objects.get()
        assert (alarm.began_at, alarm.ended_at) == (NOW, None)

        keeping.keep({}, at=NOW + 5 * MINUTE)
        keeping.keep({}, at=NOW + 5.5 * MINUTE)
        keeping.keep({}, at=NOW + 9 * MINUTE)
    alarm.refresh_from_db()
    assert alarm.ended_at == NOW + 5.5 * MINUTE
    keeping.keep(LATE, at=NOW + HOUR)
    assert Alarm.objects.count() == 2
    assert not Notice.objects.exists()  # nobody is to be told


def test_it_is_logged_once(db, django_capture_on_commit_callbacks):
    with capture_logs() as lines, django_capture_on_commit_callbacks(execute=True):
        keeping.keep(LATE, at=NOW)
        keeping.keep(LATE, at=NOW + MINUTE)
        keeping.keep({}, at=NOW + 4 * MINUTE)
    told = [line["event"] for line in lines if line["event"].startswith("alarm_")]
    assert told == ["alarm_opened", "alarm_ended"]


def test_what_a_broken_rule_found_stays(db):
    keeping.keep(LATE, at=NOW)
    keeping.keep({("rule_broken", "poll_late"): "x"}, unsaid={"poll_late"}, at=NOW + HOUR)
    assert Alarm.objects.filter(ended_at=None).count() == 2


def test_told_by_both_ways_once(db, hook, mails):
    keeping.keep(LATE, at=NOW)
    assert watch.tell(at=NOW) == 2
    assert watch.tell(at=NOW + MINUTE) == 0
    keeping.keep({}, at=NOW + 5 * MINUTE)
    assert watch.tell(at=NOW + 5 * MINUTE) == 2

    path, headers, body = hook.heard[0]
    assert (path, headers["Authorization"]) == ("/hook?secret=s3cret", "Bearer t0ken")
    assert events(hook) == ["began", "ended"]
    assert (body["kind"], body["do"]) == ("poll_late", RUNBOOK["poll_late"])
    assert body["text"].endswith(LATE["poll_late", "Desk TT fills"])
    first, last = mail.outbox
    assert (first.to, first.subject) == (
        ["ops@desk.test", "night@desk.test"], "Skyll ALARM: poll_late (Desk TT fills)",
    )  # fmt: skip
    assert RUNBOOK["poll_late"] in first.body
    assert last.subject == "Skyll over: poll_late (Desk TT fills)"
    assert "Over since 2026-03-10 12:05:00 UTC" in last.body


@pytest.mark.parametrize("status", [500, 404, 301, 307, 0])
def test_a_failing_webhook_is_asked_again_and_mail_goes_on(db, hook, mails, status):
    hook.status, hook.headers = status, {"Location": hook.url.replace("hook", "elsewhere")}
    keeping.keep(LATE, at=NOW)
    with capture_logs() as lines:
        assert watch.tell(at=NOW) == 1
    assert len(mail.outbox) == 1
    assert [line["reason"] for line in lines] == [
        f"HTTP {status}" if status else "RemoteProtocolError"
    ]
    assert "s3cret" not in str(lines) + str(outcomes())  # the address may be a secret
    assert watch.tell(at=NOW + 29 * SECOND) == 0
    assert {path for path, _, _ in hook.heard} == {"/hook?secret=s3cret"}  # and no redirect taken

    hook.status = 200
    assert watch.tell(at=NOW + 31 * SECOND) == 1
    assert [one[2] for one in outcomes()] == ["told", "told"]
    assert {body["id"] for _, _, body in hook.heard} == {f"alarm-{Alarm.objects.get().pk}-began"}


def test_a_webhook_that_hangs_costs_a_bounded_time(db, hook, monkeypatch):
    monkeypatch.setattr(channels, "WHOLE_SECONDS", 0.05)
    hook.dawdle_seconds = 0.3
    keeping.keep(LATE, at=NOW)
    assert watch.tell(at=NOW) == 0
    assert outcomes() == [("began", "webhook", "TimeoutError")]


def test_nobody_listens(db, settings):
    settings.ALARM_WEBHOOK = "http://127.0.0.1:1/"
    keeping.keep(LATE, at=NOW)
    watch.tell(at=NOW)
    assert outcomes() == [("began", "webhook", "ConnectError")]


def test_a_mail_server_that_fails_names_no_address(db, mails, monkeypatch):
    def fail(_):
        raise SMTPServerDisconnected("550 <ops@desk.test> key")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    keeping.keep(LATE, at=NOW)
    watch.tell(at=NOW)
    assert outcomes() == [("began", "mail", "SMTPServerDisconnected")]


def test_over_before_it_could_be_told(db, hook):
    hook.status = 500
    keeping.keep(LATE, at=NOW)
    watch.tell(at=NOW)
    keeping.keep({}, at=NOW + 3 * MINUTE)
    hook.status, hook.heard = 200, []
    watch.tell(at=NOW + 3 * MINUTE)
    assert events(hook) == ["ended"]
    assert outcomes()[0][2] == "over before it could be told"


def test_it_is_given_up_in_the_end(db, hook, monkeypatch):
    monkeypatch.setattr(post, "GIVE_UP_AFTER", 3 * MINUTE)
    hook.status = 500
    keeping.keep(LATE, at=NOW)
    for half_minutes in range(10):
        watch.tell(at=NOW + half_minutes * 30 * SECOND)
    assert (Notice.objects.get().outcome, len(hook.heard)) == ("given up", 3)  # at 0, 0:30, 1:30


def test_names_do_not_break_a_mails_head(db, mails):
    keeping.keep({("poll_late", "Desk\nBcc: x@y.test"): "late"}, at=NOW)
    watch.tell(at=NOW)
    assert mail.outbox[0].subject == "Skyll ALARM: poll_late (Desk Bcc: x@y.test)"


def test_a_turn_as_the_task_takes_it(db, mails):
    tasks.watch()
    assert turns.last_at() is not None
    tasks.tell_alarms()
    assert not Alarm.objects.exists()


def test_without_redis_a_turn_still_looks(db, gone, settings):
    settings.METRICS_TOKEN = "x" * 20
    assert watch.turn(NOW)
    assert Alarm.objects.filter(kind="redis_down", subject="cache").exists()


def test_the_pulse_looks_only_when_no_task_does(db, monkeypatch):
    taken = []
    monkeypatch.setattr(pulse, "turn", taken.append)
    assert pulse.beat()
    watch.turn(clock.now())
    assert not pulse.beat()
    watch.turn(clock.now() - timedelta(seconds=91))
    assert pulse.beat()
    monkeypatch.setattr(pulse, "last_at", raise_down)
    assert pulse.beat()
    assert len(taken) == 3


def test_a_database_that_hangs_is_one_that_is_away(monkeypatch):
    awake, missed = threading.Event(), []

    def note(at):
        missed.append(at)
        awake.set()

    monkeypatch.setattr(pulse, "HUNG_SECONDS", 0.01)
    monkeypatch.setattr(pulse, "beat", lambda: awake.wait(20))
    monkeypatch.setattr(outage, "missed", note)
    pulse.attend()
    assert missed


def raise_down():
    raise store.Down


@pytest.fixture
def down(monkeypatch):
    """Let the database be away until the fixture is called."""

    def refuse():
        raise OperationalError("gone")

    outage._here.clear()
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        patch.setattr(connection, "close", lambda: None)
        yield patch.undo
    outage._here.clear()


@pytest.mark.parametrize("fast_store", ["up", "away"])
def test_without_a_database_it_is_told_at_once_and_written_later(
    db, down, hook, mails, fast_store, monkeypatch
):
    if fast_store == "away":
        monkeypatch.setattr(store, "ask", lambda _: raise_down())
    for seconds in (0, 30, 60, 90):
        assert not watch.turn(NOW + seconds * SECOND, rules=())
    assert events(hook) == ["began"]
    assert len(mail.outbox) == 1

    down()
    assert watch.turn(NOW + 5 * MINUTE, rules=())
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.began_at, alarm.ended_at) == (
        "database_down", NOW, NOW + 5 * MINUTE,
    )  # fmt: skip
    watch.tell(at=NOW + 5 * MINUTE)
    assert events(hook) == ["began", "ended"]
    assert watch.turn(NOW + 6 * MINUTE, rules=())
    assert Alarm.objects.count() == 1


def test_a_restart_of_the_database_is_no_alarm(db, down, hook):
    watch.turn(NOW, rules=())
    down()
    watch.turn(NOW + 30 * SECOND, rules=())
    assert not hook.heard
    assert not Alarm.objects.exists()


def test_the_command(db, hook, mails, capsys, settings):
    call_command("alarms")
    assert capsys.readouterr().out == "No alarm is open\n"
    keeping.keep(LATE, at=NOW)
    with pytest.raises(SystemExit, match="1"):
        call_command("alarms")
    assert RUNBOOK["poll_late"] in capsys.readouterr().out
    call_command("alarms", "--history", "5")
    assert ".. open  poll_late" in capsys.readouterr().out

    call_command("alarms", "--test")
    assert capsys.readouterr().out == "mail: sent\nwebhook: sent\n"
    assert (events(hook), len(mail.outbox)) == (["trial"], 1)
    hook.status = 403
    with pytest.raises(CommandError, match=r"^webhook: HTTP 403$"):
        call_command("alarms", "--test")
    settings.ALARM_MAILS, settings.ALARM_WEBHOOK = [], ""
    with pytest.raises(CommandError, match="nobody is told"):
        call_command("alarms", "--test")
