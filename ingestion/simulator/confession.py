"""`/truth/...`: what the simulator knows about itself, for tests and reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ingestion.simulator.endpoints import Refused
from ingestion.simulator.reports import price_text

if TYPE_CHECKING:
    from ingestion.simulator.simulator import Simulator


def truth(simulator: Simulator, what: str) -> bytes:
    """Answer `/truth/...`: summary, fills or positions. Raises Refused."""
    told = simulator.truth()
    if what == "summary":
        return orjson.dumps(
            {
                "identities": len(told.told),
                "effective": len(told.effective),
                "unusable": len(told.unusable),
                "positions": len(told.positions),
                "faults": dict(sorted(simulator.plan.happened.items())),
            }
        )
    if what == "positions":
        return orjson.dumps(
            [
                {"environment": env, "accountId": account, "contract": name, "netPosition": held}
                for (env, account, name), held in sorted(told.positions.items())
            ]
        )
    if what == "fills":
        return orjson.dumps(
            [
                {
                    "environment": environment,
                    "accountId": account,
                    "uniqueExecId": identity,
                    "isEffective": report.is_effective,
                    "isUsable": report.told is not None,
                    "contract": report.told.instrument if report.told else None,
                    "signed": report.told.signed if report.told else None,
                    "price": price_text(report.told) if report.told else None,
                    "transactTime": str(report.told.ns) if report.told else None,
                }
                for (environment, account, identity), report in {
                    **told.told,
                    **told.unusable,
                }.items()
            ]
        )
    raise Refused(404, "ask for /truth/summary, /truth/fills or /truth/positions")
