"""Log-ins in the console: made, linked, invited, locked out, and their last log-ins."""

from accounts.admin.users import CustomUserAdmin

__all__ = ["CustomUserAdmin"]
