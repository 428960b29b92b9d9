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
from futures.queries.products import (
    ProductName,
    ProductRow,
    names_of,
    products,
    products_version,
    symbols,
    unknown_products,
)

__all__ = [
    "Calendar",
    "Choices",
    "Event",
    "Kinds",
    "ProductName",
    "ProductRow",
    "Window",
    "calendar_events",
    "calendar_version",
    "events_of",
    "names_of",
    "products",
    "products_version",
    "symbols",
    "unknown_countries",
    "unknown_event_types",
    "unknown_products",
]
