"""Welcome prompts in the Django admin: read, edited, written."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from rangefilter.filters import DateRangeFilterBuilder

from common import clock
from common.admin import Admin
from journal.models import WelcomePrompt
from journal.week import monday_of

if TYPE_CHECKING:
    _Form = forms.ModelForm[WelcomePrompt]
else:
    _Form = forms.ModelForm


class PromptForm(_Form):
    """A day stands for the Monday of its week; a trader is one of the group."""

    class Meta:
        model = WelcomePrompt
        fields = ("date", "group", "trader", "prompt_type", "prompt_message", "product")
        widgets = {"prompt_message": forms.Textarea(attrs={"rows": 4, "cols": 80})}

    def clean_date(self) -> date:
        return monday_of(self.cleaned_data["date"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        trader, group = given.get("trader"), given.get("group")
        if trader and group and trader.group_id != group.pk:
            self.add_error("trader", f"{trader} is not in {group}")
        return given


@admin.register(WelcomePrompt)
class WelcomePromptAdmin(Admin[WelcomePrompt]):
    """What is written here greets from the next request on, and stays.

    To have a weekly prompt made from the results again, delete it.
    """

    form = PromptForm
    list_display = (
        "date", "prompt_type", "group", "trader", "product", "prompt_message", "edited_by_hand",
        "made_at",
    )  # fmt: skip
    list_display_links = ("date", "prompt_message")
    list_filter = (
        "prompt_type", "edited_by_hand", ("date", DateRangeFilterBuilder(title="week")), "group",
    )  # fmt: skip
    list_select_related = ("group", "trader", "product")
    search_fields = ("prompt_message", "trader__name", "group__name", "product__symbol")
    autocomplete_fields = ("group", "trader", "product")
    date_hierarchy = "date"
    ordering = ("-date", "group", "trader", "-id")
    fields = (
        "date", "group", "trader", "prompt_type", "prompt_message", "product", "edited_by_hand",
        "made_at",
    )  # fmt: skip
    readonly_fields = ("edited_by_hand", "made_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"date": monday_of(clock.today()), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: WelcomePrompt, form: Any, change: bool) -> None:
        obj.edited_by_hand, obj.made_at = True, clock.now()
        super().save_model(request, obj, form, change)
