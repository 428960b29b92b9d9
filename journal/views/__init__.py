"""The journal's doors: read, allow, ask, reply."""

from journal.views.prompts import WelcomePrompt

__all__ = ["WelcomePrompt"]
