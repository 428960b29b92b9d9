from django.db import migrations, models


class Migration(migrations.Migration):
    """What a trader keeps of a log-in that is gone: whether it was hidden, and that it was erased."""

    dependencies = [("traders", "0005_books_at")]

    operations = [
        migrations.AddField(
            model_name="trader",
            name="opt_out",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="what the last log-in said; counts while none is linked",
            ),
        ),
        migrations.AddField(
            model_name="trader",
            name="erased_at",
            field=models.DateTimeField(
                editable=False, help_text="when the person was erased: no name comes back", null=True
            ),
        ),
    ]
