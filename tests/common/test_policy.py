"""What each kind of answer lets a browser do."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory

from common.policy import ContentPolicy

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = ["/swagger", "/redoc", "/admin/account/login/", "/nothing"]
DATA = ["/api/v1/products", "/api/v1/nothing", "/health", "/schema.json"]


def directives(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: told for name, _, told in parts}


@pytest.mark.parametrize("path", [*PAGES, *DATA])
def test_every_answer_is_what_it_says_and_is_framed_by_nobody(db, path):
    answer = Client().get(path)

    assert {name: answer[name] for name in HEADERS} == HEADERS
    assert directives(answer)["frame-ancestors"] == "'none'"
    assert "Server" not in answer


@pytest.mark.parametrize("path", DATA)
def test_what_is_no_page_loads_nothing(db, path):
    assert directives(Client().get(path))["default-src"] == "'none'"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_what_is_served_from_here(db, path):
    answer = Client().get(path)

    assert answer["Content-Type"].startswith("text/html")
    assert directives(answer)["script-src"] == "'self'"
    assert not re.search(rb"<script(?![^>]*\bsrc=)[^>]*>", answer.content)  # none stands inline
    assert b'src="http' not in answer.content


@pytest.mark.parametrize("path", ["/swagger", "/redoc"])
def test_a_page_that_a_browser_kept_keeps_its_policy(db, path):
    kept = Client().get(path)["ETag"]

    again = Client().get(path, headers={"If-None-Match": kept})

    assert again.status_code == 304
    assert "Content-Security-Policy" not in again


def test_an_inline_script_runs_by_the_nonce_of_its_request():
    def page(request):
        inline = Template('<script nonce="{{ request.csp_nonce }}">x</script>')
        return HttpResponse(inline.render(Context({"request": request})))

    answers = [ContentPolicy(page)(RequestFactory().get("/")) for _ in range(2)]

    for answer in answers:
        nonce = answer.content.decode().split('"')[1]
        assert len(nonce) > 20
        assert directives(answer)["script-src"] == f"'self' 'nonce-{nonce}'"
    assert answers[0].content != answers[1].content


def test_production_speaks_https_alone(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True

    assert Client().get("/api/v1/products")["Location"] == "https://testserver/api/v1/products"
    answer = Client().get("/api/v1/products", secure=True)
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
