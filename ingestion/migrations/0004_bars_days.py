"""Bars are brought in as far back as a provider's fills reach; who chose less keeps it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('ingestion', '0003_bar_day')]

    operations = [
        migrations.AlterField(
            model_name='barday',
            name='bars',
            field=models.PositiveIntegerField(default=0, help_text='minutes that are stored'),
        ),
        migrations.AlterField(
            model_name='connection',
            name='bars_days',
            field=models.PositiveSmallIntegerField(default=92, help_text='days back for which bars are brought in, of what was traded or held then'),
        ),
    ]
