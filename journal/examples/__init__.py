"""What the answers look like, for Swagger."""

from journal.examples.prompts import WELCOME_PROMPT

__all__ = ["WELCOME_PROMPT"]
