"""Tokens that we did not issue, or not for this: dead at every door."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from common import clock

ME = "/api/v1/auth/user"
OURS = ("secret", "changeme", "skyll", "Skyll API", "HS256", "django-insecure", "\x00", "a" * 64)


@pytest.fixture
def pair(world):
    return world.tokens["regular"]


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def unsigned(header: dict, payload: dict, signature: str = "") -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(payload)}.{signature}"


def opens(token: str) -> bool:
    answer = APIClient(raise_request_exception=False).get(
        ME, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code in (200, 401), answer.content
    return answer.status_code == 200


def counts(token: str, call: str, field: str = "refresh") -> bool:
    answer = APIClient(raise_request_exception=False).post(
        f"/api/v1/auth/token/{call}", {field: token}
    )
    assert answer.status_code in (200, 400, 401), answer.content
    return answer.status_code == 200


def dead_everywhere(token: str) -> bool:
    return not (
        opens(token)
        or counts(token, "verify", "token")
        or counts(token, "refresh")
        or counts(token, "revoke")
    )


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_signature_of_another_kind_is_none(pair, kind):
    real, payload = pair[kind], claims(pair[kind])
    head, body, signature = real.split(".")
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = [
        *(unsigned({"alg": alg, "typ": "JWT"}, payload) for alg in ("none", "None", "NONE", "")),
        unsigned({"alg": "none", "typ": "JWT"}, payload, signature),
        *(jwt.encode(payload, key, "HS256") for key in OURS),
        jwt.encode(payload, django_settings.SECRET_KEY, "HS512"),  # a method that we do not use
        jwt.encode(payload, rsa_key, "RS256"),
        jwt.encode(payload, "x" * 32, "HS256", headers={"kid": "../../dev/null"}),
        jwt.encode(payload, "x" * 32, "HS256", headers={"jku": "https://evil.example.com/keys"}),
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature}.{signature}",
        f"{head}.{body}.{signature[::-1]}",
        f"..{signature}",
        unsigned({"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": 1}, payload, signature),
    ]
    for token in forged:
        assert dead_everywhere(token), token
    assert counts(real, "verify", "token")


def test_what_is_said_cannot_be_changed(world, pair):
    head, _, signature = pair["access_token"].split(".")
    payload = claims(pair["access_token"])
    other = claims(world.tokens["admin"]["access_token"])
    for change in (
        {"user_id": other["user_id"]},
        {"sid": other["sid"]},
        {"exp": payload["exp"] + 10**6},
        {"token_type": "refresh"},
        {"is_admin": True},
    ):
        body = unsigned({}, {**payload, **change}).split(".")[1]
        assert dead_everywhere(f"{head}.{body}.{signature}"), change


def test_each_kind_opens_its_own_door(pair):
    assert opens(pair["access_token"])
    assert not opens(pair["refresh_token"])
    assert not counts(pair["access_token"], "refresh")
    assert not counts(pair["access_token"], "revoke")
    assert counts(pair["refresh_token"], "refresh")


def test_even_our_own_key_makes_no_session(world, pair):
    """A token needs its session's row; the user that it names besides counts for nothing."""
    payload = claims(pair["access_token"])
    key, admin = django_settings.SECRET_KEY, world.people["admin"]

    for change in ({"sid": "x"}, {"sid": None}, {"sid": ["x"]}, {"sid": 7}, {"user_id": "x"}):
        token = jwt.encode({**payload, **change}, key, "HS256")
        assert "sid" not in change or dead_everywhere(token), change
    less = {name: value for name, value in payload.items() if name != "sid"}
    assert dead_everywhere(jwt.encode(less, key, "HS256"))

    told = APIClient().get(
        ME,
        headers={
            "Authorization": "Bearer "
            + jwt.encode({**payload, "user_id": str(admin.pk)}, key, "HS256")
        },
    )
    assert told.status_code == 401 or told.json()["id"] == world.people["regular"].pk


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_time_runs_out(pair, kind):
    life = timedelta(seconds=claims(pair[kind])["exp"]) - timedelta(
        seconds=claims(pair[kind])["iat"]
    )
    assert life <= timedelta(days=3)
    with time_machine.travel(clock.now() + life + timedelta(seconds=1)):
        assert dead_everywhere(pair[kind])


ODD = [
    "Bearer", "Bearer ", "Bearer  ", "Bearer a b", "Bearer,x", "Bearer\tx", "Token {token}",
    "Basic {token}", "JWT {token}", "{token}", "Bearer {token},{token}", "Bearer {token} {token}",
    "Bearer \u0000", "Bearer é", "Bearer " + "x" * 100_000, "Bearer " + "." * 10_000,
    "Bearer " + "a.b.c." * 2_000, "Bearer bnVsbA.bnVsbA.bnVsbA", "Bearer W10.W10.W10",
    "Bearer e30.e30.e30", "Bearer eyJhbGciOm51bGx9.e30.", "Bearer eyJhbGciOlsxXX0.e30.",
]  # fmt: skip


def test_an_odd_header_is_a_401(pair):
    client = APIClient(raise_request_exception=False)
    for header in ODD:
        told = header.replace("{token}", pair["access_token"])
        answer = client.get(ME, HTTP_AUTHORIZATION=told)

        assert answer.status_code == 401, header[:40]
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["error"]
