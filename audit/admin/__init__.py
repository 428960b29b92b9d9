"""The log and the alarms in the console: to read."""

from audit.admin.alarms import AlarmAdmin
from audit.admin.log import ACTIONS, LogEntryAdmin

__all__ = ["ACTIONS", "AlarmAdmin", "LogEntryAdmin"]
