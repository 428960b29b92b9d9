"""Where the console's own pages are, by the names that allauth asks for.

Nothing else of allauth is offered: no registration, no addresses, no password by mail, no other
sites' log-ins. The API has those of them that people need.
"""

from __future__ import annotations

from django.urls import path

from skyll.console import pages

urlpatterns = [
    path("login/", pages.Login.as_view(), name="account_login"),
    path("login/code/", pages.Code.as_view(), name="mfa_authenticate"),
    path("logout/", pages.Logout.as_view(), name="account_logout"),
    path("again/", pages.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("again/code/", pages.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("second-factor/", pages.SecondFactor.as_view(), name="mfa_index"),
    path("second-factor/set/", pages.SetApp.as_view(), name="mfa_activate_totp"),
    path("second-factor/remove/", pages.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", pages.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", pages.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("recovery-codes/file/", pages.CodesFile.as_view(), name="mfa_download_recovery_codes"),
]
