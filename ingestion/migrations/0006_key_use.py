"""How many calls a key has made today outlives the fast store."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("ingestion", "0005_positions_polled")]

    operations = [
        migrations.CreateModel(
            name="KeyUse",
            fields=[
                (
                    "key",
                    models.TextField(
                        help_text="its print; never the key itself",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.PositiveIntegerField(help_text="UTC days since 1970")),
                (
                    "used",
                    models.PositiveIntegerField(help_text="calls, to the last twenty of each worker"),
                ),
            ],
        ),
    ]
