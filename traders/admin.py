"""Groups, traders and their accounts in the Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from common.admin import Admin, Inline
from traders.models import Group, Platform, PlatformAccount, Trader


@admin.register(Group)
class GroupAdmin(Admin[Group]):
    list_display = ("name", "traders", "min_cohort", "scratch_ticks", "is_archived")
    list_filter = ("is_archived",)
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        active = Count("traders", filter=Q(traders__is_archived=False))
        return super().get_queryset(request).annotate(trader_count=active)

    @admin.display(description="active traders", ordering="trader_count")
    def traders(self, group: Any) -> int:
        return int(group.trader_count)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # groups are archived


class AccountInline(Inline[PlatformAccount, Trader]):
    model = PlatformAccount
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ("platform", "environment", "account", "name", "is_sim")


@admin.register(Trader)
class TraderAdmin(Admin[Trader]):
    """The search also finds a trader by an account id, in the search box of a user too."""

    list_display = (
        "name",
        "group",
        "accounts",
        "offices",
        "floor",
        "stage",
        "style",
        "is_archived",
    )
    list_filter = ("group", "is_archived", "offices", "floor", "stage", "style")
    list_select_related = ("group",)
    search_fields = ("name", "accounts__account", "accounts__name")
    autocomplete_fields = ("group",)
    ordering = ("name", "id")
    inlines = (AccountInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trader]:
        return super().get_queryset(request).prefetch_related("accounts")

    @admin.display(description="accounts")
    def accounts(self, trader: Trader) -> str:
        return ", ".join(sorted(account.account for account in trader.accounts.all()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # traders are archived


@admin.register(Platform)
class PlatformAdmin(Admin[Platform]):
    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(PlatformAccount)
class PlatformAccountAdmin(Admin[PlatformAccount]):
    list_display = ("account", "name", "platform", "environment", "trader", "is_sim")
    list_filter = ("platform", "environment", "is_sim", "trader__group")
    list_select_related = ("platform", "trader")
    search_fields = ("account", "name", "trader__name")
    autocomplete_fields = ("trader", "platform")
    ordering = ("account", "id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its fills stay
