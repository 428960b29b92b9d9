"""Long answers are zipped in haste, and otherwise as Django zips them."""

import gzip

import pytest
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import RequestFactory

from common import zipped

TOLD = b'{"pnl": 12.5, "date": "2026-03-02"}, ' * 2_000


@pytest.mark.parametrize("takes", ["gzip, br", "br", ""])
@pytest.mark.parametrize("content", [TOLD, TOLD[:1_000], b"short"])
@pytest.mark.parametrize("headers", [{"ETag": '"x"', "Vary": "Authorization"}, {"ETag": 'W/"x"'}])
def test_long_and_short_ones_are_those_of_django(takes, content, headers):
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING=takes)

    def by(middleware):
        return middleware(lambda _: HttpResponse(content, headers=headers))(request)

    ours, theirs = by(zipped.Zipped), by(GZipMiddleware)
    names = set(ours.headers) | set(theirs.headers)
    assert all(ours.get(name) == theirs.get(name) for name in names - {"Content-Length"})
    if ours.has_header("Content-Encoding"):
        assert gzip.decompress(ours.content) == content
        assert ours["Content-Length"] == str(len(ours.content))
    else:
        assert ours.content == content


def test_the_length_of_a_long_one_tells_nothing():
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING="gzip")
    answers = [zipped.Zipped(lambda _: HttpResponse(TOLD))(request) for _ in range(12)]
    assert len({len(answer.content) for answer in answers}) > 1
