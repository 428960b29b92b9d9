from django.db import migrations


class Migration(migrations.Migration):
    """Half of a page of trades stays free at first.

    A trade is stored without mae and mfe, and gets them once its candles are made. With room for
    that second version on its own page no index is touched; without it all five were, and the
    table grew to as many pages.
    """

    dependencies = [("ledger", "0003_candles")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_trade SET (fillfactor = 50)",
            "ALTER TABLE ledger_trade RESET (fillfactor)",
        ),
    ]
