"""The journal in the Django admin."""

from journal.admin.prompts import WelcomePromptAdmin
from journal.admin.taxonomy import TagAdmin

__all__ = ["TagAdmin", "WelcomePromptAdmin"]
