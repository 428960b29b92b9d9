"""A page between an action of a list and its deed: shows what was selected, and asks for a word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, helpers
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from traders.admin import told
from traders.models import Group, PlatformAccount, Trader


class ToGroup(forms.Form):
    group = forms.ModelChoiceField(Group.objects.filter(is_archived=False).order_by("name"))


class Stays(forms.Form):
    """Which of two traders stays."""

    stays = forms.ModelChoiceField(
        Trader.objects.none(), widget=forms.RadioSelect, empty_label=None, label="Who stays?"
    )

    def __init__(self, traders: QuerySet[Trader], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stays"]
        field.queryset = traders  # type: ignore[attr-defined]
        field.label_from_instance = told  # type: ignore[attr-defined]


def to_trader(site: Any, data: Any) -> forms.Form:
    """Return the form that asks for a trader, by the search box that shows account ids."""
    box = AutocompleteSelect(PlatformAccount._meta.get_field("trader"), site)
    form = forms.Form(data)
    form.fields["trader"] = forms.ModelChoiceField(Trader.objects.all(), widget=box)
    return form


def ask(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    rows: QuerySet[Any],
    form: forms.Form,
    *,
    action: str,
    title: str,
    text: str,
    lines: list[str],
) -> HttpResponse:
    """Return the page; its button sends the same action again, with `confirmed`."""
    around = model_admin.admin_site.each_context(request)
    asked = {
        "title": title, "text": text, "lines": lines, "form": form, "action": action, "rows": rows,
        "opts": model_admin.opts, "media": model_admin.media + form.media,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }  # fmt: skip
    return TemplateResponse(request, "ledger/choice.html", {**around, **asked})


def confirmed(request: HttpRequest) -> Any:
    """Return what was sent with the page's button; None: it is still to be shown."""
    return request.POST if "confirmed" in request.POST else None
