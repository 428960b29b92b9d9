"""How the books of each group compare with what others say: pages for operators, read-only.

A list of groups; a group's traders by days, in squares; a trader's day down to its fills.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import clock
from ledger.admin import squares
from traders.admin import GroupAdmin
from traders.models import Group, Trader

MAY = "traders.view_trader"


class ReconciledGroupAdmin(GroupAdmin):
    """Adds the pages to those of groups; for staff who may view traders."""

    change_form_template = "ledger/group.html"

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*super().get_list_display(request), "reconciled")

    @admin.display(description="reconciliation")
    def reconciled(self, group: Group) -> SafeString:
        href = reverse("admin:traders_group_reconciliation", args=[group.pk])
        return format_html('<a href="{}">traders by days</a>', href)

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        one = "<int:group_id>/reconciliation/"
        return [
            path(
                "reconciliation/", door(self.reconciliations), name="traders_group_reconciliations"
            ),
            path(one, door(self.reconciliation), name="traders_group_reconciliation"),
            path(
                f"{one}<int:trader_id>/<str:day>/",
                door(self.reconciled_day),
                name="traders_group_reconciled_day",
            ),
            *super().get_urls(),
        ]

    def reconciliations(self, request: HttpRequest) -> HttpResponse:
        """Every active group, and whether it needs a look."""
        told = squares.standings(today=_today(request))
        return self._page(request, "groups", "Reconciliation", standings=told, weeks=squares.WEEKS)

    def reconciliation(self, request: HttpRequest, group_id: int) -> HttpResponse:
        """Four weeks of a group, traders by days, up to the day `until`."""
        today = _today(request)
        group = get_object_or_404(Group, pk=group_id)
        until = min(_day(request.GET.get("until", "")) or today, today)
        return self._page(
            request, "grid", f"Reconciliation of {group}",
            group=group, grid=squares.grid(group, until=until, today=today),
            earlier=until - timedelta(days=squares.WEEKS),
            later=None if until == today else min(until + timedelta(days=squares.WEEKS), today),
        )  # fmt: skip

    def reconciled_day(
        self, request: HttpRequest, group_id: int, trader_id: int, day: str
    ) -> HttpResponse:
        """A trader's day: each contract, and the fills of one of them."""
        today, on = _today(request), _day(day)
        trader = get_object_or_404(
            Trader.objects.select_related("group"), pk=trader_id, group=group_id
        )
        if on is None or on > today:
            raise Http404
        page = max(1, _number(request, "page") or 1)
        found = squares.trader_day(
            trader, on, account_id=_number(request, "account"),
            contract_id=_number(request, "contract"), page=page,
        )  # fmt: skip
        return self._page(
            request, "day", f"{trader}, {on:%A} {on}",
            group=trader.group, trader=trader, day=on, found=found, page=page,
            more=page * squares.MOST_FILLS < found.fill_count,
            before=on - timedelta(days=1),
            after=on + timedelta(days=1) if on < today else None,
        )  # fmt: skip

    def _page(self, request: HttpRequest, name: str, title: str, **told: Any) -> HttpResponse:
        around = self.admin_site.each_context(request)
        told |= {"title": title, "opts": self.opts, "legend": squares.LEGEND}
        return TemplateResponse(request, f"ledger/reconciliation/{name}.html", {**around, **told})


def _today(request: HttpRequest) -> date:
    """Return the present day to whoever may see traders."""
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    return clock.today()


def _day(text: str) -> date | None:
    """Return a day that is typed as YYYY-MM-DD; not the first of all, which has none before it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1970 else None


def _number(request: HttpRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
