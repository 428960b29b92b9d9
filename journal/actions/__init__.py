"""Every write of the journal."""

from journal.actions.prompts import Prompt, keep, welcome, write_prompts

__all__ = ["Prompt", "keep", "welcome", "write_prompts"]
