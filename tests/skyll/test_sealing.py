"""Every sealed secret is sealed anew with the next key, or none."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command

from common.sealed import SealBroken, unseal
from ingestion.models import Connection
from tests.factories import make_group
from traders.models import Platform

OLD, NEW = "the key until now " * 3, "the key from now on " * 3
pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets(settings, desk):
    """Seal one of each kind with the old key; return how to read all of it."""
    settings.SEALING_KEY, settings.OLD_SEALING_KEY = OLD, ""
    platform = Platform.objects.get_or_create(name="tt")[0]
    told = {"platform": platform, "group": make_group("Poll"), "history_from": "2026-01-01"}
    for name, secret in (("live", "provider-secret"), ("keyless", "")):
        made = Connection(name=name, environment="e", base_url="https://x", **told)
        made.secret = secret
        made.save()
    totp = generate_totp_secret()
    TOTP.activate(desk.cora, totp)
    codes = RecoveryCodes.activate(desk.cora).get_unused_codes()

    def read():
        factor = {one.type: one.wrap() for one in Authenticator.objects.all()}
        return (
            [one.secret for one in Connection.objects.order_by("name")],
            unseal(factor["totp"].instance.data["secret"]),
            factor["recovery_codes"].get_unused_codes(),
        )

    assert read() == (["", "provider-secret"], totp, codes)
    return read


def test_the_next_key_alone_opens_everything_after_the_command(settings, secrets, capsys):
    before = secrets()
    settings.SEALING_KEY, settings.OLD_SEALING_KEY = NEW, OLD
    assert secrets() == before  # meanwhile both keys open

    call_command("rotate_sealing_key")
    assert capsys.readouterr().out.startswith("3 secrets")
    call_command("rotate_sealing_key")
    assert capsys.readouterr().out.startswith("0 secrets")
    settings.OLD_SEALING_KEY = ""
    assert secrets() == before
    settings.SEALING_KEY = OLD
    with pytest.raises(SealBroken):
        secrets()


def test_nothing_changes_when_one_secret_opens_with_neither(settings, secrets):
    lost = Connection(pk=Connection.objects.get(name="keyless").pk)
    settings.SEALING_KEY = "a key that nobody remembers"
    lost.secret = "sealed in another age"
    Connection.objects.filter(pk=lost.pk).update(sealed_secret=lost.sealed_secret)
    before = list(Connection.objects.order_by("pk").values_list("sealed_secret", flat=True))
    settings.SEALING_KEY, settings.OLD_SEALING_KEY = NEW, OLD

    with pytest.raises(CommandError, match=r"Nothing was changed: .*connection keyless"):
        call_command("rotate_sealing_key")
    after = list(Connection.objects.order_by("pk").values_list("sealed_secret", flat=True))
    assert after == before


def test_the_old_key_is_asked_for(settings):
    settings.OLD_SEALING_KEY = ""
    with pytest.raises(CommandError, match="OLD_SEALING_KEY is missing"):
        call_command("rotate_sealing_key")
