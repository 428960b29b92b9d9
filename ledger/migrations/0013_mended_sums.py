import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What the last nightly check mended of the groups' sums."""

    dependencies = [
        ("ledger", "0012_group_days"),
        ("traders", "0007_settled_and_rolled"),
    ]

    operations = [
        migrations.CreateModel(
            name="MendedSums",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField(choices=[("days", "by day"), ("tags", "by tag")])),
                ("at", models.DateTimeField()),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+", to="traders.group",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "kind"), name="mended_once")
                ],
            },
        ),
    ]
