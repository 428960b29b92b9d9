import django.db.models.deletion
from django.db import migrations, models

# What a foreign key does, for all rows of a statement at once. Whoever is referred to stays until
# the transaction ends: the same lock as a foreign key takes.
FORWARDS = """
CREATE FUNCTION ledger_fill_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told bigint[];
    found bigint[];
BEGIN
    SELECT array_agg(DISTINCT account_id) INTO told FROM fresh;
    SELECT array_agg(id) INTO found FROM (
        SELECT id FROM trader_platforms WHERE id = ANY(told) ORDER BY id FOR KEY SHARE) a;
    IF cardinality(told) > coalesce(cardinality(found), 0) THEN
        RAISE foreign_key_violation USING MESSAGE = format(
            'fills of accounts that do not exist: %s',
            ARRAY(SELECT unnest(told) EXCEPT SELECT unnest(found)));
    END IF;
    SELECT array_agg(DISTINCT contract_id) INTO told FROM fresh WHERE contract_id IS NOT NULL;
    SELECT array_agg(id) INTO found FROM (
        SELECT id FROM futures_contract WHERE id = ANY(told) ORDER BY id FOR KEY SHARE) c;
    IF cardinality(told) > coalesce(cardinality(found), 0) THEN
        RAISE foreign_key_violation USING MESSAGE = format(
            'fills of contracts that do not exist: %s',
            ARRAY(SELECT unnest(told) EXCEPT SELECT unnest(found)));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER fill_refers_when_new AFTER INSERT ON ledger_fill
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_fill_refers();
CREATE TRIGGER fill_refers_when_changed AFTER UPDATE ON ledger_fill
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_fill_refers();

CREATE FUNCTION ledger_fill_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM ledger_fill WHERE %I = $1)', TG_ARGV[0])
        INTO held USING OLD.id;
    IF held THEN
        RAISE foreign_key_violation USING MESSAGE = format(
            '%s %s has fills: it stays', TG_TABLE_NAME, OLD.id);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fill_holds_account BEFORE DELETE ON trader_platforms
    FOR EACH ROW EXECUTE FUNCTION ledger_fill_holds('account_id');
CREATE TRIGGER fill_holds_account_id BEFORE UPDATE OF id ON trader_platforms
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION ledger_fill_holds('account_id');
CREATE TRIGGER fill_holds_contract BEFORE DELETE ON futures_contract
    FOR EACH ROW EXECUTE FUNCTION ledger_fill_holds('contract_id');
CREATE TRIGGER fill_holds_contract_id BEFORE UPDATE OF id ON futures_contract
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION ledger_fill_holds('contract_id');
"""
BACKWARDS = """
DROP TRIGGER fill_refers_when_new ON ledger_fill;
DROP TRIGGER fill_refers_when_changed ON ledger_fill;
DROP FUNCTION ledger_fill_refers;
DROP TRIGGER fill_holds_account ON trader_platforms;
DROP TRIGGER fill_holds_account_id ON trader_platforms;
DROP TRIGGER fill_holds_contract ON futures_contract;
DROP TRIGGER fill_holds_contract_id ON futures_contract;
DROP FUNCTION ledger_fill_holds;
"""


class Migration(migrations.Migration):
    """A batch of fills is checked against accounts and contracts at once, not row by row."""

    dependencies = [
        ("ledger", "0010_readings_of_a_group"),
        ("futures", "0004_bars_by_month"),
        ("traders", "0007_settled_and_rolled"),
    ]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.AlterField(
            "fill",
            "account",
            models.ForeignKey(
                db_constraint=False, db_index=False,
                on_delete=django.db.models.deletion.PROTECT, to="traders.platformaccount",
            ),
        ),
        migrations.AlterField(
            "fill",
            "contract",
            models.ForeignKey(
                db_constraint=False, db_index=False, null=True,
                on_delete=django.db.models.deletion.PROTECT, to="futures.contract",
            ),
        ),
    ]
