"""What an operator does that the books feel: prices and terms, and who an account belongs to."""

from ledger.admin import money, places

__all__ = ["money", "places"]
