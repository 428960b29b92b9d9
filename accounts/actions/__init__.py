"""What is done to log-ins; each deed and its record share a transaction."""

from accounts.actions.login import Unverified, WrongLogin, log_in
from accounts.actions.people import (
    AddressTaken,
    Known,
    OtherGroup,
    TraderTaken,
    UsernameTaken,
    change_user,
    confirm_address,
    create_user,
    delete_user,
    hold_place,
    known,
    link,
    note_change,
    rename,
    set_opt_out,
    set_password,
)
from accounts.actions.places import merge_traders, move_trader

__all__ = [
    "AddressTaken",
    "Known",
    "OtherGroup",
    "TraderTaken",
    "Unverified",
    "UsernameTaken",
    "WrongLogin",
    "change_user",
    "confirm_address",
    "create_user",
    "delete_user",
    "hold_place",
    "known",
    "link",
    "log_in",
    "merge_traders",
    "move_trader",
    "note_change",
    "rename",
    "set_opt_out",
    "set_password",
]
