"""Images: kept, told, loaded, deleted; and whose they are."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client

from accounts.sessions import end_sessions
from audit.models import LogEntry
from common import clock
from journal import retention
from journal.models import Image
from tests.factories import make_trade, make_user
from tests.journal.conftest import NOW
from tests.journal.pictures import SCRIPT, bomb, opened, picture, upload, with_position
from tests.journal.uploads import IMAGES, STORAGE, UPLOAD, files, load, logged_in, send

ENTRIES = "/api/v1/journal/entries"


@pytest.fixture
def shelf(settings, tmp_path):
    """A storage of the test's own."""
    own = {**django_settings.STORAGES["journal"]["OPTIONS"], "location": tmp_path / "shelf"}
    journal = {**django_settings.STORAGES["journal"], "OPTIONS": own}
    settings.STORAGES = {**django_settings.STORAGES, "journal": journal}
    return tmp_path / "shelf"


@pytest.fixture
def ana(desk, shelf):
    return logged_in(desk.ana)


@pytest.fixture
def trade(desk):
    return make_trade(desk.ana)


def refused(answer, status, field=None):
    assert answer.status_code == status, answer.content
    told = answer.json()
    assert set(told.get("fields", {})) == ({field} if field else set()), told
    return told


def test_an_image_of_a_trade(desk, ana, trade, shelf):
    answer = send(ana, picture("WEBP"), kind="image/webp", trade=str(trade.pk))
    image = answer.json()["data"]

    assert answer.status_code == 201
    assert (image["content_type"], image["width"], image["height"]) == ("image/webp", 60, 40)
    (path,) = files(shelf)
    assert (shelf / path).stat().st_size == image["size"]
    assert (shelf / path).stat().st_mode & 0o777 == 0o600
    assert image["id"] not in path  # a name of its own
    told = ana.get(f"/api/v1/journal/trades/{trade.pk}").json()["data"]["images"]
    assert [one["id"] for one in told] == [image["id"]]
    assert ana.get(STORAGE).json()["data"] == {
        "used": image["size"], "quota": 100 * 1024**2, "count": 1,
    }  # fmt: skip


def test_what_a_form_leaves_empty_is_left_out(ana, trade):
    assert send(ana, trade=str(trade.pk), entry="").status_code == 201
    told = refused(send(ana, trade="", entry=""), 400, "trade")
    assert told["error"] == "trade: Give either trade or entry"


def test_an_image_of_an_entry_is_in_the_list(ana):
    entry = ana.post(ENTRIES, {"date": "2026-03-02", "title": "A page"}).json()["data"]
    image = send(ana, entry=entry["id"]).json()["data"]

    (listed,) = ana.get(ENTRIES).json()["data"]
    assert [one["id"] for one in listed["images"]] == [image["id"]]
    assert load(listed["images"][0]["url"]).status_code == 200


