"""E-mail addresses: one spelling of each, whose it is, and whether that was proven.

A user has one address, `CustomUser.email`; allauth's row beside it says whether it was verified.
"""

from __future__ import annotations

import unicodedata

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.models import CustomUser

_VERIFIED = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
# Registered and never verified: nobody has shown that the mailbox is theirs, and no operator has
# given the log-in a place. Operators and commands make log-ins with verified addresses.
PENDING = ~_VERIFIED & Q(
    is_active=True,
    is_admin=False,
    is_staff=False,
    is_superuser=False,
    group=None,
    trader=None,
    last_login=None,
)


def spelling(email: str) -> str:
    """Return the one way in which we write an address; ValueError where it cannot be one.

    Compatibility forms become plain letters (NFKC), capitals small, the domain what the mail is
    routed by (ASCII). Two addresses that a mail server may take for one, or that Python and the
    database compare differently, are then one address here, and it is the one that we mail to:
    nobody gets another's letters for a dotless i or a ß. So the local part must be ASCII as well.
    """
    local, at, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    if not local.isascii():
        raise ValueError("The part before the @ must be plain letters, digits and signs")
    return f"{local}{at}{domain.encode('idna').decode()}" if domain else local + at


def has(email: str) -> Q:
    """Return what is true of the user who has an address."""
    return Q(Exact(Lower("email"), email.lower()))


def held_by(email: str) -> QuerySet[CustomUser]:
    """Return the user who has an address, if there is one."""
    return CustomUser.objects.filter(has(email))


def is_proven(user: CustomUser) -> bool:
    """Return whether the address of `user` is verified. 1 query."""
    return _rows(user).filter(verified=True).exists()


def of(user: CustomUser) -> EmailAddress:
    """Return the row of the address of `user`, made where it is missing."""
    return (
        _rows(user).first()
        or EmailAddress.objects.get_or_create(user=user, email=user.email.lower())[0]
    )


def _rows(user: CustomUser) -> QuerySet[EmailAddress]:
    rows: QuerySet[EmailAddress] = EmailAddress.objects.filter(user=user)
    return rows.filter(email__iexact=user.email)
