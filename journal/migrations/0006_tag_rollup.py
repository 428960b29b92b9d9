import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import common.fields

# Every writer of trades and tags holds the account's row; so does whoever counts, in the order of
# ids, before it looks: what it does not see yet is not committed, and counted by its own writer.
HOLD = """
CREATE FUNCTION journal_hold_rolled(account_ids bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM trader_platforms WHERE id = ANY(account_ids) ORDER BY id FOR NO KEY UPDATE;
    RETURN ARRAY(
        SELECT id FROM trader_platforms
        WHERE id = ANY(account_ids) AND rolled_group_id IS NOT NULL
    );
END $$;
COMMENT ON FUNCTION journal_hold_rolled IS
    'Hold these accounts until the transaction ends; return those that a group''s sums count.';
"""
# What a trade is now against what was counted of it: whatever changed, in whatever order.
COUNT = """
CREATE FUNCTION journal_count(account_ids bigint[], trade_ids uuid[]) RETURNS void
LANGUAGE plpgsql STRICT AS $$
BEGIN
    WITH touched AS (
        SELECT DISTINCT m.account_id, m.trade_id
        FROM unnest(account_ids, trade_ids) AS m (account_id, trade_id)
    ), was AS (
        SELECT c.account_id, c.trade_id, c.day, c.tags, c.pnl_usd
        FROM touched u JOIN journal_countedtrade c USING (account_id, trade_id)
    ), now AS (
        SELECT u.account_id, u.trade_id, t.closed_on AS day, x.tags, t.pnl_usd
        FROM touched u
        JOIN ledger_trade t ON t.account_id = u.account_id AND t.id = u.trade_id
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT CASE g.layer WHEN 3 THEN g.parent_id ELSE g.id END) AS tags
            FROM journal_tradetag x JOIN journal_tag g ON g.id = x.tag_id
            WHERE x.account_id = u.account_id AND x.trade_id = u.trade_id
        ) x
        WHERE t.pnl_usd IS NOT NULL AND x.tags IS NOT NULL
    ), changed AS MATERIALIZED (
        SELECT account_id, trade_id, a.rolled_group_id AS group_id,
            was.day AS was_day, was.tags AS was_tags, was.pnl_usd AS was_pnl,
            now.day, now.tags, now.pnl_usd
        FROM was FULL JOIN now USING (account_id, trade_id)
        JOIN trader_platforms a ON a.id = account_id
        WHERE (was.day, was.tags, was.pnl_usd) IS DISTINCT FROM (now.day, now.tags, now.pnl_usd)
            AND a.rolled_group_id IS NOT NULL
    ), dropped AS (
        DELETE FROM journal_countedtrade c USING changed d
        WHERE c.account_id = d.account_id AND c.trade_id = d.trade_id AND d.tags IS NULL
    ), put AS (
        INSERT INTO journal_countedtrade AS c (account_id, trade_id, day, tags, pnl_usd)
        SELECT account_id, trade_id, day, tags, pnl_usd FROM changed WHERE tags IS NOT NULL
        ON CONFLICT (account_id, trade_id) DO UPDATE
        SET (day, tags, pnl_usd) = (excluded.day, excluded.tags, excluded.pnl_usd)
    )
    INSERT INTO journal_tagday (group_id, day, tags, pnl_usd, trade_count)
    SELECT group_id, day, tags, sum(pnl_usd)::bigint, sum(trades)
    FROM (
        SELECT group_id, was_day AS day, was_tags AS tags, -was_pnl AS pnl_usd, -1 AS trades
        FROM changed WHERE was_tags IS NOT NULL
        UNION ALL
        SELECT group_id, day, tags, pnl_usd, 1 FROM changed WHERE tags IS NOT NULL
    ) d
    GROUP BY 1, 2, 3 HAVING sum(pnl_usd) <> 0 OR sum(trades) <> 0;
END $$;
COMMENT ON FUNCTION journal_count IS
    'Bring the sums of tags up to what these trades of held accounts are now.';
"""
# Most trades bear no tag: they cost a look at an index each, and nothing where nobody is counted.
TRADES = """
CREATE FUNCTION journal_trades_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rolled bigint[] := journal_hold_rolled(ARRAY(SELECT DISTINCT account_id FROM changed));
BEGIN
    IF rolled <> '{}' THEN
        PERFORM journal_count(array_agg(c.account_id), array_agg(c.id)) FROM changed c
        CROSS JOIN LATERAL (
            SELECT FROM journal_tradetag x
            WHERE x.account_id = c.account_id AND x.trade_id = c.id LIMIT 1
        ) x
        WHERE c.account_id = ANY(rolled);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trades_made AFTER INSERT ON ledger_trade
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_trades_changed();
CREATE TRIGGER trades_unmade AFTER DELETE ON ledger_trade
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_trades_changed();

CREATE FUNCTION journal_trades_altered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account_ids bigint[];
    trade_ids uuid[];
    rolled bigint[];
BEGIN
    SELECT array_agg(account_id), array_agg(id) INTO account_ids, trade_ids
    FROM was FULL JOIN changed USING (account_id, id)
    WHERE (was.closed_on, was.pnl_usd) IS DISTINCT FROM (changed.closed_on, changed.pnl_usd);
    IF account_ids IS NOT NULL THEN
        rolled := journal_hold_rolled(ARRAY(SELECT DISTINCT unnest(account_ids)));
        IF rolled <> '{}' THEN
            PERFORM journal_count(array_agg(c.account_id), array_agg(c.id))
            FROM unnest(account_ids, trade_ids) AS c (account_id, id)
            CROSS JOIN LATERAL (
                SELECT FROM journal_tradetag x
                WHERE x.account_id = c.account_id AND x.trade_id = c.id LIMIT 1
            ) x
            WHERE c.account_id = ANY(rolled);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trades_altered AFTER UPDATE ON ledger_trade
    REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_trades_altered();
"""
TAGS = """
CREATE FUNCTION journal_tags_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rolled bigint[] := journal_hold_rolled(ARRAY(SELECT DISTINCT account_id FROM changed));
BEGIN
    IF rolled <> '{}' THEN
        PERFORM journal_count(array_agg(account_id), array_agg(trade_id))
        FROM changed WHERE account_id = ANY(rolled);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tags_put AFTER INSERT ON journal_tradetag
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_tags_changed();
CREATE TRIGGER tags_taken AFTER DELETE ON journal_tradetag
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_tags_changed();
CREATE TRIGGER tags_altered_from AFTER UPDATE ON journal_tradetag
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_tags_changed();
CREATE TRIGGER tags_altered_to AFTER UPDATE ON journal_tradetag
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_tags_changed();

-- A custom tag that hangs elsewhere takes its trades along.
CREATE FUNCTION journal_taxonomy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tag_ids bigint[] := ARRAY(
        SELECT id FROM was JOIN changed USING (id)
        WHERE (was.parent_id, was.layer) IS DISTINCT FROM (changed.parent_id, changed.layer)
    );
    rolled bigint[];
BEGIN
    IF tag_ids <> '{}' THEN
        rolled := journal_hold_rolled(
            ARRAY(SELECT DISTINCT account_id FROM journal_tradetag WHERE tag_id = ANY(tag_ids))
        );
        PERFORM journal_count(array_agg(account_id), array_agg(trade_id))
        FROM journal_tradetag WHERE tag_id = ANY(tag_ids) AND account_id = ANY(rolled);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER taxonomy_changed AFTER UPDATE ON journal_tag
    REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_taxonomy_changed();

-- Without trades, or without tags, there is nothing to count.
CREATE FUNCTION journal_all_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE journal_tagday IN EXCLUSIVE MODE;
    DELETE FROM journal_countedtrade;
    DELETE FROM journal_tagday;
    RETURN NULL;
END $$;
CREATE TRIGGER trades_emptied AFTER TRUNCATE ON ledger_trade
    FOR EACH STATEMENT EXECUTE FUNCTION journal_all_gone();
CREATE TRIGGER tags_emptied AFTER TRUNCATE ON journal_tradetag
    FOR EACH STATEMENT EXECUTE FUNCTION journal_all_gone();
"""
BACKWARDS = """
DROP FUNCTION journal_all_gone CASCADE;
DROP FUNCTION journal_taxonomy_changed CASCADE;
DROP FUNCTION journal_tags_changed CASCADE;
DROP FUNCTION journal_trades_altered CASCADE;
DROP FUNCTION journal_trades_changed CASCADE;
DROP FUNCTION journal_count;
DROP FUNCTION journal_hold_rolled;
UPDATE trader_platforms SET rolled_group_id = NULL WHERE rolled_group_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Sums of tagged trades by group and day.

    No account is counted yet: `journal.actions.rolled.keep` takes them in, few at a time, beside
    the running house, and until then readings join as before.
    """

    dependencies = [
        ("journal", "0005_entry_search"),
        ("ledger", "0005_history_and_reconciliation"),
        ("traders", "0007_settled_and_rolled"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedTrade",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account",
                        "trade",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField(help_text="UTC day of its closing")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="sorted, each once; a custom one as that above it",
                        size=None,
                    ),
                ),
                ("pnl_usd", common.fields.MoneyField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traders.platformaccount",
                    ),
                ),
                (
                    "trade",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.trade",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["account", "day"],
                        include=("tags", "pnl_usd"),
                        name="counted_by_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TagDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="as in CountedTrade",
                        size=None,
                    ),
                ),
                ("pnl_usd", common.fields.MoneyField()),
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traders.group",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["group", "day"],
                        include=("tags", "pnl_usd", "trade_count"),
                        name="tag_day_read",
                    ),
                    models.Index(
                        condition=models.Q(("is_sum", False)),
                        fields=["group", "day"],
                        name="tag_day_loose",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HOLD + COUNT + TRADES + TAGS, BACKWARDS),
    ]
