"""The one alarm that cannot be written down while it lasts: the database is away.

It is told straight away, once, and written when the database is back. What is known of it meanwhile
stands in the fast store, and in this process in case that is away as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from audit.models import Alarm, Notice
from common import store
from skyll.watch import channels, keeping
from skyll.watch.words import Message

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=1)  # a restart is no alarm
KIND, SENTENCE = "database_down", "PostgreSQL does not answer"
KEPT_SECONDS = 7 * 86_400
_here: dict[str, str] = {}


def missed(at: datetime) -> None:
    """Note that a turn found no database; tell of it when it has lasted."""
    since = datetime.fromisoformat(_first("since", at.isoformat()))
    log.warning("watch_without_database", since=since.isoformat())
    if at - since < GRACE or _first("told", at.isoformat()) != at.isoformat():
        return
    log.error("alarm_opened", kind=KIND, subject="", sentence=SENTENCE)
    heard = [_told(channel, since) for channel in keeping.channels()]
    if heard and not any(heard):
        _forget("told")  # the next turn tries again


def over(at: datetime) -> None:
    """Write the alarm down, as one that is over, if there was one. No query else."""
    since, told = _known("since"), _known("told")
    if since is None:
        return
    if told is not None:
        alarm = Alarm.objects.create(
            kind=KIND, sentence=SENTENCE, began_at=datetime.fromisoformat(since),
            last_seen_at=at, ended_at=at,
        )  # fmt: skip
        keeping.owe([alarm], Notice.Event.ENDED, at=at)
        log.info("alarm_ended", kind=KIND, subject="", lasted=str(at - alarm.began_at))
    _forget("since")
    _forget("told")


def _told(channel: str, since: datetime) -> bool:
    alarm = Alarm(kind=KIND, sentence=SENTENCE, began_at=since, last_seen_at=since)
    message = Message.of(alarm, "began", key=f"{KIND}-{since:%Y%m%dT%H%M%S}")
    try:
        channels.send(channel, message)
    except channels.Untold as reason:
        log.warning("alarm_untold", kind=KIND, channel=channel, reason=str(reason))
        return False
    return True


def _first(name: str, value: str) -> str:
    """Return what was said first under this name, by whichever process."""
    key = store.key("watch", KIND, name)

    def say(redis: object) -> str:
        redis.set(key, value, nx=True, ex=KEPT_SECONDS)  # type: ignore[attr-defined]
        return str(redis.get(key).decode())  # type: ignore[attr-defined]

    try:
        _here[name] = store.ask(say)
    except store.Down:
        _here.setdefault(name, value)
    return _here[name]


def _known(name: str) -> str | None:
    try:
        raw = store.ask(lambda redis: redis.get(store.key("watch", KIND, name)))
    except store.Down:
        return _here.get(name)
    return raw.decode() if raw else _here.get(name)


def _forget(name: str) -> None:
    _here.pop(name, None)
    try:
        store.ask(lambda redis: redis.delete(store.key("watch", KIND, name)))
    except store.Down:
        log.info("watch_cannot_forget", name=name)
