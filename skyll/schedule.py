"""What beat sends, kept in the database and open to change in the admin."""

from __future__ import annotations

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

_EVERY = {  # seconds
    "ingestion.tasks.tick": 2,
    "ledger.tasks.keep_candles": 3,
    "accounts.tasks.send_letters": 10,
    "ledger.tasks.keep_states": 60,
    "skyll.tasks.watch": 30,
    "skyll.tasks.tell_alarms": 30,
    "journal.tasks.keep_tag_sums": 300,
    "skyll.tasks.measure": 300,
}
_AT = {  # day of the week, hour, minute, UTC; beat makes up for what it missed while it was down
    "futures.tasks.roll_nightly": ("*", 0, 40),
    "ingestion.tasks.rescan_nightly": ("*", 2, 10),
    "ledger.tasks.reconcile_nightly": ("*", 2, 50),
    "ingestion.tasks.prune_nightly": ("*", 3, 10),
    "accounts.tasks.prune_accounts": ("*", 3, 40),
    "journal.tasks.prune_journal": ("*", 3, 50),
    "journal.tasks.check_tag_sums": ("*", 4, 0),
    "ledger.tasks.export_trades": ("*", 4, 10),
    "ledger.tasks.import_trades": ("*", 4, 40),
    "journal.tasks.write_prompts": ("1", 0, 20),  # Monday
}


def write() -> int:
    """Add the entries that are missing, leave the others as they are; return how many were."""
    added = 0
    for task, seconds in _EVERY.items():
        pause = IntervalSchedule.objects.get_or_create(
            every=seconds, period=IntervalSchedule.SECONDS
        )[0]
        # A turn that waited longer than the next one is only noise.
        added += _entry(task, interval=pause, expire_seconds=5 * seconds)
    for task, (weekday, hour, minute) in _AT.items():
        moment = CrontabSchedule.objects.get_or_create(
            hour=str(hour),
            minute=str(minute),
            day_of_week=weekday,
            day_of_month="*",
            month_of_year="*",
            timezone="UTC",
        )[0]
        added += _entry(task, crontab=moment)
    return added


def _entry(task: str, **when: object) -> int:
    name = task.rpartition(".")[2]
    return int(PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, **when})[1])
