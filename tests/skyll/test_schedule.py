"""What beat sends: written once, never over what an operator has changed."""

from __future__ import annotations

import pytest
from celery import current_app
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from skyll import schedule

pytestmark = pytest.mark.django_db


def test_the_schedule_is_written_once():
    added = schedule.write()
    assert added == PeriodicTask.objects.exclude(name="celery.backend_cleanup").count() > 3
    assert schedule.write() == 0


def test_every_entry_names_a_task_that_exists():
    schedule.write()
    current_app.loader.import_default_modules()
    tasks = set(PeriodicTask.objects.values_list("task", flat=True))
    assert tasks <= set(current_app.tasks)
    assert PeriodicTask.objects.get(name="tick").schedule.run_every.total_seconds() == 2


def test_what_an_operator_has_changed_stays(capsys):
    schedule.write()
    PeriodicTask.objects.filter(name="prune_nightly").update(enabled=False)
    call_command("prepare")
    assert not PeriodicTask.objects.get(name="prune_nightly").enabled
