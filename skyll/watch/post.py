"""Notices that are owed, told one by one; what fails is tried again with growing pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from audit.models import Notice
from skyll.watch import channels
from skyll.watch.words import Message

log = structlog.get_logger(__name__)

AT_ONCE = 20  # of one turn: ten seconds each at worst
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=1)


def tell(*, at: datetime) -> int:
    """Tell what is due; return how many are settled. A channel that fails rests till its next try.

    At least once: who dies between telling and saying so leaves it to be told again.
    """
    settled, failing = 0, set[str]()
    for _turn in range(AT_ONCE):
        notice = _claim(at, failing)
        if notice is None:
            break
        if _tell(notice, at):
            settled += 1
        else:
            failing.add(notice.channel)
    return settled


@transaction.atomic
def _claim(at: datetime, failing: set[str]) -> Notice | None:
    """Take the notice that is due longest, and put its next try off before this one begins."""
    due = Notice.objects.filter(done_at=None, due_at__lte=at).exclude(channel__in=failing)
    due = due.select_related("alarm").order_by("due_at", "pk")
    notice = due.select_for_update(skip_locked=True, of=("self",)).first()
    if notice is not None:
        notice.due_at = at + min(FIRST_WAIT * 2 ** min(notice.tries, 20), LONGEST_WAIT)
        notice.tries += 1
        notice.save(update_fields=["due_at", "tries"])
    return notice


def _tell(notice: Notice, at: datetime) -> bool:
    """Tell one; True where its channel may be asked for the next one."""
    alarm = notice.alarm
    if notice.event == Notice.Event.BEGAN and alarm.ended_at is not None and notice.tries > 1:
        return _done(notice, "over before it could be told", at)  # the end tells of both
    if at - notice.written_at > GIVE_UP_AFTER:
        log.error("alarm_given_up", kind=alarm.kind, channel=notice.channel, last=notice.outcome)
        return _done(notice, "given up", at)
    try:
        channels.send(notice.channel, Message.of(alarm, notice.event))
    except channels.Untold as reason:
        Notice.objects.filter(pk=notice.pk).update(outcome=str(reason))
        log.warning(
            "alarm_untold", kind=alarm.kind, channel=notice.channel, reason=str(reason),
            tries=notice.tries,
        )  # fmt: skip
        return False
    return _done(notice, "told", at)


def _done(notice: Notice, outcome: str, at: datetime) -> bool:
    Notice.objects.filter(pk=notice.pk).update(done_at=at, outcome=outcome)
    return True
