"""The market of the demo: the same for the server and for the command that fills the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingestion.simulator.listings import products
from ingestion.simulator.recorded import RecordedMarket
from ingestion.simulator.setup import BadSetup, Setup
from ingestion.simulator.state import remember

FILE = "simulator.json"
LIVE_EVERY = 5.0  # seconds
PLAN = "25/75000"
# What the books stand on: it may not change while there are books.
_MARKET = ("seed", "days", "traders", "accounts", "products", "live_every")


def setup_of(local: Path, *, today: date, path: Path | None = None, **asked: Any) -> Setup:
    """Return the demo's setup: a year up to `today` when it is asked first, then the present.

    local  the folder of all that is kept between runs, or `path` of the very file
    asked  fields of Setup to change; those that shape the market are remembered
    """
    path = path or local / FILE
    days = asked.get("days", Setup.__dataclass_fields__["days"].default)
    start = asked.get("start") or today - timedelta(days=days)
    fresh = Setup(**{"live_every": LIVE_EVERY, **asked, "start": start, "goes_on": True})
    facts = _facts(fresh)
    wanted = {name: facts[name] for name in (*_MARKET, "start") if asked.get(name) is not None}
    known = remember(path, facts, asked=wanted)
    known["start"] = date.fromisoformat(known["start"])
    return Setup(
        **{"requests": PLAN, **asked, **known, "goes_on": True, "state": path},
    )


def _facts(setup: Setup) -> Mapping[str, Any]:
    told = asdict(setup)
    return {**{name: told[name] for name in _MARKET}, "start": setup.start.isoformat()}


def stretch_of(files: tuple[Path, ...], seed: int) -> tuple[date, int]:
    """Return the first day of the bars and how many days they cover."""
    known = {one.symbol: one for one in products(10_000)}
    days = RecordedMarket(seed, files, known).days
    if not days:
        raise BadSetup("there is no bar in the files")
    return days[0], (days[-1] - days[0]).days + 1
