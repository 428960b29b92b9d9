"""Trading Technologies REST API 2.0, and everything that speaks its dialect.

Two services are extensions that only the simulated provider offers, `ttpds/fxrate` and
`ttbars/bars`; against TT itself a 404 there means "not offered".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingestion.parse import foreign, tt, tt_instruments
from ingestion.providers.answers import Unconfirmed, Unfit, fitting, is_last, one_of, rows_of
from ingestion.providers.base import (
    Account,
    Bar,
    Fill,
    Instrument,
    InstrumentRefused,
    Misfit,
    Page,
    ProviderError,
    ProviderPosition,
    StampFull,
    UnknownInstrument,
    Unsupported,
)
from ingestion.providers.session import NotThere, Session
from ingestion.providers.window import Reading

WIDE_WINDOW_NS = 3_600_000_000_000


class TT:
    """Implements Provider and PriceSource over one Session."""

    def __init__(self, session: Session, *, code: str = "tt") -> None:
        self.code = code
        self._session = session
        self._is_sim = session.environment.endswith("_sim")
        self._products: dict[str, Mapping[str, Any]] = {}
        self._names: dict[str, Mapping[str, str]] = {}

    def __repr__(self) -> str:
        return f"TT({self._session!r})"

    # -- Provider --------------------------------------------------------------------------

    def list_accounts(self, cursor: str | None) -> Page[Account]:
        """Return a page of the accounts that the key sees; give-up accounts are not among them."""
        rows, onward = self._page("ttaccount", "accounts", key="accounts", cursor=cursor)
        read = [tt.account(row, is_sim=self._is_sim) for row in rows]
        return Page(
            items=tuple(item for item in read if isinstance(item, Account)),
            next_cursor=onward,
            misfits=tuple(item for item in read if isinstance(item, Misfit)),
        )

    def get_account(self, account_id: str) -> Account | None:
        """Return one account, also one that the list leaves out; None where TT has none."""
        try:
            told = self._session.get("ttaccount", "account", account_id)
        except NotThere:
            return None
        for row in rows_of(told, "account"):
            read = tt.account(row, is_sim=self._is_sim)
            if isinstance(read, Misfit):
                raise ProviderError(f"account {account_id} cannot be read: {read.reason}")
            if read.account_id == account_id:
                return read
        return None

    def list_fills(self, since_ns: int, until_ns: int, cursor: str | None) -> Page[Fill]:
        """Return a page of the fills whose receive time lies in the window, ends included.

        TT answers at most 500 rows and no page key: the cursor reads on from the last stamp
        itself and knows which rows of that stamp were given out already. A row may come again
        in a later page; a repeat with another content is never held back.
        """
        reading = Reading.at(since_ns, until_ns, cursor)
        if cursor is None:
            self._check_words()
        try:
            fresh, onward = self._read_on(reading, first=cursor is None)
        except StampFull as full:
            full.page = self._fills(full.rows, None)
            raise
        return self._fills(fresh, onward)

    def _fills(self, rows: list[Any], onward: str | None) -> Page[Fill]:
        items: list[Fill] = []
        misfits: list[Misfit] = []
        markets = self._markets(rows)
        for row in rows:
            read = tt.fills(row, markets=markets)
            if isinstance(read, Misfit):
                misfits.append(read)
            else:
                items.extend(read)
        return Page(tuple(items), onward, tuple(misfits))

    def get_instrument(self, instrument_id: str) -> Instrument:
        """Return an instrument with its product. Raises UnknownInstrument, InstrumentRefused."""
        try:
            row = one_of(self._session.get("ttpds", "instrument", instrument_id), "instrument")
            product = self._product(foreign.name(row, "productId"))
            return tt_instruments.instrument(
                row,
                product,
                markets=self._markets([product]),
                product_types=self._product_types(row, product),
            )
        except NotThere:
            raise UnknownInstrument(f"TT has no instrument {instrument_id}") from None
        except foreign.Unusable as reason:
            raise InstrumentRefused(f"instrument {instrument_id} is refused: {reason}") from None

    def list_positions(self) -> list[ProviderPosition]:
        """Return all open positions in bulk; no row means flat. Raises Unsupported."""
        found: list[ProviderPosition] = []
        cursor: str | None = None
        while True:
            try:
                rows, cursor = self._page(
                    "ttmonitor", "position", key="positions", cursor=cursor, bulk=True
                )
                found.extend(tt.position(row) for row in rows)
            except NotThere:
                raise Unsupported("TT does not offer positions to this key") from None
            except foreign.Unusable as reason:
                # Without this row its account would look flat.
                raise ProviderError(f"a position cannot be read: {reason}") from None
            if cursor is None:
                return found

    def fx_rate(self, currency: str, day: date) -> Decimal | None:
        """Return USD per unit on that day, or None where it is not told. TT itself tells none."""
        if currency == "USD":
            return Decimal(1)
        try:
            told = self._session.get(
                "ttpds", "fxrate", params={"currency": currency, "date": day.isoformat()}
            )
            return foreign.rate(foreign.present(told, "rate"), "rate")
        except NotThere:
            return None
        except foreign.Unusable as reason:
            raise ProviderError(f"the rate of {currency} cannot be read: {reason}") from None

    # -- PriceSource -----------------------------------------------------------------------

    def list_bars(
        self, contract: str, since: datetime, until: datetime, cursor: str | None
    ) -> Page[Bar]:
        """Return a page of one-minute bars that start in the window. Raises Unsupported."""
        params: dict[str, str | int] = {
            "contract": contract,
            "minTimestamp": _nanoseconds(since),
            "maxTimestamp": _nanoseconds(until),
        }
        try:
            rows, onward = self._page("ttbars", "bars", key="bars", cursor=cursor, params=params)
        except NotThere:
            raise Unsupported(f"the provider offers no bars of {contract}") from None
        read = [tt.bar(row) for row in rows]
        return Page(
            items=tuple(item for item in read if isinstance(item, Bar)),
            next_cursor=onward,
            misfits=tuple(item for item in read if isinstance(item, Misfit)),
        )

    # -- lists -----------------------------------------------------------------------------

    def _page(
        self,
        service: str,
        endpoint: str,
        *,
        key: str,
        cursor: str | None,
        params: Mapping[str, str | int] | None = None,
        bulk: bool = False,
    ) -> tuple[list[Any], str | None]:
        """Return rows and the next page key. `bulk`: a list may leave `lastPage` out."""
        asked = {**(params or {}), **({"nextPageKey": cursor} if cursor else {})}

        def read() -> tuple[list[Any], str | None]:
            told = self._session.get(service, endpoint, params=asked)
            rows = rows_of(told, key)
            if (bulk and "lastPage" not in told) or is_last(told):
                return rows, None
            onward = str(told.get("nextPageKey") or "")
            if not onward or onward == cursor:
                raise Unfit(f"{endpoint}: more pages are promised, but no key leads to them")
            return rows, onward

        return fitting(read)

    def _read_on(self, reading: Reading, *, first: bool) -> tuple[list[Any], str | None]:
        asked = {"minTimestamp": reading.start_ns, "maxTimestamp": reading.until_ns}
        # Nothing in hours is rare and soon confirmed; a lost answer would be history lost.
        doubts = 1 if first and reading.until_ns - reading.start_ns > WIDE_WINDOW_NS else 0

        def read() -> tuple[list[Any], str | None]:
            nonlocal doubts
            told = self._session.get("ttledger", "fills", params=asked, halves=True)
            rows = rows_of(told, "fills")
            taken = reading.take(rows, claims_more=not is_last(told))
            if not rows and doubts:
                doubts -= 1
                raise Unconfirmed("no fill in hours: asked once more")
            return taken

        return fitting(read)

    # -- words -----------------------------------------------------------------------------

    def _product(self, product_id: str) -> Mapping[str, Any]:
        if product_id not in self._products:
            told = self._session.get("ttpds", "product", product_id)
            self._products[product_id] = one_of(told, "product")
        return self._products[product_id]

    def _markets(self, rows: list[Any]) -> Mapping[str, str]:
        """Market names, asked for once and only where a row carries a number."""
        numbered = any(
            isinstance(row, Mapping) and str(row.get("marketId", "")).isdigit() for row in rows
        )
        return self._enumeration("markets", "markets", "name") if numbered else {}

    def _product_types(self, *rows: Mapping[str, Any]) -> Mapping[str, str]:
        numbered = any(str(row.get("productTypeId", "")).isdigit() for row in rows)
        return self._enumeration("productdata", "productTypes", "desc") if numbered else {}

    def _enumeration(self, endpoint: str, key: str, told_as: str) -> Mapping[str, str]:
        if endpoint not in self._names:
            try:
                rows = rows_of(self._session.get("ttpds", endpoint), key)
            except NotThere:
                rows = []
            self._names[endpoint] = {
                str(row["id"]): str(row.get(told_as) or row.get("name") or "")
                for row in rows
                if isinstance(row, Mapping) and "id" in row
            }
        return self._names[endpoint]

    def _check_words(self) -> None:
        """Once: TT's own list must still say that side 1 buys and 2 sells."""
        if "orderdata" in self._names:
            return
        try:
            told = self._session.get("ttledger", "orderdata").get("orderData")
        except NotThere:
            told = None
        sides = told.get("side") if isinstance(told, Mapping) else None
        if isinstance(sides, Mapping):
            for number, word in (("1", "BUY"), ("2", "SELL")):
                if word not in str(sides.get(number, word)).upper():
                    raise ProviderError(
                        f"orderdata: side {number} is {sides[number]!r} and no longer {word}: "
                        "TT has changed its words, no fill was read"
                    )
        self._names["orderdata"] = {}


def _nanoseconds(at: datetime) -> int:
    """Exact: a float of seconds would lose the last digits."""
    whole = int(at.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + at.microsecond * 1_000
