"""What packages of ours show in the console, and what an operator has no use for."""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_celery_beat.models import ClockedSchedule, SolarSchedule
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

UNSEEN = (
    # Their deeds stand among the actions of users: written down, and without secrets in sight.
    EmailAddress, EmailConfirmation, Authenticator, OutstandingToken, BlacklistedToken,
    # Nobody logs in here by another site.
    SocialAccount, SocialApp, SocialToken,
    # The schedule has neither single moments nor sunrises.
    ClockedSchedule, SolarSchedule,
)  # fmt: skip

for model in UNSEEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class PermissionGroupAdmin(GroupAdmin):
    """Sets of permissions for staff; who could change one could raise the own rights."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


admin.site.unregister(Group)
admin.site.register(Group, PermissionGroupAdmin)
