"""Letters: owed with their cause, sent by a worker, at least once; no secret stays behind."""

from contextlib import contextmanager
from datetime import timedelta
from socket import socket

import pytest
import time_machine
from celery import current_app
from django.core import mail
from django.db import transaction
from structlog.testing import capture_logs

from accounts import letters
from accounts.models import CustomUser, Letter
from accounts.tasks import send_letters
from common import clock, store
from tests import mails
from tests.accounts.steps import EMAIL, ask_reset, confirm, register
from tests.factories import make_user
from tests.postbox import postbox

pytestmark = pytest.mark.django_db


def owe(kind: letters.Kind = "reset", email: str = "ana@desk.test") -> Letter:
    letters.write(kind, email=email, at=clock.now())
    return Letter.objects.latest("id")


@contextmanager
def later(**by: float):
    with time_machine.travel(clock.now() + timedelta(**by), tick=False):
        yield


# -- what arrives ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind", ["verification", "known", "reset", "invitation", "password_changed"]
)
def test_a_letter_is_plain_text_with_a_page_beside_it(db, kind):
    user = make_user("eve", verified=kind != "verification", first_name="Eve")
    owe(kind, user.email)

    arrived = mails.only()

    assert arrived.to == user.email
    assert arrived.message["From"] == "Skyll <no-reply@localhost>"
    assert arrived.message["Auto-Submitted"] == "auto-generated"
    assert arrived.link.startswith("http://localhost:3000")
    assert f'<a href="{arrived.link.replace("&", "&amp;")}">' in arrived.page
    assert "UTC" in arrived.text or kind == "invitation"
    assert all(len(line) <= 80 for line in arrived.text.splitlines() if "http" not in line)
    assert "{" not in arrived.text + arrived.page


def test_a_name_stays_a_name_in_the_page(db):
    user = make_user("eve", verified=False)
    CustomUser.objects.filter(pk=user.pk).update(username="<img src=x>&\"'")
    for kind in ("reset", "verification", "known"):
        owe(kind, user.email)

    for arrived in mails.arriving():
        assert "<img src=x>&\"'" in arrived.text
        assert "<img" not in arrived.page
        assert "&lt;img src=x&gt;&amp;&quot;&#x27;" in arrived.page


def test_a_name_with_line_breaks_forges_no_header(db):
    user = make_user("eve")
    CustomUser.objects.filter(pk=user.pk).update(username="x\r\nBcc: all@desk.test")
    owe("reset", user.email)

    arrived = mails.only()

    assert arrived.message["Bcc"] is None
    assert arrived.message.get_all("To") == [user.email]


# -- whom it reaches ----------------------------------------------------------------------------
def test_a_letter_is_for_whom_the_address_belongs_to_when_it_is_sent(desk):
    owe("reset", "ana@desk.test")
    CustomUser.objects.filter(pk=desk.ana.pk).update(email="gone@desk.test")
    CustomUser.objects.filter(pk=desk.bo.pk).update(email="Ana@desk.test")

    arrived = mails.only()

    assert arrived.to == "Ana@desk.test"
    assert confirm(arrived.query).status_code == 200
    desk.bo.refresh_from_db()
    assert desk.bo.has_usable_password()


@pytest.mark.parametrize(
    ("kind", "given", "outcome"),
    [
        ("reset", None, "nobody"),
        ("reset", {"is_active": False}, "nobody"),
        ("known", {"is_active": False}, "nobody"),
        ("password_changed", {"is_active": False}, "nobody"),
        ("verification", {"verified": True}, "verified already"),
        ("invitation", {"password": "x"}, "has a password already"),
    ],
)
def test_what_is_needless_is_not_sent(db, kind, given, outcome):
    if given is not None:
        make_user("eve", **given)
    letter = owe(kind, "eve@desk.test")

    assert not mails.arriving()

    letter.refresh_from_db()
    assert (letter.outcome, letter.tries) == (outcome, 1)
    assert letter.done_at is not None


def test_a_letter_goes_with_its_cause_or_not_at_all(desk):
    with transaction.atomic():
        owe()
        transaction.set_rollback(True)

    assert not mails.arriving()


# -- no secret stays behind ---------------------------------------------------------------------
def test_no_key_is_in_a_row_or_in_a_log_line(desk, monkeypatch):
    with capture_logs() as lines:
        register()
        ask_reset("ana@desk.test")
        arrived = mails.arriving()
    secrets = [value for one in arrived for name, value in one.query.items() if name != "uid"]
    assert len(secrets) == 2

    rows = str(list(Letter.objects.values()))
    assert [line["event"] for line in lines] == ["letter_sent", "letter_sent"]
    for secret in secrets:
        assert secret not in rows
        assert secret not in str(lines)
    assert "@" not in str(lines)


