"""Send what is owed, one letter at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

import structlog
from django.db import transaction

from accounts.letters.texts import Needless, compose
from accounts.models import Letter

log = structlog.get_logger(__name__)

# Longer than any try lasts (EMAIL_TIMEOUT), so that no second worker takes the letter meanwhile.
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=1)
GIVE_UP_AFTER = timedelta(days=3)
REFUSED = (SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused)  # this one; others may pass


def send_next(*, at: datetime) -> bool:
    """Send the letter that is due longest; False when none is, or the mail server is away."""
    letter = _claim(at)
    if letter is None:
        return False
    if letter.tries > 1 and at - letter.created_at > GIVE_UP_AFTER:
        log.error("letter_given_up", **_named(letter), last=letter.outcome)
        return _done(letter, "given up", at)
    try:
        compose(letter, at=at).send()
    except Needless as reason:
        return _done(letter, str(reason), at)
    except OSError as error:  # SMTP's own errors among them
        return _failed(letter, error)
    log.info("letter_sent", **_named(letter))
    return _done(letter, "sent", at)


@transaction.atomic
def _claim(at: datetime) -> Letter | None:
    """Take a letter that no other worker has, and put its next try off before this one begins.

    Whatever becomes of this try, a crash included, the letter neither holds up the others nor is
    forgotten.
    """
    waiting = Letter.objects.filter(done_at=None, due_at__lte=at).order_by("due_at", "pk")
    letter = waiting.select_for_update(skip_locked=True).first()
    if letter is None:
        return None
    letter.due_at = at + min(FIRST_WAIT * 2**letter.tries, LONGEST_WAIT)
    letter.tries += 1
    letter.save(update_fields=["due_at", "tries"])
    return letter


def _done(letter: Letter, outcome: str, at: datetime) -> bool:
    Letter.objects.filter(pk=letter.pk).update(done_at=at, outcome=outcome)
    return True


def _failed(letter: Letter, error: OSError) -> bool:
    """Note the failure; its kind only: a server's sentence may quote the mail, and so its key."""
    code = getattr(error, "smtp_code", None) or error.errno
    outcome = f"{type(error).__name__} {code or ''}".strip()
    Letter.objects.filter(pk=letter.pk).update(outcome=outcome)
    log.warning("letter_failed", **_named(letter), error=outcome, next_at=letter.due_at.isoformat())
    return isinstance(error, REFUSED)


def _named(letter: Letter) -> dict[str, object]:
    return {"letter": letter.pk, "kind": letter.kind, "tries": letter.tries}
