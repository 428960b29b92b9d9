"""The simulated provider: a real HTTP server that speaks TT's dialect, deterministic from a seed.

Beside the dialect of TT's REST API 2.0 it offers three things of ours:

* `ttpds/<env>/fxrate?currency=EUR&date=2026-03-31` -> {"rate": "1.0834"}, USD for one unit;
* `ttbars/<env>/bars?contract=ES Mar26&minTimestamp=..&maxTimestamp=..&nextPageKey=..` -> one-minute
  bars {"contract", "timeStamp" (start, ns), "open", "high", "low", "close", "volume"}, paged;
* `/truth/summary`, `/truth/fills`, `/truth/positions`: everything that the ledger has shown so far
  and what the books should make of it. Not part of the dialect, for tests and reconciliation.
"""

from ingestion.simulator.books import Truth
from ingestion.simulator.setup import BadSetup, Setup
from ingestion.simulator.simulator import Simulator

__all__ = ["BadSetup", "Setup", "Simulator", "Truth"]