def test_an_address_is_loaded_as_by_a_browser(ana, trade):
    image = send(ana, trade=str(trade.pk)).json()["data"]
    answer = load(image["url"])

    assert image["url"].startswith("http://testserver/api/v1/journal/images/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Length"] == str(image["size"])
    assert answer["Content-Disposition"] == f'inline; filename="{image["id"]}.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer["Vary"]
    assert opened(answer.content).size == (60, 40)
    again = load(image["url"], **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-cache"
    zipped = load(image["url"], **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in zipped
    assert zipped.content == answer.content


def test_an_address_lasts_ten_minutes(ana, trade):
    url = send(ana, trade=str(trade.pk)).json()["data"]["url"]

    for after, status in ((0, 200), (599, 200), (661, 404), (86_400, 404)):
        with time_machine.travel(NOW + timedelta(seconds=after + 1)):
            assert load(url).status_code == status, after


def test_an_address_that_was_tampered_with_opens_nothing(desk, ana, trade):
    one = send(ana, trade=str(trade.pk)).json()["data"]
    other = send(ana, trade=str(trade.pk)).json()["data"]
    bo = send(logged_in(desk.bo), trade=str(make_trade(desk.bo).pk)).json()["data"]
    path, _, key = one["url"].partition("?key=")
    session, until, signature = key.split(":")
    missing = load(f"http://testserver{IMAGES}/{uuid4()}?key={key}")
    bos = bo["url"].partition("?key=")[2].split(":")[0]

    assert missing.status_code == 404
    for url in (
        one["url"].replace(one["id"], other["id"]),
        one["url"].replace(one["id"], bo["id"]),
        f"{path}?key={session}:{int(until) + 600}:{signature}",
        f"{path}?key={bos}:{until}:{signature}",
        f"{path}?key={session}:{until}:{signature[:-1]}",
        f"{path}?key={session}:{until}:",
        f"{path}?key={session}:{until}",
        f"{path}?key=:::", f"{path}?key=", f"{path}?key=é:%00:x", f"{path}?key={'9' * 5000}",
        f"{path}?key={'0' * 32}:{until}:{signature}",
    ):  # fmt: skip
        answer = load(url)
        assert (answer.status_code, answer.json()) == (404, missing.json()), url
    assert load(path).status_code == 401


@pytest.mark.parametrize("how", ["log-out", "deactivated", "moved", "demoted"])
def test_an_address_ends_with_what_it_was_made_for(desk, trade, shelf, how):
    coach = logged_in(desk.cora)
    send(logged_in(desk.ana), trade=str(trade.pk))
    asked = {"trader": desk.ana.trader_id}
    told = coach.get(f"/api/v1/journal/trades/{trade.pk}", asked).json()["data"]
    url = told["images"][0]["url"]
    assert load(url).status_code == 200

    if how == "log-out":
        end_sessions(desk.cora, reason="revoked", at=clock.now())
    elif how == "deactivated":
        type(desk.cora).objects.filter(pk=desk.cora.pk).update(is_active=False)
    elif how == "moved":
        type(desk.cora).objects.filter(pk=desk.cora.pk).update(group=desk.sven.group)
    else:
        type(desk.cora).objects.filter(pk=desk.cora.pk).update(is_admin=False)

    assert load(url).status_code == 404


def test_an_address_made_without_a_session_opens_nothing(desk, trade, shelf, as_user):
    send(logged_in(desk.ana), trade=str(trade.pk))
    told = as_user(desk.ana).get(f"/api/v1/journal/trades/{trade.pk}").json()["data"]

    assert load(told["images"][0]["url"]).status_code == 404


def test_with_a_token_too_for_who_may_see_the_trader(desk, ana, trade):
    image = send(ana, trade=str(trade.pk)).json()["data"]
    elsewhere = make_user("cleo", group=desk.sven.group, is_admin=True)
    path, missing = f"{IMAGES}/{image['id']}", f"{IMAGES}/{uuid4()}"

    for user, status in (
        (desk.ana, 200), (desk.cora, 200), (desk.bo, 404), (desk.sven, 404), (elsewhere, 404),
    ):  # fmt: skip
        answer = logged_in(user).get(path)
        assert answer.status_code == status, user
        if status == 404:
            assert answer.json() == logged_in(user).get(missing).json()
    assert Client().get(path).status_code == 401


def test_only_the_own_trader_deletes_and_it_is_written_down(
    desk, ana, trade, shelf, django_capture_on_commit_callbacks
):
    image = send(ana, trade=str(trade.pk)).json()["data"]
    path = f"{IMAGES}/{image['id']}"
    missing = logged_in(desk.bo).delete(f"{IMAGES}/{uuid4()}").json()
    assert refused(logged_in(desk.bo).delete(path), 404) == missing
    assert refused(logged_in(desk.cora).delete(path), 403)["code"] == "no_trader"
    assert Client().delete(image["url"]).status_code == 401  # an address only shows

    with django_capture_on_commit_callbacks(execute=True):
        answer = ana.delete(path)

    assert answer.json()["data"] == {"used": 0, "quota": 100 * 1024**2, "count": 0}
    assert not files(shelf)
    assert load(image["url"]).status_code == 404
    told = LogEntry.objects.get(scope="journal")
    assert (told.action, told.entity_type) == ("delete", "image")
    assert told.changes["image"]["old"] == image["id"]


def test_an_entry_takes_its_images_along(ana, shelf, django_capture_on_commit_callbacks):
    entry = ana.post(ENTRIES, {"date": "2026-03-02", "title": "A page"}).json()["data"]
    for _ in range(3):
        send(ana, entry=entry["id"])
    assert len(files(shelf)) == 3

    with django_capture_on_commit_callbacks(execute=True):
        assert ana.delete(f"{ENTRIES}/{entry['id']}").json()["data"]["images"] == 3
    assert not files(shelf)


def test_what_is_refused_leaves_nothing_behind(desk, ana, trade, shelf, settings):
    mine, theirs = str(trade.pk), str(make_trade(desk.bo).pk)
    sent = [
        (bomb(30_000, 30_000), {}, 413), (SCRIPT, {}, 400), (picture()[:-9], {}, 400),
        (picture() + SCRIPT, {}, 400), (b"<svg/>", {"name": "a.svg", "kind": "image/svg+xml"}, 400),
        (picture(), {"kind": "text/html"}, 400), (picture("GIF"), {"kind": "image/gif"}, 400),
        (picture("JPEG"), {"name": "a.jpg"}, 400), (b"", {}, 400), (b"plain", {}, 400),
    ]  # fmt: skip
    for data, told, status in sent:
        refused(send(ana, data, trade=mine, **told), status, "image")
    refused(send(ana, trade=theirs), 404)
    refused(send(ana, trade=str(uuid4())), 404)
    refused(send(ana, entry=999_999), 404)
    refused(send(ana), 400, "trade")
    refused(send(ana, trade=mine, entry=1), 400, "trade")
    refused(send(ana, trade="x"), 400, "trade")
    refused(ana.post(UPLOAD, {"trade": mine}, format="multipart"), 400, "image")
    refused(ana.post(UPLOAD, {"trade": mine, "image": "text"}, format="multipart"), 400, "image")
    refused(
        logged_in(desk.cora).post(
            UPLOAD, {"trade": mine, "image": upload(picture())}, format="multipart"
        ),
        403,
    )
    settings.JOURNAL_BYTES = len(picture()) // 2  # noise packs a little better or worse each time
    assert refused(send(ana, trade=mine), 413, "image")["code"] == "quota_used_up"

    assert not files(shelf)
    assert not Image.objects.exists()


def test_a_body_that_is_too_large_is_not_read(ana, trade, settings):
    settings.IMAGE_BYTES = 100_000
    big = send(ana, picture(size=(400, 400)), trade=str(trade.pk))
    assert refused(big, 413)["code"] == "too_large"

    class Unread(BytesIO):
        def read(self, *_):
            raise AssertionError("It was read")

    answer = ana.generic(
        "POST", UPLOAD, b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH="10000000000", **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert refused(answer, 413)["code"] == "too_large"


def test_only_this_door_takes_forms(ana, trade):
    answer = ana.post(UPLOAD, {"trade": str(trade.pk)})
    assert refused(answer, 415)
    answer = ana.post(ENTRIES, {"date": "2026-03-02", "title": "A"}, format="multipart")
    assert refused(answer, 415)
    for body in (b"", b"--x", b"--x\r\n\r\n--x--", b"\xff" * 99):
        answer = ana.generic("POST", UPLOAD, body, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 400, body
    refused(ana.generic("POST", UPLOAD, b"x", content_type="multipart/form-data"), 400)


def test_the_stored_file_tells_no_place(ana, trade, shelf):
    image = send(ana, with_position("JPEG"), kind="image/jpeg", name="../../x.php",
                 trade=str(trade.pk)).json()["data"]  # fmt: skip
    (path,) = files(shelf)

    assert (image["width"], image["height"]) == (40, 60)
    assert b"Cameramaker" not in (shelf / path).read_bytes()
    assert not opened((shelf / path).read_bytes()).getexif()
    assert path.endswith(".jpg")
    assert "x.php" not in path


def test_a_row_that_fails_takes_its_file_along(ana, trade, shelf, monkeypatch):
    def fail(**_):
        raise ValueError("no row")

    monkeypatch.setattr(Image.objects, "create", fail)
    ana.raise_request_exception = False

    assert send(ana, trade=str(trade.pk)).status_code == 500
    assert not files(shelf)


def test_a_file_that_fails_leaves_no_row(ana, trade, shelf):
    shelf.write_text("no directory")

    answer = send(ana, trade=str(trade.pk))

    assert refused(answer, 503)["code"] == "storage_down"
    assert answer["Retry-After"] == "5"
    assert not Image.objects.exists()


def test_a_crash_between_file_and_row_is_swept_out_at_night(ana, trade, shelf, monkeypatch):
    kept = send(ana, trade=str(trade.pk)).json()["data"]

    class Killed(BaseException):
        pass

    def kill(*_, **__):
        raise Killed

    monkeypatch.setattr("journal.actions.images._write", kill)
    monkeypatch.setattr("journal.store.drop", lambda path: None)  # there is nobody to do it
    with pytest.raises(Killed):
        send(ana, trade=str(trade.pk))
    monkeypatch.undo()

    assert (len(files(shelf)), Image.objects.count()) == (2, 1)
    assert retention.prune(at=NOW + timedelta(hours=1)) == 0  # its row may still come
    for month in shelf.iterdir():  # the files are of today, the test's day is not
        for file in month.iterdir():
            os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    assert retention.prune(at=NOW + timedelta(hours=25)) == 1
    assert files(shelf) == {Image.objects.get(pk=kept["id"]).path}
    assert retention.prune(at=NOW + timedelta(hours=25)) == 0


def test_a_file_that_is_gone_is_a_404(ana, trade, shelf):
    image = send(ana, trade=str(trade.pk)).json()["data"]
    for path in files(shelf):
        (shelf / path).unlink()

    assert refused(load(image["url"]), 404)["code"] == "unknown_image"


def test_storage_of_whom(desk, ana, trade):
    size = send(ana, trade=str(trade.pk)).json()["data"]["size"]
    told = {"used": size, "quota": 100 * 1024**2, "count": 1}

    assert ana.get(STORAGE).json() == {"data": told, "meta": {"trader": desk.ana.trader_id}}
    asked = {"trader": desk.ana.trader_id}
    assert logged_in(desk.cora).get(STORAGE, asked).json()["data"] == told
    assert logged_in(desk.cora).get(STORAGE).json()["data"]["used"] == 0
    assert logged_in(desk.bo).get(STORAGE, asked).status_code == 403


@pytest.mark.parametrize("size", [1, 6])
def test_costs_two_queries_to_load_and_one_more_in_a_list(
    ana, trade, django_assert_num_queries, size
):
    entry = ana.post(ENTRIES, {"date": "2026-03-02", "title": "A page"}).json()["data"]
    urls = [send(ana, entry=entry["id"]).json()["data"]["url"] for _ in range(size)]

    with django_assert_num_queries(2):  # session, image
        load(urls[0])
    with django_assert_num_queries(4):  # session, scope, entries, images
        assert len(ana.get(ENTRIES).json()["data"][0]["images"]) == size
