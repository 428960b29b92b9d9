"""What the admins of a group read about ingestion: read, allow, ask, reply."""

from ingestion.views.status import Status

__all__ = ["Status"]