# -- when a server is away ----------------------------------------------------------------------
def test_a_mail_server_that_is_down_delays_a_letter_and_loses_none(desk, settings):
    with postbox(settings):
        pass
    ask_reset("ana@desk.test")
    with capture_logs() as lines:
        send_letters()
    letter = Letter.objects.get()
    assert (letter.tries, letter.done_at) == (1, None)
    assert letter.outcome.startswith("ConnectionRefusedError")
    assert [line["event"] for line in lines] == ["letter_failed"]

    with postbox(settings) as server:
        send_letters()
        assert not server.mails  # it is not due yet
        with later(minutes=3):
            send_letters()
            send_letters()
        (arrived,) = server.mails
        assert arrived.to == "ana@desk.test"
    assert confirm(arrived.query).status_code == 200
    letter.refresh_from_db()
    assert (letter.tries, letter.outcome) == (2, "sent")


def test_a_letter_that_is_refused_holds_up_no_other(desk, settings):
    with postbox(settings) as server:
        server.refused = {"ana@desk.test": "550 ana? http://localhost:3000/reset?token=x"}
        refused, other = owe(), owe(email="bo@desk.test")
        send_letters()
        assert [one.to for one in server.mails] == ["bo@desk.test"]

    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.done_at, other.outcome) == (None, "sent")
    assert (
        refused.outcome == "SMTPRecipientsRefused"
    )  # not what the server said: it may quote a key


def test_the_waits_grow_up_to_a_day_and_then_it_is_given_up(desk, settings):
    with postbox(settings):
        pass
    letter, start, waits = owe(), clock.now(), []
    with capture_logs() as lines:
        while letter.done_at is None:
            with time_machine.travel(letter.due_at, tick=False):
                due_at = letter.due_at
                send_letters()
                letter.refresh_from_db()
                waits.append((letter.due_at - due_at) / timedelta(minutes=1))

    assert [round(wait) for wait in waits[:5]] == [2, 4, 8, 16, 32]
    assert max(waits) == 24 * 60
    assert letter.outcome == "given up"
    assert timedelta(days=3) < letter.done_at - start < timedelta(days=5)
    assert (lines[-1]["event"], lines[-1]["log_level"]) == ("letter_given_up", "error")
    assert not mails.arriving()


def test_a_letter_of_which_the_worker_died_is_sent_again(desk, monkeypatch):
    letter = owe()
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send_letters()
    monkeypatch.undo()

    assert not mails.arriving()
    with later(minutes=3):
        assert mails.only().to == "ana@desk.test"
    letter.refresh_from_db()
    assert letter.tries == 2


@pytest.mark.parametrize("state", ["refused", "hung"])
def test_without_a_broker_a_request_is_served_and_the_letter_waits_for_beat(
    desk, settings, monkeypatch, django_capture_on_commit_callbacks, state
):
    with socket() as server:
        server.bind(("127.0.0.1", 0))
        if state == "hung":
            server.listen()
        address = f"redis://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr(current_app.conf, "broker_write_url", f"{address}/0")
        monkeypatch.setitem(settings.CACHES["fast"], "LOCATION", f"{address}/2")
        with django_capture_on_commit_callbacks(execute=True) as hints:
            assert ask_reset("ana@desk.test").status_code == 200
        assert len(hints) == 1
        store.breaker.reset()
        with pytest.raises(store.Down):  # what a ping did not find out
            store.breaker.call(letters.outbox._publish)

    assert mails.only().to == "ana@desk.test"


def test_with_a_broker_a_worker_is_told_at_once(desk, django_capture_on_commit_callbacks):
    with current_app.connection_for_read() as link:
        queue = link.SimpleQueue("letters")
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            ask_reset(EMAIL)
        hint = queue.get(timeout=5)
        hint.ack()
        queue.close()

    assert hint.headers["task"] == letters.outbox.TASK == send_letters.name
    assert hint.payload[:2] == [[], {}]
    assert EMAIL not in str(hint.headers) + str(hint.payload)


def test_costs_four_statements_and_two_transactions_a_letter(desk, django_assert_num_queries):
    owe("password_changed")
    owe("password_changed", "bo@desk.test")

    # claim, put off | whose is it | done; then one look that finds none. Two each frame a claim
    # and a text.
    with django_assert_num_queries(2 * 8 + 3):
        send_letters()
    assert len(mail.outbox) == 2
