"""A base for the Django admin of rows whose every change goes into the log."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from audit.actions import note
from audit.deeds import kind_of
from audit.values import Facts, facts
from common import clock
from common.admin import Admin, M


class Recorded(Admin[M]):
    """Writes down what is made, changed and deleted here, rows of inlines included.

    Of models that `audit.deeds` knows; others pass through. Deed and record share a transaction,
    and the old values are those of the database, locked, not those that the form was shown.
    """

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        before = _known(type(obj), [obj.pk]).get(obj.pk) if change else None
        super().save_model(request, obj, form, change)
        _note(request, obj, obj.pk, before, facts(obj))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: M) -> None:
        pk = obj.pk
        before = _known(type(obj), [pk]).get(pk)
        super().delete_model(request, obj)
        _note(request, obj, pk, before, None)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        for one in queryset:
            self.delete_model(request, one)

    @transaction.atomic
    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        model = formset.model
        keys = [one.pk for one in formset.get_queryset()]
        before = _known(model, keys)
        super().save_formset(request, form, formset, change)
        after = _known(model, keys)
        for pk, old in before.items():
            _note(request, model, pk, old, after.get(pk))
        for made in formset.new_objects:
            _note(request, model, made.pk, None, facts(made))


def _known(model: type[Model], keys: list[Any]) -> dict[Any, Facts]:
    """Return the rows of these keys as the database has them, locked until the end."""
    if kind_of(model) is None:
        return {}
    rows = model._default_manager.select_for_update(of=("self",)).filter(pk__in=keys)
    return {one.pk: facts(one) for one in rows.order_by("pk")}


def _note(
    request: HttpRequest,
    model: Model | type[Model],
    pk: Any,
    before: Facts | None,
    after: Facts | None,
) -> None:
    kind = kind_of(model)
    if kind is None or (before is None and after is None):
        return
    by = getattr(request.user, "email", "")
    note(entity=(kind, pk), before=before, after=after, by=by, at=clock.now(), source="console")
