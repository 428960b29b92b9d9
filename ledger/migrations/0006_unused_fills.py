from django.db import migrations, models


class Migration(migrations.Migration):
    """Few rows: those that count in no position, found by their day."""

    dependencies = [("ledger", "0005_history_and_reconciliation")]

    operations = [
        migrations.AddIndex(
            model_name="fill",
            index=models.Index(
                condition=models.Q(("state", "usable"), _negated=True),
                fields=["account", "executed_ns"],
                name="fill_unused",
            ),
        ),
    ]
