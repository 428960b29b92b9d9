"""Register and verify: a log-in of one's own making, good once its mailbox is shown to be so too.

Nobody learns here whether an address is known: the same statements run for every address, and
what differs goes to its owner by mail.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from allauth.account import app_settings as allauth
from allauth.account.models import EmailAddress, EmailConfirmation
from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Concat, Left

from accounts import letters, limits
from accounts.actions.passwords import DeadKey, accept, prove
from accounts.addresses import PENDING, has
from accounts.models import CustomUser
from audit.actions import record
from audit.values import changed, facts
from common import locks
from common.api.errors import Refusal


class NameTaken(Refusal):
    status = 400
    message = "username: This username is taken"
    code = "username_taken"

    def __init__(self) -> None:
        super().__init__(fields={"username": ["This username is taken"]})


def register(*, username: str, email: str, password: str, address: str, at: datetime) -> None:
    """Make a log-in that waits for its verification, or tell the owner of a known address.

    A registration that nobody has verified is replaced by a newer one of the same address, and
    the keys mailed for it are dead. Otherwise whoever registers another's address first would
    choose the password of the log-in that its owner verifies later (pre-hijacking). The mail names
    the username, since it is the last registration that a key verifies.
    """
    draft = CustomUser(username=username, email=email, date_joined=at)
    accept(password, user=draft, field="password")
    limits.spend("registration", account=email, address=address, at=at)
    draft.set_password(password)  # whoever has the address, and before anything is held
    try:
        _enter(draft, at=at)
    except IntegrityError as error:  # an operator gave the name away at this moment
        raise NameTaken from error


@transaction.atomic
def _enter(draft: CustomUser, *, at: datetime) -> None:
    """Make the log-in, or replace one that is pending, or leave a known one alone.

    Each statement runs in every case; for a known address some find no row. `PENDING` is asked by
    statements that begin after the rows are held, so that none sees a user as unverified who is
    being verified.
    """
    email = draft.email
    people = CustomUser.objects
    mine, namesakes = has(email), Q(username__iexact=draft.username)
    locks.hold("registration", "address", email)
    locks.hold("registration", "username", draft.username.casefold())
    held = people.filter(mine | namesakes).order_by("pk").select_for_update(no_key=True)
    was = next((one for one in held if one.email.lower() == email), None)
    # A pending registration holds no name: if it did, a second try with the same name and another
    # address would tell whether the first address was known. The newest has the name.
    if people.filter(namesakes).exclude(PENDING).exists():
        raise NameTaken
    suffix = f"-{secrets.token_hex(4)}"
    people.filter(PENDING, namesakes).exclude(mine).update(
        username=Concat(Left("username", 140), Value(suffix))
    )
    CustomUser.objects.bulk_create([draft], ignore_conflicts=True)
    entered = people.filter(PENDING, mine).update(
        username=draft.username, password=draft.password, date_joined=at
    )
    pk = people.filter(mine).values_list("pk", flat=True).first()
    if pk is None:
        raise NameTaken
    EmailConfirmation.objects.filter(email_address__user=pk if entered else 0).delete()
    EmailAddress.objects.bulk_create(
        [EmailAddress(user_id=pk, email=email, primary=True)], ignore_conflicts=True
    )
    changes = changed(facts(was) if was else None, facts(draft)) if entered else {}
    if displaced := [one for one in held if one != was]:
        changes["displaced"] = ([one.pk for one in displaced], suffix)
    record(
        scope="user_management",
        action=("update" if was else "create") if entered else "registration_refused",
        entity=("custom_user", pk),
        by=email,
        at=at,
        trader_id=None,
        source=(None, "api"),
        **changes,
    )
    letters.write("verification" if entered else "known", email=email, at=at)


def resend(*, email: str, address: str, at: datetime) -> None:
    """Owe another key to whoever has the address and has not verified it; older ones stay good."""
    limits.spend("resend", account=email, address=address, at=at)
    letters.write("verification", email=email, at=at)


def verify_email(*, key: str, address: str, at: datetime) -> None:
    """Take an address as verified; of many concurrent uses of a key exactly one succeeds."""
    limits.spend("verification", address=address, at=at)
    with transaction.atomic():
        good = EmailConfirmation.objects.filter(
            key=key.lower(),
            sent__gt=at - timedelta(days=allauth.EMAIL_CONFIRMATION_EXPIRE_DAYS),
        )
        owner = good.values_list("email_address__user", flat=True).first()
        people = CustomUser.objects.select_for_update(no_key=True)
        user = people.filter(pk=owner or 0, is_active=True).first()
        # Asked again, now that the user is held: the key may have been used, or replaced.
        if user is None or not good.filter(email_address__email__iexact=user.email).exists():
            raise DeadKey("key")
        if not prove(user, at=at):
            raise DeadKey("key")
