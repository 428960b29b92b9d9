"""The group's readings: read, allow, ask, reply."""

from comparative.views.performance import PerformanceByTime

__all__ = ["PerformanceByTime"]
