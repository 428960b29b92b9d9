"""Log-in, second factor and recovery codes: allauth's views, in the admin's clothes."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts import second_factor
from accounts.models import CustomUser
from accounts.second_factor import Standing
from common import clock
from common.sealed import SealBroken


def way_in(request: HttpRequest, *, allowed: set[Standing], then: str) -> HttpResponse | None:
    """Return where a request has to go first, to go on to `then`; None: it may stay.

    allowed  what the session may still owe
    """
    if not request.user.is_authenticated:
        return redirect_to_login(then)
    if not request.user.is_staff:
        logout(request)  # no longer staff: this session is good for nothing
        return redirect_to_login(then)
    owed = second_factor.standing(request)
    if owed in allowed:
        return None
    if owed is Standing.TO_SET:
        return redirect("mfa_activate_totp")
    return redirect_to_login(then, reverse("mfa_reauthenticate"))


class Page:
    """What all pages of the console share: the admin's surroundings, and who may come."""

    title = ""
    allowed: set[Standing] | None = {Standing.NOTHING}  # None: anybody

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.allowed is not None:
            here = request.get_full_path()
            if elsewhere := way_in(request, allowed=self.allowed, then=here):
                return elsewhere
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]
        except SealBroken as broken:
            messages.error(request, str(broken))
            return redirect("mfa_index")

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        around = admin.site.each_context(self.request)  # type: ignore[attr-defined]
        own = super().get_context_data(**given)  # type: ignore[misc]
        for field in list(own["form"].fields.values())[:1] if "form" in own else ():
            field.widget.attrs["autofocus"] = True
        return {**around, "is_nav_sidebar_enabled": False, "title": self.title, **own}


class Login(Page, account.LoginView):  # type: ignore[misc]
    title, allowed = "Log in", None
    template_name = "console/login.html"


class Code(Page, mfa.AuthenticateView):  # type: ignore[misc]
    title, allowed = "Second factor", None
    template_name = "console/code.html"


class Logout(Page, account.LogoutView):  # type: ignore[misc]
    title, allowed = "Log out", None
    template_name = "console/logout.html"


class PasswordAgain(Page, account.ReauthenticateView):  # type: ignore[misc]
    title, allowed = "Is it still you?", set(Standing)
    template_name = "console/again.html"


class CodeAgain(Page, mfa.ReauthenticateView):  # type: ignore[misc]
    title, allowed = "Second factor", set(Standing)
    template_name = "console/again.html"


class SecondFactor(Page, mfa.IndexView):  # type: ignore[misc]
    title = "Second factor"
    template_name = "console/second_factor.html"


class SetApp(Page, totp.ActivateTOTPView):  # type: ignore[misc]
    """Who sets the app shows it by the same code."""

    title, allowed = "Set up an authenticator app", {Standing.NOTHING, Standing.TO_SET}
    template_name = "console/set_app.html"

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        answer = super().form_valid(form)
        user = _staff(self.request)
        second_factor.shown(self.request, user)
        second_factor.note(user=user, is_set=True, by=user.email, at=clock.now())
        return answer  # type: ignore[no-any-return]


class RemoveApp(Page, totp.DeactivateTOTPView):  # type: ignore[misc]
    title = "Remove the authenticator app"
    template_name = "console/remove_app.html"

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        user = _staff(self.request)
        second_factor.note(user=user, is_set=False, by=user.email, at=clock.now())
        return super().form_valid(form)  # type: ignore[no-any-return]


class Codes(Page, codes.ViewRecoveryCodesView):  # type: ignore[misc]
    title = "Recovery codes"
    template_name = "console/codes.html"


class NewCodes(Page, codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    title = "New recovery codes"
    template_name = "console/new_codes.html"


class CodesFile(Page, codes.DownloadRecoveryCodesView):  # type: ignore[misc]
    pass


def _staff(request: HttpRequest) -> CustomUser:
    user = request.user
    if not isinstance(user, CustomUser):
        raise TypeError("This page must not be reached without a log-in")
    return user
