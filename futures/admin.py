"""Products, contracts and calendar events in the Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.admin import Admin
from futures.models import CalendarEvent, Contract, Product, Roll
from futures.queries.bar_days import bar_days
from futures.rolls import HAND


@admin.register(Product)
class ProductAdmin(Admin[Product]):
    list_display = (
        "symbol", "exchange", "name", "color", "currency", "tick_size", "tick_value", "point_value",
    )  # fmt: skip
    list_filter = ("exchange", "currency")
    search_fields = ("symbol", "name")
    ordering = ("symbol", "exchange")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its trades stay


@admin.register(Contract)
class ContractAdmin(Admin[Contract]):
    """A contract without a point value holds its fills back: see the filter."""

    list_display = ("name", "product", "expiry_month", "expires_on", "currency", "point_value")
    list_filter = (("point_value", admin.EmptyFieldListFilter), "expiry_month", "product__exchange")
    list_select_related = ("product",)
    search_fields = ("name", "product__symbol")
    autocomplete_fields = ("product",)
    readonly_fields = ("bars_by_day",)
    ordering = ("-expiry_month", "name")

    @admin.display(description="bars by UTC day")
    def bars_by_day(self, contract: Contract | None) -> SafeString | str:
        """Return the last 31 days: bars, first and last minute, low, high, volume."""
        if contract is None or not (days := bar_days(contract_id=contract.pk)):
            return "none"
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (one.day, one.bars, f"{one.first:%H:%M}", f"{one.last:%H:%M}",
                 f"{one.low.normalize():f}", f"{one.high.normalize():f}", one.volume)
                for one in days
            ),
        )  # fmt: skip
        return format_html(
            "<table><thead><tr><th>day</th><th>bars</th><th>first</th><th>last</th><th>low</th>"
            "<th>high</th><th>volume</th></tr></thead><tbody>{}</tbody></table>",
            rows,
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its trades stay


class RollForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A roll whose contract is one of its product."""

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        product, contract = told.get("product"), told.get("contract")
        if product and contract and contract.product_id != product.pk:
            self.add_error("contract", f"{contract} is no contract of {product}")
        return told


@admin.register(Roll)
class RollAdmin(Admin[Roll]):
    """Which contract leads its product from when on; what is saved here is never overwritten."""

    form = RollForm
    list_display = ("product", "from_day", "contract", "source")
    list_display_links = ("product", "from_day")
    list_filter = ("source", "product__exchange")
    list_select_related = ("product", "contract")
    search_fields = ("product__symbol", "contract__name")
    autocomplete_fields = ("product", "contract")
    readonly_fields = ("source",)
    date_hierarchy = "from_day"
    ordering = ("-from_day", "product__symbol")

    def save_model(self, request: HttpRequest, obj: Roll, form: Any, change: bool) -> None:
        obj.source = HAND
        super().save_model(request, obj, form, change)


@admin.register(CalendarEvent)
class CalendarEventAdmin(Admin[CalendarEvent]):
    """What is entered or changed here shows in the API with the next request."""

    list_display = (
        "at", "name", "event_type", "country", "importance", "actual", "forecast", "previous",
        "source",
    )  # fmt: skip
    list_display_links = ("at", "name")
    list_filter = ("event_type", "country", "importance", "source")
    search_fields = ("name", "event_type", "source")
    date_hierarchy = "at"
    ordering = ("-at", "country", "name")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"source": "entered by hand", **super().get_changeform_initial_data(request)}
