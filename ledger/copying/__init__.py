"""Trades from one database into another: a file out of production, into development.

What a trade needs comes along: its group, trader, account, product and contract. Users, fills and
bars stay where they are, so a copy tells what closed trades tell, and nothing of single minutes.
"""

from ledger.copying.bringing import Brought, bring_in
from ledger.copying.file import CopyRefused, newest, prune
from ledger.copying.writing import Written, write_copy

__all__ = ["Brought", "CopyRefused", "Written", "bring_in", "newest", "prune", "write_copy"]
