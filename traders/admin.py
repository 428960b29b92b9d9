"""Groups, traders and their accounts in the console, every change written down.

What moves accounts between traders and groups needs log-ins and books: `ledger.admin` adds it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from audit.recorded import Recorded
from common import clock
from common.admin import Admin, Has, Inline, M, mark, operator
from traders import actions
from traders.models import Group, Platform, PlatformAccount, Trader

# Not read for a form, and so not written with it: they grow while it is filled in.
COUNTERS = (
    "books_version", "settled_version", "books_at", "candles_version", "journal_version",
    "rolled_group_id",
)  # fmt: skip
ARCHIVED, SIM = mark("is_archived", "archived"), mark("is_sim", "sim")


def told(trader: Trader) -> str:
    """Return a trader as a search box shows it: name, group, account ids, and what speaks against
    it. Wants group, accounts and user at hand."""
    accounts = ", ".join(sorted(account.account for account in trader.accounts.all()))
    user = getattr(trader, "user", None)
    parts = [trader.name, trader.group.name, accounts or "no accounts"]
    if trader.is_archived:
        parts.append("archived")
    if user is not None:
        parts.append(f"log-in {user}")
    return " · ".join(parts)


class Archiving(Recorded[M]):
    """Actions that take rows out of sight and bring them back; nothing here is deleted."""

    actions: tuple[str, ...] = ("archive", "restore")

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[M]) -> None:
        self._change(request, rows.filter(is_archived=False), actions.archive, "archived")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: HttpRequest, rows: QuerySet[M]) -> None:
        self._change(request, rows.filter(is_archived=True), actions.restore, "restored")

    def _change(self, request: HttpRequest, rows: QuerySet[M], deed: Any, word: str) -> None:
        done = [deed(one=one, by=operator(request), at=clock.now()) for one in rows]
        self.message_user(request, f"{len(done)} {word}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Group)
class GroupAdmin(Archiving[Group]):
    list_display = (
        "name", "traders", "log_ins", "admins", "min_cohort", "scratch_ticks", ARCHIVED,
    )  # fmt: skip
    list_filter = ("is_archived",)
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                trader_count=_count("traders", traders__is_archived=False),
                log_in_count=_count("users", users__is_active=True),
                admin_count=_count("users", users__is_active=True, users__is_admin=True),
            )
        )

    @admin.display(description="active traders", ordering="trader_count")
    def traders(self, group: Any) -> int:
        return int(group.trader_count)

    @admin.display(description="log-ins", ordering="log_in_count")
    def log_ins(self, group: Any) -> int:
        return int(group.log_in_count)

    @admin.display(description="admins", ordering="admin_count")
    def admins(self, group: Any) -> int:
        return int(group.admin_count)


class AccountInline(Inline[PlatformAccount, Trader]):
    """The provider makes accounts and names them; whether one is a sim account is said here."""

    model = PlatformAccount
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ("account", "name", "platform", "environment", "is_sim")
    readonly_fields = ("account", "name", "platform", "environment")
    verbose_name_plural = "Platform accounts"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlatformAccount]:
        found = super().get_queryset(request).defer(*COUNTERS)
        return found.select_related("platform").order_by("account", "id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Trader)
class TraderAdmin(Archiving[Trader]):
    """The search also finds a trader by an account id, in the search box of a user too."""

    list_display = (
        "name", "group", "accounts", "log_in", "offices", "floor", "stage", "style", ARCHIVED,
    )  # fmt: skip
    list_filter = (
        "group", "is_archived", ("user", Has), "offices", "floor", "stage", "style",
    )  # fmt: skip
    search_fields = ("name", "accounts__account", "accounts__name", "user__email")
    search_help_text = "Name, account id, or e-mail address of the log-in"
    autocomplete_fields = ("group",)
    ordering = ("name", "id")
    fields = (
        "name", "group", "is_archived", "opt_out", "offices", "floor", "stage", "style",
        "erased_at",
    )  # fmt: skip
    readonly_fields = ("erased_at",)
    inlines = (AccountInline,)
    suggestion = staticmethod(told)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trader]:
        """With all that a list or a search box shows, in two queries."""
        found = super().get_queryset(request).select_related("group", "user")
        return found.prefetch_related("accounts")

    @admin.display(description="accounts")
    def accounts(self, trader: Trader) -> str:
        return ", ".join(
            f"{account.account}{' (sim)' if account.is_sim else ''}"
            for account in sorted(trader.accounts.all(), key=lambda one: one.account)
        )

    @admin.display(description="log-in", ordering="user__email")
    def log_in(self, trader: Trader) -> str | None:
        user = getattr(trader, "user", None)
        return str(user) if user else None


@admin.register(Platform)
class PlatformAdmin(Admin[Platform]):
    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(PlatformAccount)
class PlatformAccountAdmin(Recorded[PlatformAccount]):
    list_display = ("account", "name", "trader", "group", "platform", "environment", SIM)
    list_filter = ("platform", "environment", "is_sim", "trader__group")
    list_select_related = ("platform", "trader__group")
    search_fields = ("account", "name", "trader__name")
    autocomplete_fields = ("trader", "platform")
    ordering = ("account", "id")
    fields = ("trader", "account", "name", "platform", "environment", "is_sim")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlatformAccount]:
        return super().get_queryset(request).defer(*COUNTERS)

    @admin.display(description="group", ordering="trader__group__name")
    def group(self, account: PlatformAccount) -> str:
        return account.trader.group.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """By these the provider's fills find their account."""
        return ("account", "platform", "environment") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its fills stay


def _count(name: str, **those: bool) -> Count:
    """Count related rows; each once, for two counts at a time multiply each other's rows."""
    return Count(name, filter=Q(**those), distinct=True)
