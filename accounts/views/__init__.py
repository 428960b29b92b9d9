"""The doors of accounts: registration, log-in, passwords, one's own user, a coach's traders."""

from accounts.views.login import Login, Refresh, Revoke, Verify
from accounts.views.passwords import ChangePassword, ConfirmReset, ResetPassword
from accounts.views.registration import Registration, ResendEmail, VerifyEmail
from accounts.views.traders import Traders
from accounts.views.user import Me, OptOut

__all__ = [
    "ChangePassword",
    "ConfirmReset",
    "Login",
    "Me",
    "OptOut",
    "Refresh",
    "Registration",
    "ResendEmail",
    "ResetPassword",
    "Revoke",
    "Traders",
    "Verify",
    "VerifyEmail",
]
