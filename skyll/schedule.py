"""What beat sends, kept in the database and open to change in the admin."""

from __future__ import annotations

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

TICK_SECONDS = 2
_NIGHTLY = {"rescan_nightly": (2, 10), "prune_nightly": (3, 10)}  # hour, minute, UTC


def write() -> int:
    """Add the entries that are missing, leave the others as they are; return how many were."""
    tick = IntervalSchedule.objects.get_or_create(
        every=TICK_SECONDS, period=IntervalSchedule.SECONDS
    )[0]
    # A tick that waited longer than the next one is only noise.
    added = _entry("tick", interval=tick, expire_seconds=5 * TICK_SECONDS)
    for name, (hour, minute) in _NIGHTLY.items():
        night = CrontabSchedule.objects.get_or_create(
            hour=str(hour),
            minute=str(minute),
            day_of_week="*",
            day_of_month="*",
            month_of_year="*",
            timezone="UTC",
        )[0]
        added += _entry(name, crontab=night)
    return added


def _entry(name: str, **when: object) -> int:
    task = f"ingestion.tasks.{name}"
    return int(PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, **when})[1])
