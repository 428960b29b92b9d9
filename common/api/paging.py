"""Pages of lists that can grow without bound."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from common.api.params import Number, Params, read


@dataclass(frozen=True)
class Page:
    """A page, counted from 1."""

    number: int
    size: int

    @property
    def rows(self) -> slice:
        """Return the rows of this page, for slicing a queryset or a sequence."""
        return slice((self.number - 1) * self.size, self.number * self.size)


def at_most(most: int) -> Number:
    """Return the parameter; `most` is less where a row may be long."""
    return Number(default=100, min_value=1, max_value=most, help_text="rows on a page")


class PageParams(Params):
    page = Number(default=1, min_value=1, max_value=10**9, help_text="counted from 1")
    page_size = at_most(1000)


def read_page(request: Request) -> Page:
    asked = read(PageParams, request)
    return Page(asked["page"], asked["page_size"])


def page_link(request: Request, number: int) -> str:
    return replace_query_param(request.build_absolute_uri(), "page", number)
