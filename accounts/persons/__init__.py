"""One person's data: told to whom it is about, and erased. Every room keeps its own list.

A person is a log-in, the trader linked to it, and the trader's accounts; or a trader without a
log-in. Rooms above register a keeper each; a test finds the table that no keeper answers for.
"""

from accounts.persons.erasure import erase, sweep
from accounts.persons.export import file_name, write
from accounts.persons.words import (
    File,
    Keeper,
    NobodySuch,
    Person,
    Rows,
    keepers,
    person_of,
    person_of_trader,
    register,
)

__all__ = [
    "File",
    "Keeper",
    "NobodySuch",
    "Person",
    "Rows",
    "erase",
    "file_name",
    "keepers",
    "person_of",
    "person_of_trader",
    "register",
    "sweep",
    "write",
]
