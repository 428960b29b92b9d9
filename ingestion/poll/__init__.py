"""Polling: what is due is decided from the database; the broker only hints that it may be time."""

from ingestion.poll.report import Outcome, Report
from ingestion.poll.run import due, one
from ingestion.poll.schedule import hints, start_rescan

__all__ = ["Outcome", "Report", "due", "hints", "one", "start_rescan"]
