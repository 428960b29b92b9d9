from django.db import migrations, models

import common.fields


class Migration(migrations.Migration):

    dependencies = [("journal", "0003_taxonomy"), ("traders", "0004_journal_version")]

    operations = [
        migrations.AlterField(
            model_name="detached", name="exit_price", field=common.fields.PriceField(null=True)
        ),
        migrations.AlterField(
            model_name="detached", name="closed_ns", field=models.BigIntegerField(null=True)
        ),
    ]
