"""What is chosen between an action of a list of places and its deed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet

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
