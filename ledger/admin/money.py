"""What an operator sets about money: fees, rates, point values. It acts at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from common import clock
from common.admin import Admin
from futures.admin import ContractAdmin
from futures.models import Contract, FxRate
from ledger.actions import release_contract, release_held, reprice_fees
from ledger.models import FeeSchedule


@admin.register(FeeSchedule)
class FeeScheduleAdmin(Admin[FeeSchedule]):
    list_display = ("product", "group", "from_day", "per_side")
    list_filter = ("group", "product__exchange")
    list_select_related = ("group", "product")
    search_fields = ("product__symbol", "product__name", "group__name")
    search_help_text = "Product or group"
    autocomplete_fields = ("group", "product")
    ordering = ("product__symbol", "group__name", "-from_day")
    date_hierarchy = "from_day"

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: FeeSchedule, form: Any, change: bool) -> None:
        before = FeeSchedule.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        for schedule in filter(None, (before, obj)):
            _reprice(schedule)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: FeeSchedule) -> None:
        super().delete_model(request, obj)
        _reprice(obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FeeSchedule]) -> None:
        for schedule in queryset:
            self.delete_model(request, schedule)


@admin.register(FxRate)
class FxRateAdmin(Admin[FxRate]):
    list_display = ("currency", "day", "usd_per_unit", "source")
    list_filter = ("currency", "source")
    search_fields = ("currency",)
    search_help_text = "Currency, such as EUR"
    ordering = ("-day", "currency")
    date_hierarchy = "day"

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: FxRate, form: Any, change: bool) -> None:
        before = FxRate.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        for rate in filter(None, (before, obj)):
            _release(rate.currency, rate.day)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: FxRate) -> None:
        super().delete_model(request, obj)
        _release(obj.currency, obj.day)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FxRate]) -> None:
        for rate in queryset:
            self.delete_model(request, rate)


class PricedContractAdmin(ContractAdmin):
    """A new point value uses the fills that waited for it and prices the contract's trades."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Contract, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "point_value" in form.changed_data:
            release_contract(contract_id=obj.pk, at=clock.now())


# The room below cannot know the books.
admin.site.unregister(Contract)
admin.site.register(Contract, PricedContractAdmin)


def _reprice(schedule: FeeSchedule) -> None:
    reprice_fees(
        group_id=schedule.group_id,
        product_id=schedule.product_id,
        from_day=schedule.from_day,
        at=clock.now(),
    )


def _release(currency: str, day: date) -> None:
    release_held(currency=currency, days=[day], at=clock.now())
