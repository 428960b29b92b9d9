"""Settings of operation: who is told of alarms, who may read metrics, where copies of trades go."""

from __future__ import annotations

from skyll.environment import fail, flag, names, number, secret_address, text

METRICS_TOKEN = text("METRICS_TOKEN")  # without one, /metrics is not there
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise fail("METRICS_TOKEN is shorter than 20 characters: choose a longer one")
ALARM_MAILS = names("ALARM_MAILS", [])
ALARM_WEBHOOK = secret_address("ALARM_WEBHOOK")
ALARM_WEBHOOK_TOKEN = text("ALARM_WEBHOOK_TOKEN")  # sent as a bearer token
BACKUP_MARK = text("BACKUP_MARK")  # a file that a backup touches; without one nobody watches them
BACKUP_HOURS = number("BACKUP_HOURS", 26, least=1)  # how old it may be
ACCESS_LOG = flag("ACCESS_LOG", text("ENVIRONMENT") == "production")  # a line for every request
TRADES_COPY_TO = text("TRADES_COPY_TO")  # a folder; production writes its nightly copy there
TRADES_COPY_FROM = text("TRADES_COPY_FROM")  # a folder; development brings the newest copy in
TRADES_COPY_MASKED = flag("TRADES_COPY_MASKED", True)  # names of traders and accounts are replaced
