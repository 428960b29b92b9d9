"""Settings of operation: who is told of alarms, who may read metrics, where copies of trades go."""

from __future__ import annotations

from skyll.environment import address, fail, flag, names, text

METRICS_TOKEN = text("METRICS_TOKEN")  # without one, /metrics is not there
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise fail("METRICS_TOKEN is shorter than 20 characters: choose a longer one")
ALARM_MAILS = names("ALARM_MAILS", [])
ALARM_WEBHOOK = address("ALARM_WEBHOOK")
ALARM_WEBHOOK_TOKEN = text("ALARM_WEBHOOK_TOKEN")  # sent as a bearer token
TRADES_COPY_TO = text("TRADES_COPY_TO")  # a folder; production writes its nightly copy there
TRADES_COPY_FROM = text("TRADES_COPY_FROM")  # a folder; development brings the newest copy in
TRADES_COPY_MASKED = flag("TRADES_COPY_MASKED", True)  # names of traders and accounts are replaced
