"""How the ledger reads a fill: alone, and within its chain of corrections. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.models import State
from ledger.words import NewFill


class Link(NamedTuple):
    """One stored row of a chain."""

    account_id: int
    exec_id: str
    leg_index: int
    ref_exec_id: str | None
    action: str
    received_ns: int


class Verdict(NamedTuple):
    """What a chain says of a row; `state` None leaves the row's own state.

    by, by_leg  the row that busts or replaces it
    """

    root_exec_id: str
    state: State | None = None
    reason: str = ""
    by: str | None = None
    by_leg: int | None = None


def first_state(fill: NewFill, *, has_point_value: bool) -> tuple[State, str]:
    """Return the state of a row by itself, before its chain is asked."""
    if fill.action == "cancel":
        return State.EXCLUDED, f"busts {fill.ref_exec_id}"
    if fill.synthetic:
        return State.EXCLUDED, "echo of a synthetic parent order"
    if fill.is_option:
        return State.EXCLUDED, "option"
    if fill.kind == "spread":
        return State.WAITING, "spread summary; its legs are not reported yet"
    if fill.contract_id is None:
        return State.WAITING, f"unknown instrument {fill.instrument_id}"
    if not has_point_value:
        return State.WAITING, "the point value of its contract is not known"
    return State.USABLE, ""


def settle_chain(links: Iterable[Link]) -> dict[tuple[str, int], Verdict]:
    """Say which rows of one account's chains count.

    A reference names a whole execution, all its legs. A bust voids every row of its chain for good,
    whenever it arrives. Otherwise the correction received last stands (a tie: the greater id) and
    replaces all others, also before the row that it names has arrived.
    """
    rows = list(links)
    parents = {row.exec_id: row.ref_exec_id for row in rows if row.ref_exec_id}
    roots: dict[str, str] = {}
    for row in rows:
        _find_root(row.exec_id, parents, roots)
    chains: dict[str, list[Link]] = {}
    for row in rows:
        chains.setdefault(roots[row.exec_id], []).append(row)
    verdicts: dict[tuple[str, int], Verdict] = {}
    for root, chain in chains.items():
        bust = min((row.exec_id for row in chain if row.action == "cancel"), default=None)
        fixes = [(row.received_ns, row.exec_id) for row in chain if row.action == "correct"]
        standing = max(fixes)[1] if fixes else root
        by = bust or standing
        legs = {row.leg_index for row in chain if row.exec_id == by}
        for row in chain:
            verdict = Verdict(root)
            leg = row.leg_index if row.leg_index in legs else min(legs, default=0)
            if row.action != "cancel" and bust is not None:
                verdict = Verdict(root, State.VOID, f"busted by {bust}", by, leg)
            elif row.action != "cancel" and row.exec_id != standing:
                verdict = Verdict(root, State.REPLACED, f"corrected by {standing}", by, leg)
            verdicts[row.exec_id, row.leg_index] = verdict
    return verdicts


def _find_root(exec_id: str, parents: Mapping[str, str], roots: dict[str, str]) -> None:
    """Add the first execution of the chain of `exec_id`, and of all on the way, to `roots`.

    A circle counts as its least id.
    """
    way: dict[str, int] = {}  # id -> place
    here = exec_id
    while here not in roots and here not in way:
        way[here] = len(way)
        if here not in parents:
            break
        here = parents[here]
    if here in roots:
        root = roots[here]
    elif here in parents:  # met again: a circle
        root = min(list(way)[way[here] :])
    else:
        root = here
    roots.update(dict.fromkeys(way, root))
