"""The words of the calendar: types of events, and the areas whose economies they are about."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

# Other types may be stored: whatever stands in a row may be asked for.
EVENT_TYPES = {
    "fomc": "rate decision of the Federal Reserve",
    "ecb": "rate decision of the European Central Bank",
    "boe": "rate decision of the Bank of England",
    "boj": "rate decision of the Bank of Japan",
    "rate_decision": "of any other central bank",
    "employment": "Employment Situation (non-farm payrolls) and its like elsewhere",
    "jobless_claims": "weekly claims",
    "cpi": "consumer prices",
    "ppi": "producer prices",
    "pce": "personal income and outlays, with their price index",
    "gdp": "gross domestic product",
    "retail_sales": "retail sales",
    "ism": "surveys of the Institute for Supply Management",
    "pmi": "other surveys of purchasing managers",
    "confidence": "consumer confidence and sentiment",
    "crude_inventories": "weekly petroleum status",
    "gas_storage": "weekly natural gas storage",
    "speech": "testimony, press conference, minutes",
    "other": "all else",
}
AREAS = {
    "USD": "US",
    "EUR": "EU",  # the euro area
    "GBP": "GB",
    "JPY": "JP",
    "CHF": "CH",
    "CAD": "CA",
    "AUD": "AU",
    "NZD": "NZ",
    "CNY": "CN",
    "SGD": "SG",
    "HKD": "HK",
    "INR": "IN",
    "KRW": "KR",
    "BRL": "BR",
    "MXN": "MX",
    "ZAR": "ZA",
    "SEK": "SE",
    "NOK": "NO",
}
IMPORTANCES = ("low", "medium", "high")


class NewEvent(NamedTuple):
    """An event as it was told; a figure that was not told is None.

    at      an aware instant
    source  who told it, if not the one who tells all
    """

    country: str
    name: str
    at: datetime
    event_type: str
    importance: str
    actual: str | None = None
    forecast: str | None = None
    previous: str | None = None
    source: str | None = None
