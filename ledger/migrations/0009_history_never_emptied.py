from django.db import migrations

FORWARDS = """
CREATE TRIGGER past_trade_never_emptied BEFORE TRUNCATE ON ledger_pasttrade
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER restatement_never_emptied BEFORE TRUNCATE ON ledger_restatement
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""
BACKWARDS = """
DROP TRIGGER past_trade_never_emptied ON ledger_pasttrade;
DROP TRIGGER restatement_never_emptied ON ledger_restatement;
"""


class Migration(migrations.Migration):
    """The history cannot be emptied in one stroke either."""

    dependencies = [("ledger", "0008_fill_chain")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
