import django.db.models.deletion
from django.db import migrations, models

# Whoever writes day results holds their accounts already, or waits for them here, in the order of
# ids: the group that counts an account stays the same until the results are committed.
CHANGED = """
CREATE FUNCTION ledger_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := TG_ARGV[0];
BEGIN
    WITH held AS MATERIALIZED (
        SELECT id, rolled_group_id FROM trader_platforms
        WHERE id = ANY(ARRAY(SELECT DISTINCT account_id FROM changed))
        ORDER BY id FOR NO KEY UPDATE
    )
    INSERT INTO ledger_groupday (group_id, day, product_id, pnl_usd, trade_count)
    SELECT h.rolled_group_id, c.day, c.product_id, sign * sum(c.pnl_usd), sign * sum(c.trade_count)
    FROM changed c JOIN held h ON h.id = c.account_id
    WHERE h.rolled_group_id IS NOT NULL AND c.trade_count > 0
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_days_changed IS
    'Add these day results to, or take them off, the sums of the groups that count their accounts.';
CREATE TRIGGER days_made AFTER INSERT ON ledger_dayresult
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_changed('1');
CREATE TRIGGER days_unmade AFTER DELETE ON ledger_dayresult
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_changed('-1');
CREATE TRIGGER days_altered_from AFTER UPDATE ON ledger_dayresult
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_changed('-1');
CREATE TRIGGER days_altered_to AFTER UPDATE ON ledger_dayresult
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_changed('1');

CREATE FUNCTION ledger_days_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE ledger_groupday IN EXCLUSIVE MODE;
    DELETE FROM ledger_groupday;
    RETURN NULL;
END $$;
CREATE TRIGGER days_emptied AFTER TRUNCATE ON ledger_dayresult
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_gone();
"""
# The row is held by the update itself: nobody writes results of the account meanwhile.
MOVED = """
CREATE FUNCTION ledger_days_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_groupday (group_id, day, product_id, pnl_usd, trade_count)
    SELECT g.id, d.day, d.product_id, g.sign * sum(d.pnl_usd), g.sign * sum(d.trade_count)
    FROM (VALUES (OLD.rolled_group_id, -1), (NEW.rolled_group_id, 1)) g (id, sign)
    JOIN ledger_dayresult d ON d.account_id = NEW.id
    WHERE g.id IS NOT NULL AND d.trade_count > 0
    GROUP BY g.id, g.sign, d.day, d.product_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_days_moved IS
    'Take an account''s day results along to the group whose sums count it.';
CREATE TRIGGER days_moved AFTER UPDATE ON trader_platforms
    FOR EACH ROW WHEN (OLD.rolled_group_id IS DISTINCT FROM NEW.rolled_group_id)
    EXECUTE FUNCTION ledger_days_moved();
"""
# Of accounts that a group's sums by tag count already. The triggers' locks keep writers out.
FILL = """
INSERT INTO ledger_groupday (group_id, day, product_id, pnl_usd, trade_count, is_sum)
SELECT a.rolled_group_id, d.day, d.product_id, sum(d.pnl_usd), sum(d.trade_count), true
FROM trader_platforms a JOIN ledger_dayresult d ON d.account_id = a.id
WHERE a.rolled_group_id IS NOT NULL AND d.trade_count > 0
GROUP BY 1, 2, 3
"""
BACKWARDS = """
DROP FUNCTION ledger_days_moved CASCADE;
DROP FUNCTION ledger_days_gone CASCADE;
DROP FUNCTION ledger_days_changed CASCADE;
"""


class Migration(migrations.Migration):
    """Day results summed by group, day and product."""

    dependencies = [
        ("ledger", "0011_fill_references"),
        ("futures", "0004_bars_by_month"),
        ("traders", "0007_settled_and_rolled"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "pnl_usd",
                    models.DecimalField(decimal_places=0, help_text="micro-USD", max_digits=40),
                ),
                ("trade_count", models.BigIntegerField()),
                (
                    "is_sum",
                    models.BooleanField(
                        db_default=False, help_text="stood alone when it was written"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False, db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+", to="traders.group",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False, db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+", to="futures.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["group", "day"],
                        include=("product", "pnl_usd", "trade_count"),
                        name="group_day_read",
                    ),
                    models.Index(
                        condition=models.Q(("is_sum", False)),
                        fields=["group", "day"],
                        name="group_day_loose",
                    ),
                ],
            },
        ),
        migrations.RunSQL(MOVED + CHANGED + FILL, BACKWARDS),
    ]
