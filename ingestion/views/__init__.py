"""What the admins of a group read about ingestion: read, allow, ask, reply."""

from ingestion.views.books import Reconciliation, Restatements
from ingestion.views.status import Status

__all__ = ["Reconciliation", "Restatements", "Status"]
