"""Log-ins in the Django admin: made with a verified address, linked to a group and a trader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.http import HttpRequest
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts import actions
from accounts.models import CustomUser
from common import clock

FACTS = ("username", "email", "first_name", "last_name", "group", "trader", "is_admin", "opt_out")
RIGHTS = ("is_active", "is_staff", "is_superuser")

if TYPE_CHECKING:
    _Form = forms.ModelForm[CustomUser]
    _NewUserForm = AdminUserCreationForm[CustomUser]
    _UserForm = UserChangeForm[CustomUser]
    _UserAdmin = UserAdmin[CustomUser]
else:  # Django's own cannot be subscripted at run time
    _Form, _UserAdmin = forms.ModelForm, UserAdmin
    _NewUserForm, _UserForm = AdminUserCreationForm, UserChangeForm

for table in (OutstandingToken, BlacklistedToken):
    if admin.site.is_registered(table):
        admin.site.unregister(table)


class PlacedForm(_Form):
    """A user whose trader, if there is one, belongs to the user's group."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        trader, group = self.cleaned_data.get("trader"), self.cleaned_data.get("group")
        if trader is not None and (group is None or trader.group_id != group.pk):
            self.add_error("trader", actions.OtherGroup.message)
        return data


class NewUserForm(PlacedForm, _NewUserForm): ...


class UserForm(PlacedForm, _UserForm): ...


@admin.register(CustomUser)
class CustomUserAdmin(_UserAdmin):
    form = UserForm
    add_form = NewUserForm
    list_display = (
        "email", "username", "group", "trader", "is_admin", "opt_out", "is_active", "is_staff",
        "last_login",
    )  # fmt: skip
    list_filter = ("group", "is_admin", "opt_out", "is_active", "is_staff")
    list_select_related = ("group", "trader")
    search_fields = ("email", "username", "trader__name", "trader__accounts__account")
    ordering = ("email",)
    autocomplete_fields = ("group", "trader")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": (*FACTS, "password")}),
        ("Django admin", {"fields": (*RIGHTS, "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": (*FACTS, "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the deed, its record and the verified address together."""
        with transaction.atomic():
            before = actions.known(CustomUser.objects.get(pk=obj.pk)) if change else None
            super().save_model(request, obj, form, change)
            actions.note_change(
                before=before,
                user=obj,
                by=getattr(request.user, "email", ""),
                at=clock.now(),
                source="console",
            )
            if before is None:
                actions.confirm_address(obj)
