"""The doors of accounts: log-in and tokens, one's own user, the traders of a coach."""

from accounts.views.login import Login, Refresh, Revoke, Verify
from accounts.views.traders import Traders
from accounts.views.user import Me, OptOut

__all__ = ["Login", "Me", "OptOut", "Refresh", "Revoke", "Traders", "Verify"]
