import pytest
from django.db import DatabaseError, connection, transaction

from audit.actions import record
from audit.models import LogEntry
from tests.factories import AT

SAMPLE = """
SELECT
    timestamp,
    user_email,
    entity_id AS custom_user_id,
    trader_id_snapshot,
    changes->'source'->>'new' AS source
FROM user_management_audit_log
WHERE scope = 'authentication'
  AND action = 'login'
ORDER BY timestamp DESC;
"""
TABLE = "user_management_audit_log"


@pytest.fixture
def entry(db) -> LogEntry:
    record(
        scope="authentication", action="login", entity=("custom_user", 7), by="ana@desk.test",
        at=AT, trader_id=3, source=(None, "api"),
    )  # fmt: skip
    return LogEntry.objects.get()


@pytest.mark.parametrize(
    "deed",
    [
        f"UPDATE {TABLE} SET user_email = 'x'",
        f"DELETE FROM {TABLE}",
        f"ALTER TABLE {TABLE} ENABLE TRIGGER audit_never_emptied; TRUNCATE {TABLE}",
    ],
)
def test_the_database_refuses_to_rewrite_the_log(entry, deed):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(deed)

    assert LogEntry.objects.count() == 1


def test_the_sample_query_of_the_api_document_runs_as_written(entry):
    with connection.cursor() as cursor:
        cursor.execute(SAMPLE)
        assert cursor.fetchall() == [(AT, "ana@desk.test", 7, 3, "api")]
