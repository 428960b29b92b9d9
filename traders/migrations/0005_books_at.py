import datetime

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("traders", "0004_journal_version")]

    operations = [
        migrations.AddField(
            model_name="platformaccount",
            name="books_at",
            field=models.DateTimeField(
                db_default=datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), editable=False
            ),
        ),
    ]
