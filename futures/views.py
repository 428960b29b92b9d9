"""Public market facts, for everyone signed in."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import ListMetaOut, answers, reply_list
from futures import examples, queries
from futures.serializers import ProductOut


class Products(APIView):
    """All products by symbol; use `color` for the product in every chart."""

    @answers(ProductOut, many=True, meta=ListMetaOut, example=examples.PRODUCTS)
    def get(self, request: Request) -> Response:
        rows = queries.products(version=queries.products_version())
        return reply_list(ProductOut, rows)
