"""Connections that are there already get their feed of positions; a drop copy has a stream."""

from datetime import UTC, datetime

from django.db import migrations, models

STREAMS = [
    ("accounts", "accounts"),
    ("fills", "fills"),
    ("fx", "daily rates"),
    ("bars", "one-minute bars"),
    ("positions", "positions, for reconciliation"),
    ("calendar", "calendar events"),
    ("drop_copy", "a second feed of fills, to compare with"),
]


def add_feeds(apps, schema_editor):
    feeds = apps.get_model("ingestion", "Feed")
    connections = apps.get_model("ingestion", "Connection").objects.values_list("id", flat=True)
    feeds.objects.bulk_create(
        [
            feeds(connection_id=pk, stream="positions", due_at=datetime.now(UTC))
            for pk in connections.order_by("id")
        ],
        ignore_conflicts=True,
    )


def remove_feeds(apps, schema_editor):
    apps.get_model("ingestion", "Feed").objects.filter(stream="positions").delete()


class Migration(migrations.Migration):

    dependencies = [('ingestion', '0004_bars_days')]

    operations = [
        *(
            migrations.AlterField(model, "stream", models.TextField(choices=STREAMS))
            for model in ("feed", "importrun", "quarantinedrow")
        ),
        migrations.RunPython(add_feeds, remove_feeds, elidable=True),
    ]
