"""Log-ins in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts import actions, letters
from accounts.actions.console import note_password
from accounts.admin.deeds import DEEDS, Deeds
from accounts.admin.facts import Facts
from accounts.admin.forms import NewUserForm, UserForm
from accounts.admin.persons import PERSON_DEEDS, Persons
from accounts.models import CustomUser
from common import clock
from common.admin import Has, mark, operator

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[CustomUser]
else:  # Django's own cannot be subscripted at run time
    _UserAdmin = UserAdmin

PERSON = ("email", "username", "first_name", "last_name")
PLACE = ("group", "trader", "is_admin", "opt_out")
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
TOLD = (
    "last_login", "last_log_ins", "open_sessions", "second_factor", "locked_until", "date_joined",
    "in_the_log",
)  # fmt: skip


@admin.register(CustomUser)
class CustomUserAdmin(Facts, Deeds, Persons, _UserAdmin):
    """Staff log-ins are for superusers: whoever could change one could become it."""

    form = UserForm
    add_form = NewUserForm
    add_form_template = "accounts/add_form.html"
    list_display = (
        "email", "group", "trader", "role", mark("opt_out", "opted out"), "is_active", "last_login",
        "has_second_factor",
    )  # fmt: skip
    list_filter = (
        "group", "is_admin", ("trader", Has), "opt_out", "is_active",
        "is_staff", "last_login",
    )  # fmt: skip
    list_select_related = ("group", "trader")
    list_per_page = 50
    search_fields = (
        "email", "username", "first_name", "last_name", "trader__name", "trader__accounts__account",
    )  # fmt: skip
    search_help_text = "E-mail address, name, trader or account id"
    ordering = ("email",)
    autocomplete_fields = ("group", "trader")
    actions = (*DEEDS, *PERSON_DEEDS)
    fieldsets = (
        (None, {"fields": (*PERSON, "password")}),
        ("Place", {"fields": (*PLACE, "is_active")}),
        ("Console", {"fields": RIGHTS, "classes": ("collapse",)}),
        ("Log-ins", {"fields": TOLD}),
    )
    add_fieldsets = (
        (None, {"fields": (*PERSON, "usable_password", "password1", "password2")}),
        ("Place", {"fields": PLACE}),
        ("Console", {"fields": ("is_staff", "is_superuser"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomUser]:
        mine = Authenticator.objects.filter(user=OuterRef("pk"))
        return super().get_queryset(request).annotate(has_factor=Exists(mine))

    @admin.display(description="role", ordering="is_admin")
    def role(self, user: CustomUser) -> str:
        roles = {
            "superuser": user.is_superuser,
            "staff": user.is_staff and not user.is_superuser,
            "admin": user.is_admin,
            "trader": user.trader_id is not None,
        }
        return ", ".join(role for role, has in roles.items() if has)

    @admin.display(description="2nd factor", boolean=True, ordering="has_factor")
    def has_second_factor(self, user: Any) -> bool | None:
        return user.has_factor if user.is_staff or user.has_factor else None

    # -- who may do what -----------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep rights to superusers, and nobody's own rights to themselves."""
        if not request.user.is_superuser:
            return (*TOLD, *RIGHTS)
        return (*TOLD, "is_active", "is_staff", "is_superuser") if obj == request.user else TOLD

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return found if request.user.is_superuser else [one for one in found if one[0] != "Console"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_in_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time and by superusers: to deactivate keeps the history of a log-in."""
        return bool(request.user.is_superuser) and obj is not None and obj != request.user

    # -- deeds ---------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.known = None
        pending = None if change else form.pending
        if pending is not None:
            by, at = operator(request), clock.now()
            actions.delete_user(user=pending, by=by, at=at, source="console")
        if change:
            form.known = actions.known(CustomUser.objects.select_for_update().get(pk=obj.pk))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the deed down when its last row is in, permissions included."""
        super().save_related(request, form, formsets, change)
        user, at = form.instance, clock.now()
        actions.note_change(
            before=form.known, user=user, by=operator(request), at=at, source="console"
        )
        if not change:
            actions.confirm_address(user)
            if form.is_invited:
                letters.write("invitation", email=user.email, at=at)

    def delete_model(self, request: HttpRequest, obj: CustomUser) -> None:
        actions.delete_user(user=obj, by=operator(request), at=clock.now(), source="console")

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002
        """Write a new password down, and end every session that began with the old one."""
        user = self.get_object(request, unquote(id))
        before = actions.known(user) if user else None
        answer = super().user_change_password(request, id, form_url)
        if user is not None and before is not None:
            note_password(user=user, before=before, by=operator(request), at=clock.now())
        return answer
