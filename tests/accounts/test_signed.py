"""A signature is checked once in a process; that a token's time is up is seen each time."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework_simplejwt.settings import api_settings

from accounts import tokens
from accounts.sessions import open_session
from common import clock


def test_a_token_known_to_be_signed_still_expires_and_another_key_knows_it_not(desk, settings):
    raw = open_session(desk.ana, at=clock.now()).access_token.encode()
    gate = tokens.TokenAuthentication()
    first, second = gate.get_validated_token(raw), gate.get_validated_token(raw)
    assert first.payload == second.payload
    assert first is not second
    for bad in (raw[:-2], raw + b"x"):
        with pytest.raises(tokens.DeadToken):
            gate.get_validated_token(bad)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    with (
        time_machine.travel(clock.now() + lifetime + timedelta(seconds=1), tick=False),
        pytest.raises(tokens.DeadToken),
    ):
        gate.get_validated_token(raw)
    assert tokens._signed.cache_info().maxsize == 1024
