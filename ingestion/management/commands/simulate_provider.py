"""Run the simulated provider."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common import clock
from ingestion.simulator import BadSetup, Setup, Simulator, demo
from ingestion.simulator.faults import NAMES, BadPlan
from ingestion.simulator.recorded import BadBars
from ingestion.simulator.state import OtherMarket

PORT = 8765
_BRIEF_SECONDS = 30

_HELP = """\
A trading provider on the loopback that speaks TT's REST API 2.0, beside it /truth/summary,
/truth/fills and /truth/positions, which say what the books should hold.

Without options it is the demo's: a year of history, then the present with a trade every few
seconds. The market is remembered in --state, so that it never contradicts the books made of it.

  manage.py simulate_provider                          the demo
  manage.py simulate_provider --faults full            the same when everything goes wrong
  manage.py simulate_provider --start 2026-03-02 --days 28 --traders 5 --accounts 6
                                                       four weeks of the past, and no more
  manage.py simulate_provider --start 2026-03-02 --days 28 --speed 1440
                                                       the same, a day every minute
  manage.py simulate_provider --bars data/bars/*.gz    traders on recorded bars
"""
_FAULTS = "names for --faults:\n" + "\n".join(
    f"  {name:<12} {what}" for name, what in NAMES.items()
)


class Command(BaseCommand):
    """Parse, serve until told to stop."""

    help = _HELP
    requires_system_checks: list[str] = []

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        return super().create_parser(
            *args, formatter_class=RawDescriptionHelpFormatter, epilog=_FAULTS, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--port", type=int, default=PORT, help=f"on the loopback; default {PORT}, 0 a free one")
        add("--seed", type=int, help="same seed, same market, same faults; default 7")
        add(
            "--start", type=date.fromisoformat, help="first day; then the history ends after --days"
        )
        add(
            "--days", type=int, help="of history; default 365, up to today unless --start says else"
        )
        add("--traders", type=int, help="default 60")
        add("--accounts", type=int, help="live accounts in all; default 72")
        add("--products", type=int, help="default 25")
        add("--live-every", type=float, help="seconds between trades of the present; default 5")
        add("--speed", type=float, help="how many times as fast as in life the past unrolls")
        add(
            "--faults", default="none", help="none, mild, full, or full,slow=0,late=0.05; see below"
        )
        add("--requests", help="a second / a day for each key, e.g. 3/10000; default 25/75000")
        add("--ledger-delay", type=float, help="seconds that the ledger lags; default 0")
        add("--retention-days", type=int, help="that the ledger keeps, e.g. 93; default all")
        add("--bars", type=Path, nargs="*", help="files of one-minute bars to trade on")
        add("--state", type=Path, help="what is remembered; default simulator.json beside the data")

    def handle(self, *_: object, port: int, **options: Any) -> None:
        names = Setup.__dataclass_fields__
        asked = {name: options[name] for name in names if options.get(name) is not None}
        try:
            simulator = Simulator(_setup(asked))
        except (BadSetup, BadPlan, BadBars, OtherMarket) as error:
            raise CommandError(str(error)) from None
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            serving = simulator.serve(port)
            with serving as address:
                self._say(_welcome(simulator, address.base_url))
                before = -1
                while not stop.wait(_BRIEF_SECONDS):
                    if address.counts["requests"] != before:
                        before = address.counts["requests"]
                        self._say(_brief(simulator, address.counts))
        except OSError as error:
            raise CommandError(f"port {port}: {error.strerror}; choose another --port") from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _setup(asked: dict[str, Any]) -> Setup:
    """A fixed stretch of the past where a start or bars are given, else the demo's market."""
    if bars := asked.pop("bars", None):
        asked["bars"] = tuple(bars)
    if "start" not in asked and not bars:
        state = asked.pop("state", None)
        return demo.setup_of(settings.LOCAL_DIR, today=clock.today(), path=state, **asked)
    if "start" not in asked:
        asked["start"], asked["days"] = demo.stretch_of(asked["bars"], asked.get("seed", 0))
    return Setup(**asked)


def _welcome(simulator: Simulator, base_url: str) -> str:
    setup, people = simulator.setup, simulator.population
    until = "the present" if setup.goes_on else f"{setup.days} days"
    return (
        f"{base_url}: {len(people.traders)} traders, {len(people.accounts)} accounts, "
        f"{len(simulator.products)} products, from {setup.start} for {until}, "
        f"faults {setup.faults}, seed {setup.seed}"
    )


def _brief(simulator: Simulator, counts: dict[str, int]) -> str:
    faults = sum(simulator.plan.happened.values())
    refused = sum(count for name, count in counts.items() if name.isdigit())
    return f"{counts['requests']} requests, {counts['rows']} rows, {refused} refused" + (
        f", {faults} faults" if faults else ""
    )
