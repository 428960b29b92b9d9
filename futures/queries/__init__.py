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
from futures.queries.products import ProductRow, products, products_version, unknown_products

__all__ = [
    "Calendar",
    "Choices",
    "Event",
    "Kinds",
    "ProductRow",
    "Window",
    "calendar_events",
    "calendar_version",
    "events_of",
    "products",
    "products_version",
    "unknown_countries",
    "unknown_event_types",
    "unknown_products",
]
