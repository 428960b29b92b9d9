"""No address without a line in the matrix, and no line without an address."""

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpResponse
from django.urls import include, path, re_path

from common.api import route
from personal.views import Summary
from tests.authorization.addresses import ANY, every_pair
from tests.authorization.matrix import MATRIX


def test_every_method_of_every_address_has_a_policy():
    unguarded = set(every_pair()) - set(MATRIX)

    assert not unguarded, "add a line to tests/authorization/matrix.py for each of these"


def test_the_matrix_holds_nothing_that_is_gone():
    assert not set(MATRIX) - set(every_pair())


def test_what_is_added_anywhere_is_seen():
    """The walk itself: nested, by pattern, beside a model's pages, with a further method."""

    class Louder(Summary):
        def delete(self, request):
            return HttpResponse()

    def page(request):
        return HttpResponse()

    added = SimpleNamespace(
        url_patterns=[
            path("api/v1/personal/", include(route("summary", Louder))),
            path("a/", include([path("b/", include([re_path(r"^c/(?P<n>\d+)/?$", page)]))])),
            path("admin/traders/trader/<int:pk>/merge/", page),
        ]
    )

    assert set(every_pair(added)) - set(MATRIX) == {
        ("DELETE", "api/v1/personal/summary"),
        (ANY, "a/b/c/<n>"),
        (ANY, "admin/<model>/<int:pk>/merge/"),
    }
