"""Bases for the Django admin that name their model as a type: `class DeskAdmin(Admin[Desk])`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.db.models import Model
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
Parent = TypeVar("Parent", bound=Model)


class _OneLine:
    """Our text columns hold a line each; where NULL is allowed, an empty line stays NULL."""

    def formfield_for_dbfield(self, field: Any, request: Any, **given: Any) -> Any:
        if isinstance(field, models.TextField) and not field.choices:
            given.setdefault("widget", AdminTextInputWidget)
            if field.null:
                given.setdefault("empty_value", None)
        return super().formfield_for_dbfield(field, request, **given)  # type: ignore[misc]


if TYPE_CHECKING:
    Admin = admin.ModelAdmin
    Inline = admin.TabularInline
else:

    class Admin(_OneLine, admin.ModelAdmin, Generic[M]):
        """ModelAdmin; Django's own cannot be subscripted at run time."""

    class Inline(_OneLine, admin.TabularInline, Generic[M, Parent]):
        """TabularInline, likewise."""


class Has(admin.EmptyFieldListFilter):
    """Filters by whether a row has one of something."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, empty, filled = super().choices(changelist)
        yield everything
        yield {**filled, "display": "with"}
        yield {**empty, "display": "without"}


def mark(field: str, word: str) -> Callable[[Any], str]:
    """Return a column that says `word` where the field is true: a cross reads as a fault."""

    @admin.display(description=word, ordering=field)
    def marked(row: Any) -> str:
        return word if getattr(row, field) else ""

    return marked


class ReadOnly(Admin[M]):
    """Shows rows and never writes them."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def operator(request: HttpRequest) -> str:
    """Return who works at the console, as the log names people."""
    return str(getattr(request.user, "email", ""))
