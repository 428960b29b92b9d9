"""Alarms opened, seen again and ended, as the rules say; each event is owed to every channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction

from audit.models import Alarm, Notice
from common import locks
from skyll.watch.facts import Facts
from skyll.watch.rules import RULES, Rule, Seen

log = structlog.get_logger(__name__)

CALM = timedelta(minutes=2)  # a thing must be well for so long: what comes and goes is one alarm
Key = tuple[str, str]  # kind, subject


def look(facts: Facts, rules: Iterable[Rule] | None = None) -> tuple[dict[Key, str], set[str]]:
    """Ask every rule; return what is wrong, and the rules that could not say.

    A rule that breaks stops no other: it is an alarm itself, and its own alarms stay as they are.
    """
    found: dict[Key, str] = {}
    broken: set[str] = set()
    for rule in RULES if rules is None else rules:
        try:
            with transaction.atomic():
                seen: list[Seen] = list(rule.look(facts))
        except Exception:
            if connection.connection is None or connection.connection.closed:
                raise  # no rule's fault
            log.exception("rule_broken", kind=rule.kind)
            broken.add(rule.kind)
            found["rule_broken", rule.kind] = f"The rule {rule.kind} fails"
        else:
            found |= {(rule.kind, one.subject): one.sentence for one in seen}
    return found, broken


@transaction.atomic
def keep(found: Mapping[Key, str], *, unsaid: Collection[str] = (), at: datetime) -> bool:
    """Bring the table to what was found; False where another turn is at it. At most 7 queries.

    unsaid  rules that could not say: their alarms neither end nor count as seen
    """
    if not locks.try_hold("audit", "alarms"):
        return False
    known = {(one.kind, one.subject): one for one in Alarm.objects.filter(ended_at=None)}
    seen = [known[key] for key in found if key in known]
    for alarm in seen:
        alarm.sentence = found[alarm.kind, alarm.subject]
        alarm.last_seen_at = max(at, alarm.last_seen_at)
    gone = [
        alarm
        for key, alarm in known.items()
        if key not in found and alarm.kind not in unsaid and at - alarm.last_seen_at >= CALM
    ]
    for alarm in gone:
        alarm.ended_at = at
    new = [
        Alarm(kind=kind, subject=subject, sentence=sentence, began_at=at, last_seen_at=at)
        for (kind, subject), sentence in found.items()
        if (kind, subject) not in known
    ]
    if changed := [*seen, *gone]:
        Alarm.objects.bulk_update(changed, ["sentence", "last_seen_at", "ended_at"])
    Alarm.objects.bulk_create(new)
    owe(new, Notice.Event.BEGAN, at=at)
    owe(gone, Notice.Event.ENDED, at=at)
    transaction.on_commit(lambda: _log(new, gone))
    return True


def owe(alarms: Collection[Alarm], event: Notice.Event, *, at: datetime) -> None:
    """Owe each channel that is set up a notice of each of them. At most 1 query."""
    Notice.objects.bulk_create(
        Notice(alarm=alarm, event=event, channel=channel, written_at=at, due_at=at)
        for alarm in alarms
        for channel in channels()
    )


def channels() -> list[Notice.Channel]:
    """Return the channels that the settings name."""
    return [
        channel
        for channel, target in (
            (Notice.Channel.MAIL, settings.ALARM_MAILS),
            (Notice.Channel.WEBHOOK, settings.ALARM_WEBHOOK),
        )
        if target
    ]


def _log(new: Iterable[Alarm], gone: Iterable[Alarm]) -> None:
    for alarm in new:
        log.error("alarm_opened", kind=alarm.kind, subject=alarm.subject, sentence=alarm.sentence)
    for alarm in gone:
        lasted = alarm.ended_at - alarm.began_at if alarm.ended_at else None
        log.info("alarm_ended", kind=alarm.kind, subject=alarm.subject, lasted=str(lasted))
