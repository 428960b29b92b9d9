"""What an operator of ingestion sees and may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from common import clock
from common.admin import Admin, Has, ReadOnly
from futures.admin import ProductAdmin
from futures.models import Contract, Product
from ingestion import actions
from ingestion.models import (
    BarDay,
    Connection,
    Feed,
    ImportRun,
    Instrument,
    MissingRate,
    QuarantinedRow,
)
from ledger.admin.money import PricedContractAdmin

if TYPE_CHECKING:
    ConnectionFormBase = forms.ModelForm[Connection]
else:
    ConnectionFormBase = forms.ModelForm


MOST_TRIED = 5_000  # rows of the quarantine in one request


class ConnectionForm(ConnectionFormBase):
    """The secret can be written, never read."""

    new_secret = forms.CharField(
        label="Secret",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept sealed and never shown; leave empty to keep the one that is stored",
    )

    class Meta:
        model = Connection
        fields = (
            "name",
            "platform",
            "environment",
            "base_url",
            "app_key",
            "app_name",
            "company_name",
            "group",
            "is_active",
            "history_from",
            "requests_per_second",
            "requests_per_day",
            "poll_seconds",
            "price_feed",
            "bars_days",
        )


@admin.register(Connection)
class ConnectionAdmin(Admin[Connection]):
    form = ConnectionForm
    list_display = ("name", "group", "platform", "environment", "is_active", "has_secret", "alarm")
    list_filter = ("is_active", "group", "platform", ("alarm", Has))
    list_select_related = ("platform", "group")
    search_fields = ("name", "environment", "group__name")
    search_help_text = "Connection, environment or group"
    autocomplete_fields = ("platform", "group")
    ordering = ("name",)
    readonly_fields = ("alarm", "alarm_at")
    fieldsets = (
        (None, {"fields": ("name", "group", "is_active", "alarm", "alarm_at")}),
        (
            "Provider",
            {
                "fields": (
                    "platform", "environment", "base_url", "app_key", "new_secret", "app_name",
                    "company_name",
                )
            },
        ),
        (
            "Polling",
            {
                "fields": (
                    "history_from", "poll_seconds", "requests_per_second", "requests_per_day",
                    "price_feed", "bars_days",
                )
            },
        ),
    )  # fmt: skip

    @admin.display(boolean=True, description="secret")
    def has_secret(self, connection: Connection) -> bool:
        return bool(connection.sealed_secret)

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        """Seal a new secret; saving counts as mended: all feeds are tried again at once."""
        if secret := form.cleaned_data.get("new_secret"):
            obj.secret = secret
        super().save_model(request, obj, form, change)
        now = clock.now()
        actions.ensure_feeds(obj, at=now)
        actions.clear_alarm(obj, at=now)


@admin.register(Feed)
class FeedAdmin(ReadOnly[Feed]):
    list_display = (
        "connection", "stream", "due_at", "last_ok_at", "attempts", "rows_read", "rows_new",
        "last_error",
    )  # fmt: skip
    list_filter = ("stream", "connection")
    list_select_related = ("connection",)
    actions = ("poll_now", "read_past")

    @admin.action(description="Poll now", permissions=["view"])
    def poll_now(self, request: HttpRequest, feeds: QuerySet[Feed]) -> None:
        count = actions.make_due(list(feeds.values_list("id", flat=True)), at=clock.now())
        self.message_user(request, f"{count} feeds are due: the next tick takes them")

    @admin.action(description="Read past a full stamp", permissions=["view"])
    def read_past(self, request: HttpRequest, feeds: QuerySet[Feed]) -> None:
        stamps = actions.read_past(list(feeds.values_list("id", flat=True)), at=clock.now())
        told = f"{len(stamps)} feeds go on behind the stamp that held them up"
        if stamps:
            told += "; the quarantine says where fills may be missing"
        self.message_user(request, told, messages.WARNING)


class HasBars(admin.SimpleListFilter):
    """A holiday has none, and a gap."""

    title = "bars"
    parameter_name = "bars"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("some", "some"), ("none", "none")]

    def queryset(self, request: HttpRequest, rows: QuerySet[BarDay]) -> QuerySet[BarDay]:
        wanted = {"some": rows.filter(bars__gt=0), "none": rows.filter(bars=0)}
        return wanted.get(self.value() or "", rows)


@admin.register(BarDay)
class BarDayAdmin(ReadOnly[BarDay]):
    """What was asked for, newest days first, and how many minutes are stored of each."""

    list_display = ("day", "contract", "connection", "bars", "read_until", "settled")
    list_filter = ("connection", HasBars)
    list_select_related = ("connection", "contract")
    search_fields = ("contract__name",)
    search_help_text = "Contract, e.g. ES Mar26"
    date_hierarchy = "day"
    ordering = ("-day", "contract__name", "connection")
    actions = ("ask_again",)

    @admin.display(boolean=True, description="read whole after its end")
    def settled(self, row: BarDay) -> bool:
        return row.is_settled

    @admin.action(description="Ask the provider again", permissions=["view"])
    def ask_again(self, request: HttpRequest, rows: QuerySet[BarDay]) -> None:
        count = actions.ask_bars_again(list(rows.values_list("id", flat=True)), at=clock.now())
        self.message_user(request, f"{count} days are asked for with the next poll")


@admin.register(Instrument)
class InstrumentAdmin(ReadOnly[Instrument]):
    list_display = (
        "external_id", "environment", "contract", "kind", "state", "reason", "notes",
        "last_tried_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "platform", "environment")
    list_select_related = ("contract",)
    search_fields = ("external_id", "contract__name")
    actions = ("ask_again",)

    @admin.action(description="Ask the provider again", permissions=["view"])
    def ask_again(self, request: HttpRequest, rows: QuerySet[Instrument]) -> None:
        open_ones = rows.exclude(state=Instrument.State.KNOWN)
        count = open_ones.update(next_try_at=clock.now())
        self.message_user(request, f"{count} instruments are asked for with the next poll")


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnly[QuarantinedRow]):
    list_display = (
        "reason", "connection", "source", "line", "stream", "times_seen", "first_seen_at",
        "last_seen_at", "resolved_at",
    )  # fmt: skip
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "stream", "connection")
    list_select_related = ("connection",)
    search_fields = ("reason", "source")
    date_hierarchy = "last_seen_at"
    actions = ("retry", "settle")

    @admin.action(description="Try again", permissions=["view"])
    def retry(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> None:
        if rows.count() > MOST_TRIED:
            self.message_user(
                request, "So many are tried by manage.py retry_quarantine", messages.ERROR
            )
            return
        settled, still_out = actions.retry(_ids(rows), at=clock.now())
        level = messages.WARNING if still_out else messages.SUCCESS
        self.message_user(request, f"{settled} rows used, {still_out} still do not fit", level)

    @admin.action(description="Mark as dealt with", permissions=["view"])
    def settle(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> None:
        self.message_user(request, f"{actions.settle(_ids(rows), at=clock.now())} rows settled")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly[ImportRun]):
    list_display = (
        "file", "stream", "ran_at", "rows_read", "rows_new", "rows_duplicate", "rows_rejected",
        "rows_waiting",
    )  # fmt: skip
    list_filter = ("stream",)


@admin.register(MissingRate)
class MissingRateAdmin(ReadOnly[MissingRate]):
    list_display = ("currency", "day", "tries", "next_try_at")
    list_filter = ("currency",)


class NamingProductAdmin(ProductAdmin):
    """A product that is known now lets the fills of files be used that waited for it."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _use_waiting(self, request)


class NamingContractAdmin(PricedContractAdmin):
    """And so does a contract."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Contract, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _use_waiting(self, request)


# The rooms below cannot know what came by file.
admin.site.unregister((Product, Contract))
admin.site.register(Product, NamingProductAdmin)
admin.site.register(Contract, NamingContractAdmin)


def _use_waiting(page: Admin[Any], request: HttpRequest) -> None:
    if count := actions.name_waiting(at=clock.now()):
        page.message_user(request, f"{count} fills that waited are in the books now")


def _ids(rows: QuerySet[QuarantinedRow]) -> list[int]:
    return list(rows.values_list("id", flat=True))
