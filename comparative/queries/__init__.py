"""The group's numbers; each query takes the accounts that one viewer may compare."""

from comparative.queries.performance_by_time import performance_by_time

__all__ = ["performance_by_time"]
