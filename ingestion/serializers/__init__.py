"""Shapes of what the admins of a group read about ingestion."""

from ingestion.serializers.params import ReconciliationParams, WatchedParams
from ingestion.serializers.reconciliation import ReconciliationOut
from ingestion.serializers.restatements import RestatementOut
from ingestion.serializers.status import IngestionStatusOut

__all__ = [
    "IngestionStatusOut",
    "ReconciliationOut",
    "ReconciliationParams",
    "RestatementOut",
    "WatchedParams",
]
