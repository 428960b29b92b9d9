"""Every write of the journal."""

from journal.actions.comments import acknowledge, say, take_back
from journal.actions.custom_tags import change_tag, delete_tag, make_tag
from journal.actions.entries import delete_entry, write_entry, write_entry_anew
from journal.actions.images import delete_image, take_in
from journal.actions.moving import attach
from journal.actions.notes import write_note
from journal.actions.prompts import Prompt, keep, welcome, write_prompts
from journal.actions.tagging import add_tags, remove_tag, set_tags, tag_trades

__all__ = [
    "Prompt",
    "acknowledge",
    "add_tags",
    "attach",
    "change_tag",
    "delete_entry",
    "delete_image",
    "delete_tag",
    "keep",
    "make_tag",
    "remove_tag",
    "say",
    "set_tags",
    "tag_trades",
    "take_back",
    "take_in",
    "welcome",
    "write_entry",
    "write_entry_anew",
    "write_note",
    "write_prompts",
]
