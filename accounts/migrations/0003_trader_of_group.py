"""A log-in's trader is of the log-in's group: the database holds it, checked at each commit.

Deferred, so that one transaction may move a trader and its log-in to another group.
"""

from django.db import migrations

ADD = """
ALTER TABLE accounts_customuser ADD CONSTRAINT user_trader_of_group
    FOREIGN KEY (trader_id, group_id) REFERENCES traders (id, group_id)
    DEFERRABLE INITIALLY DEFERRED
"""
DROP = "ALTER TABLE accounts_customuser DROP CONSTRAINT user_trader_of_group"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sessions_tries_letters"),
        ("traders", "0002_trader_of_group"),
    ]
    operations = [migrations.RunSQL(ADD, DROP)]
