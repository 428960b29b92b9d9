"""Answers shaped as their serializers say, by the column: each class is read once, not per row.

DRF copies the fields of a class for every answer, and asks every one of them for every row. Here a
class becomes a table of converters, the first time it is needed. What is not known to come out the
same, a field of another kind or a method that was written anew, is left to DRF's own.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from rest_framework import ISO_8601, fields, serializers
from rest_framework.settings import api_settings

from common.api.fields import Price, Usd, to_cents, usd_of

Out = type[serializers.BaseSerializer[Any]]
Convert = Callable[[Any], Any]
Column = Callable[[Sequence[Any]], Sequence[Any]]
MANY = 24  # amounts for which arrays are faster than one by one
_LISTS = frozenset((list, tuple))
_LACKING = (AttributeError, KeyError, ObjectDoesNotExist)


def shaped(out: Out, rows: Any, *, many: bool) -> Any:
    """Return rows, or one row, as `out(rows, many=many).data` would render.

    Days, instants and ids may stay what they are: the renderer writes them in the same form.
    """
    table = _table_of(out)  # type: ignore[arg-type]  # the stubs take classes for unhashable
    if table is None or rows is None:
        return out(rows, many=many).data
    try:
        return table(rows) if many else table((rows,))[0]
    except _LACKING:  # DRF leaves out what may be left out, and names what may not
        return out(rows, many=many).data


@functools.cache
def _table_of(out: Out) -> _Table | None:
    """Return how a class shapes rows; None where that is DRF's own affair."""
    several: Any = out(many=True)
    return _Table(several.child) if _is_plain(several) and _is_plain(several.child) else None


def _is_plain(form: Any) -> bool:
    """Say whether a serializer shapes as all do."""
    kind = type(form)
    if isinstance(form, serializers.ListSerializer):
        return kind is serializers.ListSerializer
    return (
        isinstance(form, serializers.Serializer)
        and kind.to_representation is serializers.Serializer.to_representation
        and kind.data is serializers.Serializer.data
        and all(_is_read_plainly(field) for field in form.fields.values() if not field.write_only)
    )


def _is_read_plainly(field: Any) -> bool:
    """Say whether a field's value is what the row has under its source."""
    got = type(field).get_attribute
    return got is fields.Field.get_attribute and len(field.source_attrs) == 1


