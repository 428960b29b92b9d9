"""What a log-in leaves: its row, addresses, sessions, mails, tries, its traces in the console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry as ConsoleEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts import limits
from accounts.models import CustomUser, Letter, Session
from accounts.persons.telling import rows_of
from accounts.persons.words import File, Keeper, Person, Rows
from accounts.sessions import end_console
from traders.models import PlatformAccount, Trader


def export(person: Person) -> Iterator[Rows | File]:
    users = CustomUser.objects.filter(pk__in=person.users)
    yield Rows("log_in", "the log-in; passwords are kept as hashes and not told",
               rows_of(users, without=("password",), group="group__name"))  # fmt: skip
    yield Rows("log_in_rights", "permissions in the console", _rights(users.first()))
    mine = {"user__in": person.users}
    addresses = EmailAddress.objects.filter(**mine)
    yield Rows("addresses", "e-mail addresses and whether they were verified", rows_of(addresses))
    yield Rows("sessions", "log-ins through the API of the last 30 days",
               rows_of(Session.objects.filter(**mine), without=("id",)))  # fmt: skip
    tokens = OutstandingToken.objects.filter(**mine)
    yield Rows("tokens", "when tokens were given out; the tokens are not kept",
               rows_of(tokens, without=("token", "jti")))  # fmt: skip
    factors = Authenticator.objects.filter(**mine)
    yield Rows("second_factors", "of the console; the secret is not told",
               rows_of(factors, without=("data",)))  # fmt: skip
    yield Rows("mails", "that were sent or are owed", rows_of(_letters(person)))
    deeds = ConsoleEntry.objects.filter(**mine)
    yield Rows("console", "when something was changed in the console, and of what kind",
               rows_of(deeds, without=("object_id", "object_repr", "change_message")))  # fmt: skip


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    """Take the log-in away, what points at it first; sessions and tokens are dead at once."""
    renamed = _unnamed(Trader, person.traders) + _unnamed(PlatformAccount, person.account_ids)
    if person.user_id is None:
        return {"console_lines": renamed}
    user = CustomUser.objects.get(pk=person.user_id)
    tokens = OutstandingToken.objects.filter(user=user)
    BlacklistedToken.objects.filter(token__in=tokens).delete()
    found = {
        "tokens": tokens.delete()[0],
        "mails": _letters(person).delete()[0],
        "console_sessions": end_console(user, at=at),
        "console_lines": renamed + _unnamed(CustomUser, [user.pk]),
    }
    for name in settings.LIMITS:
        action, _, part = name.rpartition(".")
        if part == "account":
            limits.forgive(action, account=person.email)
    _, gone = user.delete()
    return {**found, "log_in_rows": sum(gone.values())}


def _letters(person: Person) -> QuerySet[Letter]:
    owed = Letter.objects.filter(email__iexact=person.email)
    return owed if person.email else owed.none()


def _rights(user: CustomUser | None) -> Iterator[dict[str, str]]:
    if user is not None:
        for name in sorted(user.get_all_permissions()):
            yield {"permission": name}


def _unnamed(model: type[Model], keys: Iterable[int]) -> int:
    """Take the names out of the console's own history of these rows."""
    kind = ContentType.objects.get_for_model(model)
    ids = [str(pk) for pk in keys]
    lines = ConsoleEntry.objects.filter(content_type=kind, object_id__in=ids)
    return lines.exclude(Q(object_repr="") & Q(change_message="")).update(
        object_repr="", change_message=""
    )


KEEPER = Keeper(
    name="accounts",
    export=export,
    erase=erase,
    tables=(
        "accounts.CustomUser", "accounts.CustomUser_groups", "accounts.CustomUser_user_permissions",
        "accounts.Session", "accounts.Tries", "accounts.Letter", "account.EmailAddress",
        "account.EmailConfirmation", "mfa.Authenticator", "token_blacklist.OutstandingToken",
        "token_blacklist.BlacklistedToken", "admin.LogEntry", "sessions.Session",
        "socialaccount.SocialAccount", "socialaccount.SocialToken",
    ),
    kept={"socialaccount.SocialApp": "nobody's: settings of log-ins by others; none is on"},
)  # fmt: skip
