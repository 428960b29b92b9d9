"""Every address of the project, as its resolver knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from django.views import View
from django.views.generic.edit import ProcessFormView

API = "api/v1/"
ANY = "ANY"  # all methods, or a function that sorts them out by itself
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MODEL = re.compile(r"^admin/(\w+)/(\w+)/")


def every_pair(resolver: Any = None) -> Iterator[tuple[str, str]]:
    """Yield (method, address) of everything that answers."""
    for address, pattern in patterns(resolver):
        for method in methods_of(pattern.callback):
            yield method, readable(address)


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each pattern with its whole address."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address, entry
        else:
            yield from patterns(entry, address)


def methods_of(callback: Any) -> tuple[str, ...]:
    """Return what a view of a class answers; OPTIONS and HEAD, and a form's PUT, follow from it."""
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if not (isinstance(view, type) and issubclass(view, View)):
        return (ANY,)
    answered = tuple(
        method
        for method in METHODS
        if getattr(view, method.lower(), ProcessFormView.put) is not ProcessFormView.put
    )
    return (ANY,) if answered == METHODS else answered


def readable(address: str) -> str:
    """Return an address as the matrix writes it.

    Both slash forms are one. The pages that the Django admin makes for each model are one, too:
    whatever else a model's admin adds shows.
    """
    if told := _MODEL.match(address):
        label, model = told.groups()
        if model in apps.all_models.get(label, {}):
            address = f"admin/<model>/{address[told.end() :]}"
    address = address.replace("^", "").replace("$", "").removesuffix("/?")
    address = re.sub(r"\(\?P<(\w+)>.*?\)", r"<\1>", address)
    return address.removesuffix("/") if address.startswith(API) else address


def dated(address: str) -> str:
    """Return an address with a day in it, if it wants one, on which all of the world traded."""
    return address.replace("<str:date>", "2026-03-03")
