"""What is done to log-ins; each deed and its record share a transaction."""

from accounts.actions.login import Unverified, WrongLogin, log_in
from accounts.actions.people import (
    OtherGroup,
    confirm_address,
    create_user,
    record_change,
    rename,
    set_opt_out,
)

__all__ = [
    "OtherGroup",
    "Unverified",
    "WrongLogin",
    "confirm_address",
    "create_user",
    "log_in",
    "record_change",
    "rename",
    "set_opt_out",
]
