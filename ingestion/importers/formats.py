"""The layouts of fill files that we read: each turns a line into executions.

tt
    TT's own export of fills (Fills widget, Fill and Audit Trail Service, TT's sample downloader):
    `Date (UTC), Time (UTC), Exchange, Contract, B/S, FillQty, Price, ..., O/C, Account, ...,
    TTOrderID, ..., ExchTransID, ..., ExchDate (UTC), ExchTime (UTC), ManualFill, ..., Fill Type`.
    The exchange's time is the execution time where it is there, else TT's. A header with "(UTC)"
    needs no time zone. Prices must be decimal, not in 32nds.
tradovate-fills
    `orderId, execId, contractName, action, qty, price, timestamp, commission, accountId`, and the
    longer export with `Fill ID, B/S, Quantity, Contract, Account ...`
tradovate-performance
    Pairs: `symbol, ..., buyFillId, sellFillId, qty, buyPrice, sellPrice, pnl, boughtTimestamp,
    soldTimestamp`; each pair is two executions, its `pnl` is left alone.
tradovate-positions
    Pairs of the position history: `Position ID, ..., Account, Contract, ..., Pair ID, Buy Fill ID,
    Sell Fill ID, Paired Qty, Buy Price, Sell Price, ..., Bought Timestamp, Sold Timestamp`.
plain
    Ours: `contract, side, quantity, price, executed_at`, and if known `account, exec_id, fees,
    received_at, position_effect`. Side is buy or sell, times are ISO 8601, fees are in the
    contract's currency (left out = not known).

Headers are read without regard to case, blanks and punctuation; other columns are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal

from ingestion.importers.instants import nanoseconds
from ingestion.importers.table import Line
from ingestion.parse import foreign
from ingestion.parse.foreign import Unusable
from ingestion.providers.base import Kind

_SIDES = {
    **dict.fromkeys(("b", "buy", "bought", "bot", "1"), 1),
    **dict.fromkeys(("s", "sell", "sold", "sld", "2"), -1),
}
_SYNTHETIC = frozenset({"ALGO", "ASE", "AGGREGATOR"})
_MICRO = Decimal("1E-6")


@dataclass(frozen=True, slots=True)
class Execution:
    """What a line says of one execution, before it has an identity.

    told_id      the file's own execution id; None where it has none
    received_ns  the provider's time; None where the file does not tell
    """

    line: Line
    account: str | None
    contract: str
    side: int
    quantity: int
    price: Decimal
    executed_ns: int
    told_id: str | None = None
    received_ns: int | None = None
    fees: Decimal | None = None
    kind: Kind = Kind.OUTRIGHT
    synthetic: bool = False
    position_effect: str | None = None


Reader = Callable[[Line, tzinfo | None], tuple[Execution, ...]]


@dataclass(frozen=True, slots=True)
class Format:
    """A layout: its name, the columns it needs (each with its other names) and its reader."""

    code: str
    columns: tuple[tuple[str, ...], ...]
    read: Reader

    def missing(self, headers: frozenset[str]) -> list[str]:
        return [names[0] for names in self.columns if headers.isdisjoint(names)]


def _tt(line: Line, zone: tzinfo | None) -> tuple[Execution, ...]:
    received = _date_and_time(line, zone, "")
    executed = _date_and_time(line, zone, "exch") or received
    if executed is None:
        raise Unusable("date and time are missing")
    manual = (line.get("manualfill") or "").lower() in ("1", "true", "y", "yes")
    kind = _tt_kind(line.get("filltype") or "")
    return (
        Execution(
            line,
            line.get("account"),
            line.need("contract"),
            _side(line.need("bs", "side")),
            foreign.quantity(line.need(*_TT_QUANTITY), "FillQty"),
            _price(line.need("price"), "Price"),
            executed,
            told_id=_id(line, "uniqueexecid", "exchtransid", "execid"),
            received_ns=received,
            fees=_fees(line.get("fees", "commission")),
            kind=Kind.ADMIN if manual and kind is Kind.OUTRIGHT else kind,
            synthetic=(line.get("exchange", "exch") or "").upper() in _SYNTHETIC,
            position_effect=line.get("oc"),
        ),
    )


def _tradovate_fills(line: Line, zone: tzinfo | None) -> tuple[Execution, ...]:
    told = line.get("_timestamp")  # the longer export has the instant in UTC here
    return (
        Execution(
            line,
            line.get("accountid", "account"),
            line.need("contractname", "contract"),
            _side(line.need("action", "bs")),
            foreign.quantity(line.need("qty", "quantity"), "qty"),
            _price(line.need("price"), "price"),
            nanoseconds(told, UTC, us=True) if told else _us(line, zone, "timestamp"),
            told_id=_id(line, "execid", "fillid"),
            fees=_fees(line.get("commission")),
        ),
    )


def _pairs(line: Line, zone: tzinfo | None) -> tuple[Execution, ...]:
    """The half that came first stands first: by its time, else by its fill number."""
    pair = line.get("pairid")
    contract, account = line.need("contract", "symbol"), line.get("account", "accountid")
    size = foreign.quantity(line.need("pairedqty", "qty"), "qty")
    halves = []
    for side, fill, price, stamp in (
        (1, "buyfillid", "buyprice", "boughttimestamp"),
        (-1, "sellfillid", "sellprice", "soldtimestamp"),
    ):
        told = _id(line, fill)
        if told is None:
            raise Unusable(f"{fill} is missing")
        at = _us(line, zone, stamp)
        identity = f"{told}/{pair}" if pair else told
        worth = _price(line.need(price), price)
        order = (at, int(told) if told.isascii() and told.isdigit() else 0)
        execution = Execution(line, account, contract, side, size, worth, at, told_id=identity)
        halves.append((order, execution))
    halves.sort(key=lambda half: half[0])
    return tuple(execution for _, execution in halves)


def _plain(line: Line, zone: tzinfo | None) -> tuple[Execution, ...]:
    received = line.get("receivedat")
    return (
        Execution(
            line,
            line.get("account", "accountid"),
            line.need("contract"),
            _side(line.need("side")),
            foreign.quantity(line.need("quantity"), "quantity"),
            _price(line.need("price"), "price"),
            nanoseconds(line.need("executedat"), zone),
            told_id=_id(line, "execid"),
            received_ns=nanoseconds(received, zone) if received else None,
            fees=_fees(line.get("fees")),
            position_effect=line.get("positioneffect"),
        ),
    )


_TT_QUANTITY = ("fillqty", "exeqty", "qty")
_TIME_COLUMNS = ("date", "dateutc", "exchdate", "exchdateutc")

# From the most telling header to the least: the first whose columns are all there is taken.
FORMATS = (
    Format(
        "tradovate-positions",
        (("pairid",), ("buyfillid",), ("sellfillid",), ("pairedqty",), ("contract",),
         ("buyprice",), ("sellprice",), ("boughttimestamp",), ("soldtimestamp",)),
        _pairs,
    ),
    Format(
        "tradovate-performance",
        (("symbol",), ("buyfillid",), ("sellfillid",), ("qty",), ("buyprice",), ("sellprice",),
         ("boughttimestamp",), ("soldtimestamp",)),
        _pairs,
    ),
    Format(
        "tradovate-fills",
        (("contractname", "contract"), ("action", "bs"), ("qty", "quantity"), ("price",),
         ("timestamp", "_timestamp"), ("execid", "fillid")),
        _tradovate_fills,
    ),
    Format(
        "plain",
        (("contract",), ("side",), ("quantity",), ("price",), ("executedat",)),
        _plain,
    ),
    Format(
        "tt",
        (("contract",), ("bs", "side"), _TT_QUANTITY, ("price",), _TIME_COLUMNS),
        _tt,
    ),
)  # fmt: skip


def _side(text: str) -> int:
    side = _SIDES.get(text.lower().removeprefix("side_"))
    if side is None:
        raise Unusable(f"neither bought nor sold: {text[:40]!r}")
    return side


def _price(text: str, what: str) -> Decimal:
    if "'" in text:
        raise Unusable(f"{what} is in fractions ({text[:40]!r}): export decimal prices")
    return foreign.price(text, what)


def _fees(text: str | None) -> Decimal | None:
    """Read "1.25", "$1.25" or "$(1.25)"; the last is a rebate."""
    if text is None:
        return None
    plain = text.replace("$", "")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    fees = foreign.price(plain, "the commission")
    if fees != fees.quantize(_MICRO):
        raise Unusable(f"the commission is finer than 0.000001: {text[:40]}")
    return fees


def _id(line: Line, *headers: str) -> str | None:
    told = line.get(*headers)
    return None if told is None else foreign.name({headers[0]: told}, headers[0])


def _us(line: Line, zone: tzinfo | None, header: str) -> int:
    return nanoseconds(line.need(header), zone, us=True)


def _date_and_time(line: Line, zone: tzinfo | None, which: str) -> int | None:
    """Join TT's two columns; "(UTC)" in the header is the zone."""
    for utc in ("utc", ""):
        day, hour = line.get(f"{which}date{utc}"), line.get(f"{which}time{utc}")
        if day and hour:
            return nanoseconds(f"{day} {hour}", UTC if utc else zone)
    return None


def _tt_kind(text: str) -> Kind:
    """TT's word for multiLegReportingType; the individual leg comes before the whole."""
    word = text.lower()
    if not word or "single" in word or "outright" in word or word in ("1", "normal"):
        return Kind.OUTRIGHT
    if "leg of" in word or "leg_of" in word or word in ("2", "leg"):
        return Kind.LEG
    if any(part in word for part in ("multi", "spread", "strategy", "summary")) or word == "3":
        return Kind.SPREAD
    raise Unusable(f"Fill Type is unknown: {text[:40]!r}")
