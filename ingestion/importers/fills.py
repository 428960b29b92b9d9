"""Fill files -> our words, the same each time the same file is read.

Identity: the file's execution id. Files repeat ids, so what comes again gets its count: the first
line of an id keeps it ("4711"), the same line again is "4711#2", a line of that id with another
content "4711~<print of the content>". Without an id, a line is its content: "row-<print>", "#2" for
the next one alike. A file that has grown at its end thus keeps the identities it had.

Receive time: the told one, or the execution time; lines of one account, contract and stamp get
0, 1, 2 ... nanoseconds more in the order of the file, because the books order by it. A file that
runs from new to old is counted from its end.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingestion.importers import table
from ingestion.importers.formats import FORMATS, Execution, Format
from ingestion.importers.instants import day_of, zone_named
from ingestion.importers.table import BadLine, FileRefused
from ingestion.parse import contract_names, foreign
from ingestion.providers.base import Action, Fill, Kind

CODES = tuple(sorted(layout.code for layout in FORMATS))


def read_fills(
    source: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    timezone: str | None = None,
    account: str | None = None,
) -> Iterator[Fill | BadLine]:
    """Return the fills of a file in its order, and its bad lines, each with reason and number.

    format    one of CODES; None: found by the header
    timezone  IANA name, for times without a zone
    account   for lines without one
    raises    FileRefused before anything is given out, so that a file is read whole or not at all
    """
    zone = zone_named(timezone)
    found: list[Execution | BadLine] = []
    with table.opened(source) as read:
        layout = _layout(read.headers, format)
        for line in read.lines:
            if isinstance(line, BadLine):
                found.append(line)
                continue
            try:
                found.extend(layout.read(line, zone))
            except foreign.Unusable as reason:
                found.append(line.refused(str(reason)))
    return iter(_fills(found, account))


def detect(source: Path | str) -> str:
    """Return the code of the format that the header shows. Raises FileRefused."""
    with table.opened(source) as read:
        return _layout(read.headers, None).code


def _layout(headers: frozenset[str], code: str | None) -> Format:
    if code is None:
        for layout in FORMATS:
            if not layout.missing(headers):
                return layout
        raise FileRefused(
            f"the header fits none of the formats {', '.join(CODES)}; the plain one has the "
            "columns contract, side, quantity, price, executed_at"
        )
    for layout in FORMATS:
        if layout.code == code:
            if missing := layout.missing(headers):
                raise FileRefused(f"format {code} needs the columns {', '.join(missing)}")
            return layout
    raise FileRefused(f"no format is called {code!r}: use one of {', '.join(CODES)}")


def _fills(found: list[Execution | BadLine], account: str | None) -> list[Fill | BadLine]:
    ranks = _ranks(found)
    first: dict[tuple[str, str], str] = {}
    alike: Counter[tuple[str, str, str]] = Counter()
    fills: list[Fill | BadLine] = []
    for item, rank in zip(found, ranks, strict=True):
        if isinstance(item, BadLine):
            fills.append(item)
            continue
        owner = item.account or account
        if owner is None:
            raise FileRefused(
                f"line {item.line.number} has no account: say which one with --account"
            )
        try:
            owner = foreign.name({"account": owner}, "account")
            contract, kind = _contract(item)
        except foreign.Unusable as reason:
            fills.append(item.line.refused(str(reason)))
            continue
        content = _print(item, owner, contract)
        told = item.told_id or f"row-{content}"
        alike[owner, told, content] += 1
        same = first.setdefault((owner, told), content) == content
        count = alike[owner, told, content]
        fills.append(
            Fill(
                exec_id=(told if same else f"{told}~{content[:12]}")
                + (f"#{count}" if count > 1 else ""),
                leg_index=0,
                ref_exec_id=None,
                action=Action.NEW,
                account_id=owner,
                instrument_id=contract,
                kind=kind,
                synthetic=item.synthetic,
                side=item.side,
                quantity=item.quantity,
                price=item.price,
                exec_time_ns=item.executed_ns,
                recv_time_ns=_received(item) + rank,
                fees=item.fees,
                position_effect=item.position_effect,
                raw=foreign.raw_row(dict(item.line.cells)),
            )
        )
    return fills


def _ranks(found: list[Execution | BadLine]) -> list[int]:
    """Return each execution's place among those of its account, contract and receive stamp."""
    stamps = [item.executed_ns for item in found if isinstance(item, Execution)]
    backwards = len(stamps) > 1 and stamps[0] > stamps[-1] and stamps == sorted(stamps)[::-1]
    seen: Counter[tuple[str | None, str, int]] = Counter()
    ranks: list[int] = []
    for item in reversed(found) if backwards else found:
        if isinstance(item, BadLine):
            ranks.append(0)
            continue
        place = (item.account, item.contract, _received(item))
        ranks.append(seen[place])
        seen[place] += 1
    return ranks[::-1] if backwards else ranks


def _received(item: Execution) -> int:
    return item.executed_ns if item.received_ns is None else item.received_ns


def _contract(item: Execution) -> tuple[str, Kind]:
    """Return the contract in TT's form; options and spreads keep the file's own name."""
    try:
        return contract_names.tt_form(item.contract, on=day_of(item.executed_ns)), item.kind
    except contract_names.UnknownName as reason:
        what = contract_names.kind_of(item.contract)
        if what == "other":
            raise foreign.Unusable(str(reason)) from None
    name = foreign.name({"contract": item.contract}, "contract")
    return name, Kind.SPREAD if what == "spread" and item.kind is Kind.OUTRIGHT else item.kind


def _print(item: Execution, account: str, contract: str) -> str:
    """A print of what happened, whatever the file's columns are called."""
    facts = (
        account,
        contract,
        item.side,
        item.quantity,
        item.price.normalize(),
        item.executed_ns,
        item.line.get("ttorderid", "orderid") or "",
    )
    text = "\0".join(map(str, facts))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
