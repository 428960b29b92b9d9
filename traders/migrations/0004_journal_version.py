from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("traders", "0003_candles_version")]

    operations = [
        migrations.AddField(
            model_name="platformaccount",
            name="journal_version",
            field=models.BigIntegerField(default=0, editable=False),
        ),
    ]
