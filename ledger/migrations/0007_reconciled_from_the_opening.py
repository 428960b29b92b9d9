import ledger.models.fills
from django.db import migrations, models


class Migration(migrations.Migration):
    """A reconciled day knows the fill that opened what is held; a telling of positions may wait."""

    dependencies = [
        ('ledger', '0006_unused_fills'),
    ]

    operations = [
        migrations.AddField(
            model_name='reconciledday',
            name='is_passing',
            field=models.BooleanField(default=False, help_text='looked at again by itself: the day is still being read'),
        ),
        migrations.AddField(
            model_name='reconciledday',
            name='opened_as_leg',
            field=models.BooleanField(default=False, help_text='it was a leg of a spread'),
        ),
        migrations.AddField(
            model_name='reconciledday',
            name='opened_exec_id',
            field=ledger.models.fills.ExecIdField(db_collation='C', help_text='that fill', null=True),
        ),
        migrations.AlterField(
            model_name='reconciledday',
            name='checked_at',
            field=models.DateTimeField(help_text='when a check first came to say this'),
        ),
        migrations.AddField(
            model_name='reportedposition',
            name='next_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reportedposition',
            name='next_quantity',
            field=models.BigIntegerField(help_text='told later; it waits', null=True),
        ),
        migrations.AlterField(
            model_name='reportedposition',
            name='quantity',
            field=models.BigIntegerField(help_text='contracts, signed; to be compared', null=True),
        ),
        migrations.AlterField(
            model_name='reportedposition',
            name='taken_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='reconciledday',
            index=models.Index(fields=['account', 'contract', '-day'], name='reconciled_line'),
        ),
        migrations.AddIndex(
            model_name='reconciledday',
            index=models.Index(condition=models.Q(('is_passing', True)), fields=['account'], name='reconciled_passing'),
        ),
        migrations.AddIndex(
            model_name='reportedposition',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['account'], name='reported_waits'),
        ),
    ]
