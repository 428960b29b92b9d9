"""What is done to log-ins; each deed and its record share a transaction."""

from accounts.actions.claims import (
    AddressTaken,
    OtherGroup,
    TraderTaken,
    UsernameTaken,
    hold_place,
)
from accounts.actions.ensure import Ensured, ensure_user
from accounts.actions.login import Unverified, WrongLogin, log_in
from accounts.actions.passwords import (
    DeadKey,
    WeakPassword,
    WrongPassword,
    accept,
    change_password,
    confirm_reset,
    request_reset,
)
from accounts.actions.people import (
    Known,
    Unproven,
    change_user,
    confirm_address,
    create_user,
    delete_user,
    known,
    link,
    note_change,
    rename,
    set_opt_out,
    set_password,
)
from accounts.actions.places import merge_traders, move_trader
from accounts.actions.registration import NameTaken, register, resend, verify_email

__all__ = [
    "AddressTaken",
    "DeadKey",
    "Ensured",
    "Known",
    "NameTaken",
    "OtherGroup",
    "TraderTaken",
    "Unproven",
    "Unverified",
    "UsernameTaken",
    "WeakPassword",
    "WrongLogin",
    "WrongPassword",
    "accept",
    "change_password",
    "change_user",
    "confirm_address",
    "confirm_reset",
    "create_user",
    "delete_user",
    "ensure_user",
    "hold_place",
    "known",
    "link",
    "log_in",
    "merge_traders",
    "move_trader",
    "note_change",
    "register",
    "rename",
    "request_reset",
    "resend",
    "set_opt_out",
    "set_password",
    "verify_email",
]
