"""Mails that are owed: written with their cause, in its transaction, and sent by a worker.

At least once: a worker that dies between sending a letter and saying so leaves it to be sent
again. What is in it, and whether anybody gets it, is decided when it is sent.
"""

from accounts.letters.outbox import Kind, write
from accounts.letters.post import send_next

__all__ = ["Kind", "send_next", "write"]
