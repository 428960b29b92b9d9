from django.db import migrations, models


class Migration(migrations.Migration):
    """All rows of a chain of corrections are found at once, by its first execution."""

    dependencies = [("ledger", "0007_reconciled_from_the_opening")]

    operations = [
        migrations.AddIndex(
            model_name="fill",
            index=models.Index(
                condition=models.Q(("ref_exec_id__isnull", False)),
                fields=["account", "root_exec_id"],
                name="fill_chain",
            ),
        ),
    ]
