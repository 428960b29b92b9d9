"""Rows of TT's REST API 2.0 -> our words. Pure; a row that does not fit becomes a Misfit.

Sources: the TT REST 2.0 pages (services, lower case paths, 303) and TT's own sample "fill
downloader", whose reading of `/fills`, `/orderdata`, `/markets`, `/instrument/{id}` and
`/account/{id}` we follow. Settled here, because no public document says it:

* `multiLegReportingType` is often left out for outright fills (the sample reads it with a
  default), so a missing one is an outright; an unknown one is a misfit.
* `fillsGroup` (FIX FillsGrp: one match through several price levels): with two or more components
  that add up to `lastQty`, each is a fill of its own, `leg_index` 1.. in the order of
  `fillExecId`, because the row's `lastPx` may be a rounded average. One component is the row
  itself, index 0. A cancel is never divided: it voids every component of the execution it names.
* Besides "ALGO", the markets "ASE" and "AGGREGATOR" are TT's own synthetic ones in the sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingestion.parse import foreign
from ingestion.parse.foreign import Unusable
from ingestion.providers.base import Account, Action, Bar, Fill, Kind, Misfit, ProviderPosition

REF_FIELD = "execRefID"

_SIDES = {"1": 1, "2": -1}
_ACTIONS = {"14": Action.NEW, "15": Action.CORRECT, "16": Action.CANCEL}
_KINDS = {"1": Kind.OUTRIGHT, "2": Kind.LEG, "3": Kind.SPREAD}
_SYNTHETIC = frozenset({"ALGO", "ASE", "AGGREGATOR"})
_TRUE = frozenset({"true", "1", "y", "yes"})
_FALSE = frozenset({"false", "0", "n", "no", ""})


def fills(row: Any, *, markets: Mapping[str, str] | None = None) -> tuple[Fill, ...] | Misfit:
    """Translate one row of `ttledger/fills`.

    row      as `foreign.read_json` gives it: no floats
    markets  market id -> name, for rows whose `marketId` is a number
    returns  one fill, or one per component of a `fillsGroup`, or a Misfit; never raises
    """
    raw = foreign.raw_row(row)
    try:
        if not isinstance(row, Mapping):
            raise Unusable("the row is not an object")
        return _fills(row, raw, markets or {})
    except Unusable as reason:
        return Misfit(raw, str(reason))


def _fills(
    row: Mapping[str, Any], raw: Mapping[str, Any], markets: Mapping[str, str]
) -> tuple[Fill, ...]:
    action = _ACTIONS[_word(row, "execType", _ACTIONS)]
    ref = foreign.optional_name(row, REF_FIELD)
    if action is not Action.NEW and ref is None:
        raise Unusable(f"{REF_FIELD} is missing: the {action} names no execution")
    effect = row.get("positionEffect")
    whole = Fill(
        exec_id=foreign.name(row, "uniqueExecId"),
        leg_index=0,
        ref_exec_id=ref if action is not Action.NEW else None,
        action=action,
        account_id=foreign.name(row, "accountId"),
        instrument_id=foreign.name(row, "instrumentId"),
        kind=_kind(row),
        synthetic=_market(row, markets) in _SYNTHETIC,
        side=_SIDES[_word(row, "side", _SIDES)],
        quantity=foreign.quantity(foreign.present(row, "lastQty"), "lastQty"),
        price=foreign.price(foreign.present(row, "lastPx"), "lastPx"),
        exec_time_ns=foreign.nanoseconds(foreign.present(row, "transactTime"), "transactTime"),
        recv_time_ns=foreign.nanoseconds(foreign.present(row, "timeStamp"), "timeStamp"),
        fees=None,
        position_effect=None if effect in (None, "") else foreign.name(row, "positionEffect"),
        raw=raw,
    )
    group = row.get("fillsGroup")
    if not group or action is Action.CANCEL:
        return (whole,)
    return _components(group, whole)


def _components(group: Any, whole: Fill) -> tuple[Fill, ...]:
    if not isinstance(group, list) or not all(isinstance(part, Mapping) for part in group):
        raise Unusable("fillsGroup is not a list of components")
    parts = [
        (
            foreign.name(part, "fillExecId"),
            foreign.quantity(foreign.present(part, "fillQty"), "fillQty"),
            foreign.price(foreign.present(part, "fillPx"), "fillPx"),
        )
        for part in group
    ]
    total = sum(quantity for _, quantity, _ in parts)
    if total != whole.quantity:
        raise Unusable(f"fillsGroup adds up to {total}, lastQty is {whole.quantity}")
    if len(parts) == 1:
        if parts[0][2] != whole.price:
            raise Unusable(f"fillsGroup says {parts[0][2]}, lastPx is {whole.price}")
        return (whole,)
    if len({identity for identity, _, _ in parts}) < len(parts):
        raise Unusable("fillsGroup repeats a fillExecId")
    parts.sort(key=lambda part: (len(part[0]), part[0]))
    return tuple(
        replace(whole, leg_index=index, quantity=quantity, price=price)
        for index, (_, quantity, price) in enumerate(parts, start=1)
    )


def stamp(row: Any) -> int | None:
    """Return the row's `timeStamp`, by which TT's ledger is read on; None where unreadable."""
    try:
        return foreign.nanoseconds(row["timeStamp"], "timeStamp")
    except (Unusable, KeyError, TypeError):
        return None


def account(row: Any, *, is_sim: bool) -> Account | Misfit:
    """Translate one row of `ttaccount/accounts` or `/account/{id}`; never raises."""
    try:
        if not isinstance(row, Mapping):
            raise Unusable("the row is not an object")
        return Account(
            account_id=foreign.name(row, "id"),
            name=foreign.name(row, "name"),
            is_sim=is_sim,
            parent_id=foreign.optional_name(row, "parentId"),
        )
    except Unusable as reason:
        return Misfit(foreign.raw_row(row), str(reason))


def position(row: Any) -> ProviderPosition:
    """Translate one row of `ttmonitor/position`. Raises Unusable."""
    if not isinstance(row, Mapping):
        raise Unusable("the row is not an object")
    return ProviderPosition(
        account_id=foreign.name(row, "accountId"),
        instrument_id=foreign.name(row, "instrumentId"),
        quantity=foreign.whole(foreign.present(row, "netPosition"), "netPosition"),
    )


def bar(row: Any) -> Bar | Misfit:
    """Translate one row of `ttbars/bars`, stamped at its start in nanoseconds; never raises."""
    try:
        if not isinstance(row, Mapping):
            raise Unusable("the row is not an object")
        start = foreign.nanoseconds(foreign.present(row, "timeStamp"), "timeStamp")
        if start % 60_000_000_000:
            raise Unusable(f"timeStamp does not start a minute: {start}")
        read = Bar(
            contract=foreign.name(row, "contract"),
            start_at=datetime.fromtimestamp(start // 1_000_000_000, UTC),
            open=foreign.price(foreign.present(row, "open"), "open"),
            high=foreign.price(foreign.present(row, "high"), "high"),
            low=foreign.price(foreign.present(row, "low"), "low"),
            close=foreign.price(foreign.present(row, "close"), "close"),
            volume=foreign.whole(foreign.present(row, "volume"), "volume"),
        )
        check_bar(read)
    except Unusable as reason:
        return Misfit(foreign.raw_row(row), str(reason))
    return read


def check_bar(bar: Bar) -> None:
    """Raise Unusable where a bar contradicts itself."""
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise Unusable(f"low {bar.low} .. high {bar.high} do not hold the open and the close")
    if bar.volume < 0:
        raise Unusable(f"volume is negative: {bar.volume}")


def _word(row: Mapping[str, Any], key: str, words: Mapping[str, object]) -> str:
    value = str(foreign.present(row, key))
    if value not in words:
        raise Unusable(f"{key} is unknown: {foreign.storable(value)[:40]!r}")
    return value


def _kind(row: Mapping[str, Any]) -> Kind:
    if row.get("multiLegReportingType") in (None, ""):
        kind = Kind.OUTRIGHT
    else:
        kind = _KINDS[_word(row, "multiLegReportingType", _KINDS)]
    manual = str(row.get("manualFill") if row.get("manualFill") is not None else "").lower()
    if manual not in _TRUE | _FALSE:
        raise Unusable(f"manualFill is unknown: {foreign.storable(manual)[:40]!r}")
    return Kind.ADMIN if kind is Kind.OUTRIGHT and manual in _TRUE else kind


def _market(row: Mapping[str, Any], markets: Mapping[str, str]) -> str:
    market = foreign.name(row, "marketId")
    return markets.get(market, market).upper()
