"""The taxonomy in the Django admin: named, put in order, retired; custom tags are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Case, F, Max, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest

from audit.recorded import Recorded
from common import clock
from common.admin import operator
from common.api.fields import UNSEEN
from journal.actions import taxonomy
from journal.models import Layer, Tag

if TYPE_CHECKING:
    _Form = forms.ModelForm[Tag]
else:
    _Form = forms.ModelForm
# As the tree is read: category, its tags, under each of them the custom ones.
READING_ORDER = (
    Coalesce("parent__parent__position", "parent__position", "position"),
    Coalesce("parent__parent__id", "parent__id", "id"),
    Case(When(layer=Layer.TAG, then="position"), When(layer=Layer.CUSTOM, then="parent__position"))
    .asc(nulls_first=True),
    Case(When(layer=Layer.TAG, then="id"), When(layer=Layer.CUSTOM, then="parent__id"))
    .asc(nulls_first=True),
    "layer",
    "name",
)  # fmt: skip


class TagForm(_Form):
    """A new one is a category, or a tag of a category; it stays where it is."""

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if UNSEEN.search(name):
            raise forms.ValidationError("Leave out control characters and ends of lines")
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        parent = given.get("parent", self.instance.parent)
        same = Tag.objects.annotate(lower=Lower("name")).filter(
            parent=parent, trader=None, lower=Lower(Value(given.get("name", "")))
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error(
                "name", f"There is one of that name under {parent or 'the root'} already"
            )
        return given


class PlaceForm(_Form):
    """A place in the list; custom tags have none."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if self.instance.layer == Layer.CUSTOM:
            self.fields["position"].disabled = True


@admin.register(Tag)
class TagAdmin(Recorded[Tag]):
    """Nothing here is deleted: a retired tag takes no new trades and keeps those that it has.

    Custom tags are their traders' own: they are shown, and changed through the API alone.
    """

    form = TagForm
    list_display = ("path", "position", "level", "trader", "retired_at")
    list_editable = ("position",)
    list_filter = ("layer", ("retired_at", admin.EmptyFieldListFilter))
    list_select_related = ("parent__parent", "trader")
    search_fields = ("name", "parent__name", "trader__name")
    ordering = READING_ORDER
    fields = ("parent", "name", "position", "level", "trader", "retired_at", "created_at")
    actions = ("retire", "restore")

    def get_readonly_fields(self, request: HttpRequest, obj: Tag | None = None) -> tuple[str, ...]:
        shown = ("level", "trader", "retired_at", "created_at")
        return ("parent", *shown) if obj else shown

    def get_changelist_form(self, request: HttpRequest, **given: Any) -> Any:
        return super().get_changelist_form(request, **{**given, "form": PlaceForm})

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            categories = Tag.objects.filter(layer=Layer.CATEGORY).order_by("position", "id")
            kwargs |= {"queryset": categories, "required": False, "empty_label": "a new category"}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new tag comes last."""
        last = Tag.objects.exclude(layer=Layer.CUSTOM).aggregate(last=Max("position"))["last"]
        return {"position": (last or 0) + 1, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        if not change:
            obj.layer = Layer.TAG if obj.parent_id else Layer.CATEGORY
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        is_custom = obj is not None and obj.layer == Layer.CUSTOM
        return not is_custom and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, tags: QuerySet[Tag]) -> None:
        self._each(request, tags.filter(retired_at=None), taxonomy.retire, "retired")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: HttpRequest, tags: QuerySet[Tag]) -> None:
        self._each(request, tags.exclude(retired_at=None), taxonomy.restore, "restored")

    def _each(self, request: HttpRequest, tags: QuerySet[Tag], deed: Any, word: str) -> None:
        fixed = list(tags.exclude(layer=Layer.CUSTOM).order_by(F("id")))
        for tag in fixed:
            deed(tag=tag, by=operator(request), at=clock.now())
        self.message_user(request, f"{len(fixed)} {word}")

    @admin.display(description="tag", ordering="name")
    def path(self, tag: Tag) -> str:
        above = tag.parent
        names = [tag.name] if above is None else [above.name, tag.name]
        if above is not None and above.parent is not None:
            names.insert(0, above.parent.name)
        return " / ".join(names)

    @admin.display(description="level", ordering="layer")
    def level(self, tag: Tag) -> str:
        return str(Layer(tag.layer).label) if tag.layer else ""
