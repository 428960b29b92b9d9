"""Shapes of what the admins of a group read about ingestion."""

from ingestion.serializers.status import IngestionStatusOut

__all__ = ["IngestionStatusOut"]
