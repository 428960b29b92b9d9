"""The journal in the Django admin."""

from journal.admin.prompts import WelcomePromptAdmin

__all__ = ["WelcomePromptAdmin"]
