"""Strict limits, per account and per address."""

from datetime import timedelta

import pytest

from accounts.limits import TooManyTries, forgive, locked, spend
from common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings):
    settings.LIMITS = {"login.account": "3/15m", "login.address": "5/1h"}


def test_one_try_too_many_is_refused_until_the_window_ends():
    at = clock.now()
    for _ in range(3):
        spend("login", account="ana@x.test", at=at)
    with pytest.raises(TooManyTries):
        spend("login", account="Ana@x.test", at=at + timedelta(minutes=14))
    assert locked("login", account="ana@x.test", at=at) == at + timedelta(minutes=15)
    spend("login", account="ana@x.test", at=at + timedelta(minutes=15))
    forgive("login", account="ana@x.test")
    assert locked("login", account="ana@x.test", at=at) is None
