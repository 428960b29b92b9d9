from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Each poll writes the last days anew. Where they were, index-only scans have to look at the table
# until the next vacuum: it comes after a fiftieth has changed, not after a fifth.
OFTEN = """
ALTER TABLE ledger_dayresult SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.05
)"""
SELDOM = """
ALTER TABLE ledger_dayresult RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor,
    autovacuum_analyze_scale_factor
)"""


class Migration(migrations.Migration):
    """Indexes from which a group's readings are answered alone; made while the books go on.

    Restartable but for an index that was left invalid: drop that one first.
    """

    atomic = False
    dependencies = [("ledger", "0009_history_never_emptied")]

    operations = [
        AddIndexConcurrently(
            "dayresult",
            models.Index(
                fields=["account", "day", "product"],
                include=(
                    "pnl_usd", "profit_usd", "loss_usd", "trade_count", "win_count", "loss_count",
                ),
                name="day_by_product",
            ),
        ),
        AddIndexConcurrently(
            "trade",
            models.Index(
                fields=["closed_ns"], include=("account", "product", "pnl_usd"), name="trade_by_time"
            ),
        ),
        migrations.RunSQL(OFTEN, SELDOM),
    ]
