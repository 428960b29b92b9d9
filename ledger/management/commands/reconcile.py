"""manage.py reconcile"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calc.reconciliation import PROBLEMS
from common import clock
from common.api import Period
from ledger import reconciliation
from ledger.reconciliation import DayState, OpenRun, Progress
from traders.models import PlatformAccount

MOST_TOLD = 200  # problems in the table; --json tells all
LATELY = timedelta(days=27)


class Command(BaseCommand):
    """Checks, tells the states, and ends with 1 where a fill was skipped or the books differ."""

    help = (
        "Hold the books against their own fills, the provider's positions and the second feed. "
        "By default what is due is checked and the last 28 days are told; --all or --since checks "
        "anew, from the fills on. Safe at any time. Exit code 1: something is skipped or differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", type=int, action="append", dest="account_ids", metavar="ID",
            help="only this platform account (may be repeated); all by default",
        )  # fmt: skip
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="DAY",
            help="check anew from the last flat day before this one, and tell from it on",
        )  # fmt: skip
        parser.add_argument("--all", action="store_true", help="check anew and tell all days")
        parser.add_argument("--json", action="store_true", help="tell it as JSON, problems whole")

    def handle(
        self, *_: Any, account_ids: list[int] | None, since: date | None, **asked: Any
    ) -> None:
        now, whole = clock.now(), asked["all"]
        if whole or since is not None or account_ids is not None:
            done = reconciliation.check(
                account_ids=account_ids, since=None if whole else since, at=now, tell=self._tell
            )
        else:
            done = reconciliation.keep(at=now)
        period = None if whole else Period(since or now.date() - LATELY, now.date())
        names = dict(PlatformAccount.objects.values_list("id", "account"))
        ids = account_ids or list(names)
        totals = reconciliation.totals(account_ids=ids, period=period)
        problems = reconciliation.days(
            account_ids=ids, period=period, states=PROBLEMS,
            most=None if asked["json"] else MOST_TOLD,
        )  # fmt: skip
        runs = reconciliation.open_runs(account_ids=ids, today=now.date())
        if asked["json"]:
            told = {
                "from": period and str(period.start), "to": period and str(period.end),
                "lines_checked": done.lines, "days_changed": done.changed, "states": totals,
                "problems": [_problem(row, names) for row in problems],
                "open_runs": [_run(run, names) for run in runs],
            }  # fmt: skip
            self.stdout.write(json.dumps(told))
        else:
            span = f"{period.start} to {period.end}" if period else "all days"
            self.stdout.write(
                f"{done.lines:,} lines checked, {done.changed:,} days came out otherwise; {span}:"
            )
            self._list(totals, problems, runs, names)
        if bad := totals["skipped"] + totals["mismatch"]:
            raise CommandError(f"{bad:,} days are skipped or differ", returncode=1)

    def _list(
        self,
        totals: dict[str, int],
        problems: Sequence[DayState],
        runs: Sequence[OpenRun],
        names: dict[int, str],
    ) -> None:
        for state, number in totals.items():
            self.stdout.write(f"  {state:<13}{number:>9,}")
        for row in problems:
            self.stdout.write(
                f"{row.day}  {names[row.account_id]:<14} {row.contract:<12} {row.state}: "
                f"{row.reason}"
            )
        if (more := sum(totals[state] for state in PROBLEMS) - len(problems)) > 0:
            self.stdout.write(f"and {more:,} more: see --json, or the admin")
        for run in runs:
            spread = ", a calendar spread" if run.is_spread else ""
            self.stdout.write(
                f"open for {run.days} days  {names[run.account_id]:<14} {run.contract:<12} "
                f"{run.quantity:+} since {run.opened_at:%Y-%m-%d %H:%M}{spread}"
            )

    def _tell(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1
        self.stderr.write(
            f"{share:4.0%}  {progress.done:,} of {progress.total:,} accounts, "
            f"{progress.checked.days:,} days, {progress.checked.changed:,} came out otherwise"
        )


def _problem(row: DayState, names: dict[int, str]) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(), "account": names[row.account_id], "contract": row.contract,
        "state": row.state, "reason": row.reason, "position": row.position,
        "provider_position": row.provider_position, "bought": row.bought, "sold": row.sold,
        "second_bought": row.second_bought, "second_sold": row.second_sold,
    }  # fmt: skip


def _run(run: OpenRun, names: dict[int, str]) -> dict[str, Any]:
    return {
        "account": names[run.account_id], "contract": run.contract, "quantity": run.quantity,
        "days": run.days, "opened_at": run.opened_at.isoformat(), "is_spread": run.is_spread,
    }  # fmt: skip
