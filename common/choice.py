"""A page between an action of a list and its deed: shows what was selected, and asks for a word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, helpers
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def ask(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    rows: Iterable[Model],
    form: forms.Form,
    *,
    action: str,
    title: str,
    text: str,
    lines: Iterable[str] = (),
    button: str = "",
) -> HttpResponse:
    """Return the page; its button sends the same action again, with `confirmed`.

    text    an empty line begins a new paragraph
    button  what stands on it, unless that is the title
    """
    around = model_admin.admin_site.each_context(request)
    asked = {
        "title": title, "text": text, "lines": lines, "form": form, "action": action, "rows": rows,
        "button": button or title, "opts": model_admin.opts,
        "media": model_admin.media + form.media, "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }  # fmt: skip
    return TemplateResponse(request, "console/choice.html", {**around, **asked})


def confirmed(request: HttpRequest) -> Any:
    """Return what was sent with the page's button; None: it is still to be shown."""
    return request.POST if "confirmed" in request.POST else None
