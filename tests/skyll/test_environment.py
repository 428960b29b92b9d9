"""A setting that makes no sense stops the start with a sentence that names and mends it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from skyll import environment as e


@pytest.mark.parametrize(
    ("value", "read", "mend"),
    [
        ("abc", lambda: e.number("X", 1), "a whole number, 0 or more"),
        ("-1", lambda: e.number("X", 1), "a whole number, 0 or more"),
        ("0", lambda: e.number("X", 1, least=1), "a whole number, 1 or more"),
        ("maybe", lambda: e.flag("X", False), "on or off"),
        ("example.com", lambda: e.address("X"), "https://"),
        ("host:6379", lambda: e.store("X", "redis://host:6379"), "redis://host:6379"),
        ("", lambda: e.store("X", "redis://host:6379"), "make run"),
        ("*", lambda: e.origins("X"), "https://app.example.com"),
        ("null", lambda: e.origins("X"), "https://app.example.com"),
        ("app.example.com", lambda: e.origins("X"), "https://app.example.com"),
        ("https://app.example.com/", lambda: e.origins("X"), "nothing behind"),
        ("https://app.example.com/path", lambda: e.origins("X"), "nothing behind"),
        ("https://app.example.com?a=1", lambda: e.origins("X"), "nothing behind"),
        ("https://App.example.com", lambda: e.origins("X"), "small letters"),
        ("https://app.example.com:443", lambda: e.origins("X"), "the usual one"),
        ("https://user@app.example.com", lambda: e.origins("X"), "https://app.example.com"),
        ("https://*.example.com", lambda: e.origins("X"), "https://app.example.com"),
        ("https://*", lambda: e.origins("X", wildcards=True), "https://app.example.com"),
        ("ftp://app.example.com", lambda: e.origins("X"), "https://app.example.com"),
        ("prod", lambda: e.one_of("X", "a", ("a", "b", "c")), "a, b or c"),
    ],
)
def test_nonsense_is_named_and_mended(monkeypatch, value, read, mend):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match=r"^X (is|holds) ") as caught:
        read()
    assert mend in str(caught.value)


def test_sense_is_read(monkeypatch):
    monkeypatch.setenv("X", " a.example.com, b.example.com,")
    assert e.names("X") == ["a.example.com", "b.example.com"]
    monkeypatch.setenv("X", "On")
    assert e.flag("X", False) is True
    monkeypatch.setenv("X", "https://app.example.com/")
    assert e.address("X") == "https://app.example.com"
    monkeypatch.setenv("X", "https://app.example.com, http://localhost:3000")
    assert e.origins("X") == ["https://app.example.com", "http://localhost:3000"]
    monkeypatch.setenv("X", "https://*.example.com")
    assert e.origins("X", wildcards=True) == ["https://*.example.com"]


def test_what_is_missing_or_empty_is_the_default(monkeypatch):
    for given in (None, ""):
        monkeypatch.delenv("X", raising=False) if given is None else monkeypatch.setenv("X", given)
        assert (e.number("X", 7), e.names("X"), e.flag("X", True)) == (7, [], True)
        assert (e.text("X", "a"), e.address("X", "https://a"), e.mailbox("X")) == (
            "a",
            "https://a",
            "",
        )
        assert e.origins("X", ["https://a"]) == ["https://a"]
        assert e.email("X", "consolemail://")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://App.example.com/desk", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://localhost:3000/", "http://localhost:3000"),
    ],
)
def test_the_origin_of_a_page(url, origin):
    assert e.origin_of(url) == origin


def test_a_value_may_begin_with_a_dollar(monkeypatch):
    monkeypatch.setenv("TT_SECRET", "$@+4i")
    monkeypatch.delenv("SEALING_KEY", raising=False)
    assert e.text("TT_SECRET") == "$@+4i"
    assert e.text("SEALING_KEY", "$@+4i") == "$@+4i"


def test_a_secret_key_is_made_once_and_kept_to_its_owner(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = e.secret_key(tmp_path, production=False)
    assert e.secret_key(tmp_path, production=False) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("key", "mend"), [("", "missing"), ("short", "too short")])
def test_production_wants_a_secret_key(monkeypatch, tmp_path, key, mend):
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match=mend):
        e.secret_key(tmp_path, production=True)


def test_only_postgresql_is_a_database():
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL does not name PostgreSQL"):
        e.database("mysql://user@host/skyll")
    assert e.database("postgres://u:p@host:5432/skyll")["HOST"] == "host"


def test_a_mail_address_that_makes_no_sense_is_named(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "foo")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL makes no sense"):
        e.email("EMAIL_URL", "consolemail://")


@pytest.mark.parametrize("value", ["boss", "@desk.test", "boss@"])
def test_who_is_superuser_is_named_by_an_address(monkeypatch, value):
    monkeypatch.setenv("ADMIN_EMAIL", value)
    with pytest.raises(ImproperlyConfigured, match="ADMIN_EMAIL is"):
        e.mailbox("ADMIN_EMAIL")
    monkeypatch.setenv("ADMIN_EMAIL", " boss@desk.test")
    assert e.mailbox("ADMIN_EMAIL") == "boss@desk.test"


def test_redis_addresses_for_each_reader():
    assert e.redis_db("redis://h:1/", 2) == "redis://h:1/2"
    assert e.redis_db("unix:///s", 2) == "unix:///s?db=2"
    assert e.redis_db("unix:///s", 0, celery=True) == "redis+socket:///s?virtual_host=0"
