"""Public market facts."""

from futures.queries.calendar_events import (
    Calendar,
    Choices,
    Event,
    Kinds,
    Window,
    calendar_events,
    calendar_version,
    events_of,
    unknown_countries,
    unknown_event_types,
)
from futures.queries.prices import (
    ContractRow,
    NoBars,
    PriceData,
    Timeframe,
    UnknownContract,
    contract_named,
    price_data,
)
from futures.queries.products import (
    ProductName,
    ProductRow,
    names_of,
    products,
    products_version,
    symbols,
    unknown_products,
)
from futures.queries.rolls import FrontMonth, front_month, rolls_of

__all__ = [
    "Calendar",
    "Choices",
    "ContractRow",
    "Event",
    "FrontMonth",
    "Kinds",
    "NoBars",
    "PriceData",
    "ProductName",
    "ProductRow",
    "Timeframe",
    "UnknownContract",
    "Window",
    "calendar_events",
    "calendar_version",
    "contract_named",
    "events_of",
    "front_month",
    "names_of",
    "price_data",
    "products",
    "products_version",
    "rolls_of",
    "symbols",
    "unknown_countries",
    "unknown_event_types",
    "unknown_products",
]
