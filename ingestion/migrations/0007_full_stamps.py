"""A feed knows the stamp that holds it up, and those that an operator let be read past."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0006_key_use")]

    operations = [
        migrations.AddField("feed", "stuck_ns", models.BigIntegerField(null=True)),
        migrations.AddField(
            "feed",
            "passed_ns",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
    ]
