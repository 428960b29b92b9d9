"""Connections and their feeds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from ingestion.models import Connection, Feed, Stream
from traders.models import Group, Platform

PLATFORMS = {
    "tt": "Trading Technologies",
    "simulated": "Simulated provider",
    "csv": "Files",
}


@transaction.atomic
def connect(
    *,
    name: str,
    platform: str,
    environment: str,
    base_url: str,
    key: str,
    secret: str,
    group: Group,
    history_from: date,
    at: datetime,
    **plan: Any,
) -> Connection:
    """Make the connection of that name, or bring it up to date; its feeds become due.

    plan  other columns, e.g. requests_per_second, poll_seconds, price_feed
    """
    place, _ = Platform.objects.get_or_create(
        code=platform, defaults={"name": PLATFORMS.get(platform, platform)}
    )
    made = Connection.objects.filter(name=name).first() or Connection(name=name)
    for field, value in {
        "platform": place,
        "environment": environment,
        "base_url": base_url,
        "app_key": key,
        "secret": secret,
        "group": group,
        "history_from": history_from,
        **plan,
    }.items():
        setattr(made, field, value)
    made.save()
    ensure_feeds(made, at=at)
    return made


def ensure_feeds(connection: Connection, *, at: datetime) -> None:
    """Give the connection the feeds that it should have, due at once; bars only if wanted."""
    streams = [Stream.ACCOUNTS, Stream.FILLS, Stream.FX, Stream.POSITIONS]
    if connection.price_feed:
        streams.append(Stream.BARS)
    else:
        connection.feeds.filter(stream=Stream.BARS).delete()
    Feed.objects.bulk_create(
        [Feed(connection=connection, stream=stream, due_at=at) for stream in streams],
        ignore_conflicts=True,
    )


def make_due(feeds: Collection[int], *, at: datetime) -> int:
    """Let these feeds be polled now; return how many."""
    return Feed.objects.filter(id__in=feeds).update(due_at=at, attempts=0, hinted_at=None)


@transaction.atomic
def read_past(feeds: Collection[int], *, at: datetime) -> list[int]:
    """Let feeds that a full stamp holds up go on behind it; return the stamps.

    What the provider tells of such a stamp comes in; that there may be more stays in quarantine.
    """
    stuck = Feed.objects.select_for_update().filter(id__in=feeds, stuck_ns__isnull=False)
    stamps = []
    for feed in stuck.order_by("id"):
        assert feed.stuck_ns is not None, "only those were asked for"
        stamps.append(feed.stuck_ns)
        feed.passed_ns = sorted({*feed.passed_ns, feed.stuck_ns})
        feed.stuck_ns = None
        feed.save(update_fields=["passed_ns", "stuck_ns"])
        make_due([feed.pk], at=at)
    return stamps


def clear_alarm(connection: Connection, *, at: datetime) -> None:
    """After an operator has mended the connection: try all its feeds again, now."""
    Connection.objects.filter(pk=connection.pk).update(alarm="", alarm_at=None)
    make_due(list(connection.feeds.values_list("id", flat=True)), at=at)
