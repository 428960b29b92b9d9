"""Groups, traders and accounts where the books are near: other terms are felt at once.

A trader changes groups together with its log-in; two that are one become one.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.actions import merge_traders, move_trader
from common import clock
from common.admin import operator
from common.api.errors import Refusal
from common.choice import ask, confirmed
from ledger import due
from ledger.actions import follow_accounts, refold_accounts
from ledger.admin.choice import Stays, ToGroup, to_trader
from ledger.admin.reconciliation import ReconciledGroupAdmin
from traders.actions import move_account
from traders.admin import PlatformAccountAdmin, TraderAdmin, told
from traders.models import Group, PlatformAccount, Trader


class TermedGroupAdmin(ReconciledGroupAdmin):
    """A new scratch tolerance tells the group's wins and losses anew."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "scratch_ticks" in form.changed_data:
            accounts = PlatformAccount.objects.filter(trader__group=obj)
            refold_accounts(list(accounts.values_list("pk", flat=True)), at=clock.now())


class TermedTraderAdmin(TraderAdmin):
    """In another group other fees and another tolerance hold."""

    actions = ("merge", "move", *TraderAdmin.actions)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Trader, form: Any, change: bool) -> None:
        if change and "group" in form.changed_data:
            self._move(request, obj, obj.group)
        super().save_model(request, obj, form, change)

    @admin.action(description="Move to another group, with the log-in", permissions=["change"])
    def move(self, request: HttpRequest, traders: QuerySet[Trader]) -> HttpResponse | None:
        form = ToGroup(confirmed(request))
        if form.is_valid():
            with transaction.atomic():
                for trader in traders.order_by("pk"):  # as merges lock them
                    self._move(request, trader, form.cleaned_data["group"])
            self.message_user(request, f"{len(traders)} moved to {form.cleaned_data['group']}")
            return None
        return ask(
            self, request, traders, form, action="move", title="Move to another group",
            text="These go there with their accounts, books and log-ins; the fees and the scratch "
            "tolerance of that group hold for all their trades.",
            lines=[told(trader) for trader in traders],
        )  # fmt: skip

    @admin.action(description="Merge two traders into one", permissions=["change"])
    def merge(self, request: HttpRequest, traders: QuerySet[Trader]) -> HttpResponse | None:
        if len(traders) != 2:
            self.message_user(request, "Select exactly two traders", messages.ERROR)
            return None
        form = Stays(traders, confirmed(request))
        if form.is_valid():
            kept: Trader = form.cleaned_data["stays"]
            (gone,) = (trader for trader in traders if trader.pk != kept.pk)
            try:
                self._merge(request, kept, gone)
            except Refusal as refusal:
                form.add_error(None, refusal.sentence)
            else:
                self.message_user(request, f"{gone} is archived; its accounts are those of {kept}")
                return None
        return ask(
            self, request, traders, form, action="merge", title="Merge two traders",
            text="The one who stays gets the accounts, with their trades, and the log-in of the "
            "other, who is archived. There is no way back but moving accounts one by one.",
            lines=[],
        )  # fmt: skip

    @transaction.atomic
    def _merge(self, request: HttpRequest, kept: Trader, gone: Trader) -> None:
        by, at = operator(request), clock.now()
        moved = merge_traders(kept=kept, gone=gone, by=by, at=at, source="console")
        follow_accounts(moved, at=at)

    def _move(self, request: HttpRequest, trader: Trader, group: Group) -> None:
        by, at = operator(request), clock.now()
        moved = move_trader(trader=trader, group=group, by=by, at=at, source="console")
        follow_accounts(moved, at=at)


class TermedAccountAdmin(PlatformAccountAdmin):
    """With another trader an account may come under another group's terms."""

    actions = ("move",)

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: PlatformAccount, form: Any, change: bool
    ) -> None:
        if change and "trader" in form.changed_data:
            self._move(request, obj, obj.trader)
        super().save_model(request, obj, form, change)
        if change and "is_sim" in form.changed_data:  # live and sim accounts are never merged
            due.of_traders([obj.trader_id])

    @admin.action(description="Move to another trader", permissions=["change"])
    def move(
        self, request: HttpRequest, accounts: QuerySet[PlatformAccount]
    ) -> HttpResponse | None:
        form = to_trader(self.admin_site, confirmed(request))
        if form.is_valid():
            with transaction.atomic():
                for account in accounts.order_by("pk"):
                    self._move(request, account, form.cleaned_data["trader"])
            self.message_user(request, f"{len(accounts)} moved to {form.cleaned_data['trader']}")
            return None
        return ask(
            self, request, accounts, form, action="move", title="Move to another trader",
            text="These go there with their trades; in another group its fees and scratch "
            "tolerance hold for them.",
            lines=[f"{account.account} of {account.trader}" for account in accounts],
        )  # fmt: skip

    def _move(self, request: HttpRequest, account: PlatformAccount, trader: Trader) -> None:
        by, at = operator(request), clock.now()
        moved = move_account(account=account, trader=trader, by=by, at=at, source="console")
        follow_accounts(moved, at=at)


# The room below cannot know the books.
admin.site.unregister((Group, Trader, PlatformAccount))
admin.site.register(Group, TermedGroupAdmin)
admin.site.register(Trader, TermedTraderAdmin)
admin.site.register(PlatformAccount, TermedAccountAdmin)
