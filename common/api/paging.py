"""Pages of lists that can grow without bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from common.api.errors import Invalid
from common.api.params import Number, Params, read

USUAL_SIZE = 100
MOST_CHARACTERS = 5_000_000  # of text on a page that is larger than usual


@dataclass(frozen=True)
class Page:
    """A page, counted from 1."""

    number: int
    size: int

    @property
    def rows(self) -> slice:
        """Return the rows of this page, for slicing a queryset or a sequence."""
        return slice((self.number - 1) * self.size, self.number * self.size)

    @property
    def is_large(self) -> bool:
        """Say whether it is larger than usual, so that its texts want to be counted."""
        return self.size > USUAL_SIZE

    def holds(self, rows: QuerySet[Any], field: str) -> None:
        """Refuse a page whose texts would fill the memory. 1 query, none for one of usual size."""
        if not self.is_large:
            return
        total = rows.aggregate(total=Sum(Length(field)))["total"] or 0
        if total > MOST_CHARACTERS:
            raise Invalid(
                "page_size",
                f"The texts of these rows have {total:,} characters: ask for {USUAL_SIZE} at most",
            )


class PageParams(Params):
    page = Number(default=1, min_value=1, max_value=10**9, help_text="counted from 1")
    page_size = Number(default=USUAL_SIZE, min_value=1, max_value=1000, help_text="rows on a page")


def read_page(request: Request) -> Page:
    asked = read(PageParams, request)
    return Page(asked["page"], asked["page_size"])


def page_link(request: Request, number: int) -> str:
    return replace_query_param(request.build_absolute_uri(), "page", number)
