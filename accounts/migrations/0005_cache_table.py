from django.db import migrations

FORWARDS = """
CREATE TABLE IF NOT EXISTS django_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS django_cache_expires ON django_cache (expires);
"""
BACKWARDS = "DROP TABLE django_cache;"


class Migration(migrations.Migration):
    """The table of CACHES["default"], as createcachetable makes it.

    Without it no code of a second factor would be right, and nothing would say why.
    """

    dependencies = [("accounts", "0004_user_by_name")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