class _Table:
    """The keys of a serializer, and how the column of each comes from rows."""

    def __init__(self, form: Any) -> None:
        shown = [field for field in form.fields.values() if not field.write_only]
        self.names = tuple(field.field_name for field in shown)
        self.sources = tuple(field.source_attrs[0] for field in shown)
        self.columns = tuple(_column(field) for field in shown)
        self.told = _dictionary(self.names)
        self.read = functools.cache(self._read)

    def __call__(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        kinds = set(map(type, rows))
        if len(kinds) > 1:
            return [self((row,))[0] for row in rows]
        if not kinds or not self.names:
            return [{} for _ in rows]
        read = self.read(kinds.pop())
        taken = zip(*(map(read, rows) if read else rows), strict=True)
        columns = [column(cells) for column, cells in zip(self.columns, taken, strict=True)]
        return list(map(self.told, *columns))

    def _read(self, kind: type) -> Callable[[Any], Sequence[Any]] | None:
        """Return how to take all sources out of a row of one kind, as DRF does.

        None where such a row is just the sources, in their order.
        """
        if issubclass(kind, Mapping):
            return _each(itemgetter, self.sources)
        if issubclass(kind, tuple) and set(self.sources) <= {*(names := _names_of(kind))}:
            whole = names == self.sources
            return None if whole else _each(itemgetter, tuple(map(names.index, self.sources)))
        if any(callable(getattr(kind, source, None)) for source in self.sources):
            return lambda row: [fields.get_attribute(row, [source]) for source in self.sources]
        return _each(attrgetter, self.sources)


def _dictionary(names: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    """Return what makes a dictionary with these keys: written out, in a third of the time."""
    cells = [f"cell_{n}" for n in range(len(names))]
    pairs = (f"{name!r}: {cell}" for name, cell in zip(names, cells, strict=True))
    made: Callable[..., dict[str, Any]] = eval(  # noqa: S307  the keys are our own fields, quoted
        f"lambda {', '.join(cells)}: {{{', '.join(pairs)}}}"
    )
    return made


def _names_of(kind: type) -> tuple[str, ...]:
    """Return what the places of a named tuple are called."""
    return getattr(kind, "_fields", ())


def _each(getter: Any, sources: tuple[Any, ...]) -> Callable[[Any], Sequence[Any]]:
    """Return what takes these out of a row, as a sequence for a single one too."""
    taken: Callable[[Any], Any] = getter(*sources)
    return taken if len(sources) > 1 else lambda row: (taken(row),)


def _column(field: Any) -> Column:
    """Return how a column of a field's values comes out; None stays None."""
    if isinstance(field, serializers.ListSerializer):
        if _is_plain(field) and _is_plain(field.child):
            return _nested(_Table(field.child), field.to_representation)
    elif isinstance(field, serializers.Serializer):
        if _is_plain(field):
            return _single(_Table(field))
    elif type(field).to_representation is fields.ListField.to_representation:
        return _nested(_column(field.child), field.to_representation)
    if type(field).to_representation is Usd.to_representation:
        return _money
    return _plain(_converter(field), _staying(field))


def _plain(convert: Convert, stays: frozenset[type]) -> Column:
    """Return how single values come out: all as they are where no other kind is among them."""

    def column(cells: Sequence[Any]) -> Sequence[Any]:
        if stays and stays.issuperset(map(type, cells)):
            return cells
        return [None if cell is None else convert(cell) for cell in cells]

    return column


def _money(cells: Sequence[Any]) -> Sequence[Any]:
    if len(cells) >= MANY and set(map(type, cells)) == {int}:
        with contextlib.suppress(OverflowError):  # of more than 64 bits
            return usd_of(cells)
    return [None if cell is None else to_cents(cell) for cell in cells]


def _single(table: _Table) -> Column:
    def column(cells: Sequence[Any]) -> list[Any]:
        there = iter(table([cell for cell in cells if cell is not None]))
        return [None if cell is None else next(there) for cell in cells]

    return column


def _nested(inner: Column, own: Convert) -> Column:
    """Return how lists come out: laid end to end, shaped at once, and cut again."""

    def column(cells: Sequence[Any]) -> list[Any]:
        if not _LISTS.issuperset(map(type, cells)):
            return [None if cell is None else own(cell) for cell in cells]
        flat = inner(list(chain.from_iterable(cells)))
        found, end = [], 0
        for cell in cells:
            start, end = end, end + len(cell)
            found.append(flat[start:end])
        return found

    return column


def _converter(field: Any) -> Convert:
    """Return how one value of a field comes out: at once where its kind is known, or DRF's way."""
    of_its_kind = _KNOWN.get(type(field).to_representation)
    own: Convert = field.to_representation
    return of_its_kind(field, own) if of_its_kind else own


def _staying(field: Any) -> frozenset[type]:
    """Return the kinds of values that come out as they are; empty where none is known."""
    kind = _AS_THEY_ARE.get(type(field).to_representation)
    if kind is None or (kind is date and not _is_iso(field)):
        return frozenset()
    return frozenset((kind, type(None)))


def _is_iso(field: Any) -> bool:
    return bool(getattr(field, "format", api_settings.DATE_FORMAT) == ISO_8601)


def _always(convert: Convert) -> Callable[[Any, Convert], Convert]:
    return lambda field, own: convert


def _boolean(field: Any, own: Convert) -> Convert:
    return lambda value: value if value is True or value is False else own(value)


def _day(field: Any, own: Convert) -> Convert:
    if not _is_iso(field):
        return own
    return lambda value: value if type(value) is date else own(value)


def _instant(field: Any, own: Convert) -> Convert:
    iso = getattr(field, "format", api_settings.DATETIME_FORMAT) == ISO_8601
    if not iso or getattr(field, "timezone", None) is not UTC:
        return own
    return lambda value: value if type(value) is datetime and value.tzinfo is UTC else own(value)


def _uuid(field: Any, own: Convert) -> Convert:
    if field.uuid_format != "hex_verbose":
        return own
    return lambda value: value if type(value) is UUID else own(value)


def _choice(field: Any, own: Convert) -> Convert:
    words: Mapping[str, Any] = field.choice_strings_to_values
    return lambda value: words.get(value, value) if type(value) is str and value else own(value)


_KNOWN: dict[Any, Callable[[Any, Convert], Convert]] = {
    fields.IntegerField.to_representation: _always(int),
    fields.FloatField.to_representation: _always(float),
    fields.CharField.to_representation: _always(str),
    fields.BooleanField.to_representation: _boolean,
    fields.DateField.to_representation: _day,
    fields.DateTimeField.to_representation: _instant,
    fields.UUIDField.to_representation: _uuid,
    fields.ChoiceField.to_representation: _choice,
    Price.to_representation: _always(float),
}
_AS_THEY_ARE: dict[Any, type] = {
    fields.IntegerField.to_representation: int,
    fields.FloatField.to_representation: float,
    fields.CharField.to_representation: str,
    fields.BooleanField.to_representation: bool,
    fields.DateField.to_representation: date,
}
