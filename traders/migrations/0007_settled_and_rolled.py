from django.db import migrations, models


class Migration(migrations.Migration):
    """A version of past days alone, and the group whose rollups hold an account."""

    dependencies = [("traders", "0006_erased")]

    operations = [
        migrations.AddField(
            model_name="platformaccount",
            name="settled_version",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="platformaccount",
            name="rolled_group_id",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
