from django.db import migrations, models

# Between the two ways of adding up, nothing of the function is another.
_REPLACED = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('journal_count'::regproc), '{0}', '{1}');
END $$;
"""
_BOUNDED, _EXACT = "sum(pnl_usd)::bigint, sum(trades)", "sum(pnl_usd), sum(trades)"


class Migration(migrations.Migration):
    """A group's sums by tag hold whatever its trades made.

    The table is small and is written anew, with its indexes, in a moment. On the way back sums
    beyond BIGINT stop the migration: mend or erase the trades that made them first.
    """

    dependencies = [
        ("journal", "0006_tag_rollup"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tagday",
            name="pnl_usd",
            field=models.DecimalField(decimal_places=0, help_text="micro-USD", max_digits=40),
        ),
        migrations.RunSQL(
            _REPLACED.format(_BOUNDED, _EXACT), _REPLACED.format(_EXACT, _BOUNDED)
        ),
    ]
