"""What is accepted without being taken apart is what DRF would choose."""

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from common.rendering import Json, Negotiation

ACCEPTED = ["*/*", "application/json", "application/json, text/plain, */*", "text/html, */*;q=0.1",
            "application/*", "text/html", ""]  # fmt: skip


@pytest.mark.parametrize("accepted", ACCEPTED)
@pytest.mark.parametrize("query", ["", "?format=json", "?format=xml"])
def test_it_chooses_as_the_usual_one(accepted, query):
    def chosen(by):
        request = Request(APIRequestFactory().get(f"/{query}", HTTP_ACCEPT=accepted))
        try:
            renderer, media_type = by.select_renderer(request, [Json()])
        except Exception as error:
            return type(error)
        return type(renderer), media_type

    assert chosen(Negotiation()) == chosen(DefaultContentNegotiation())
    if accepted == "text/html" and not query:
        assert chosen(Negotiation()) is NotAcceptable
