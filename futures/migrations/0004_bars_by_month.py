"""Bars in partitions by month, keyed by contract and minute alone; what is there moves over."""

import django.db.models.deletion
from django.db import migrations, models

import common.fields

CONSISTENT = models.Q(
    ('high__gte', models.F('low')), ('high__gte', models.F('open')), ('high__gte', models.F('close')),
    ('low__lte', models.F('open')), ('low__lte', models.F('close')),
)

FORWARD = """
ALTER TABLE futures_bar RENAME TO futures_bar_before;
CREATE TABLE futures_bar (
    contract_id bigint NOT NULL, start_at timestamptz NOT NULL,
    open bigint NOT NULL, high bigint NOT NULL, low bigint NOT NULL, close bigint NOT NULL,
    volume bigint NOT NULL,
    CONSTRAINT bar_consistent_by_month CHECK (
        high >= low AND high >= open AND high >= close AND low <= open AND low <= close),
    PRIMARY KEY (contract_id, start_at)
) PARTITION BY RANGE (start_at);
DO $$
DECLARE first timestamp;
BEGIN
    FOR first IN SELECT DISTINCT date_trunc('month', start_at AT TIME ZONE 'UTC') FROM futures_bar_before
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF futures_bar FOR VALUES FROM (%L) TO (%L)',
            'futures_bar_' || to_char(first, 'YYYY_MM'), first AT TIME ZONE 'UTC',
            (first + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
END $$;
INSERT INTO futures_bar (contract_id, start_at, open, high, low, close, volume)
    SELECT contract_id, start_at, open, high, low, close, volume FROM futures_bar_before;
DROP TABLE futures_bar_before;
ALTER TABLE futures_bar RENAME CONSTRAINT bar_consistent_by_month TO bar_consistent;
"""


class Migration(migrations.Migration):

    dependencies = [('futures', '0003_calendar')]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD)],
            state_operations=[
                migrations.DeleteModel(name='Bar'),
                migrations.CreateModel(
                    name='Bar',
                    fields=[
                        ('pk', models.CompositePrimaryKey('contract', 'start_at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('contract', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='futures.contract')),
                        ('start_at', models.DateTimeField()),
                        ('open', common.fields.PriceField()),
                        ('high', common.fields.PriceField()),
                        ('low', common.fields.PriceField()),
                        ('close', common.fields.PriceField()),
                        ('volume', models.BigIntegerField()),
                    ],
                    options={'constraints': [models.CheckConstraint(condition=CONSISTENT, name='bar_consistent')]},
                ),
            ],
        ),
        migrations.AddField(
            model_name='contract',
            name='bars_version',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name='Roll',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_day', models.DateField()),
                ('source', models.TextField(help_text='volume, rule or hand; one by hand is never overwritten')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rolls', to='futures.product')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='futures.contract')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('product', 'from_day'), name='roll_once')]},
        ),
    ]
