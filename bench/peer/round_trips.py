"""python round_trips.py FILLS.npz: pyfolio's round trips of these fills, as JSON.

Runs among pyfolio's packages and not among ours. The file has columns group, signed, price, at
(seconds); the answer seconds, how many trips, and their PnL in price times contracts.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")  # pyfolio's own, of pandas


def main() -> None:
    pyfolio = importlib.import_module("pyfolio.round_trips")
    fills = np.load(sys.argv[1])
    transactions = pd.DataFrame(
        {
            "amount": fills["signed"],
            "price": fills["price"],
            "symbol": [f"g{number}" for number in fills["group"].tolist()],
        },
        index=pd.to_datetime(fills["at"], unit="s", utc=True),
    )
    start = time.perf_counter()
    trips = pyfolio.extract_round_trips(transactions)
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, "trips": len(trips), "pnl": float(trips.pnl.sum())}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
