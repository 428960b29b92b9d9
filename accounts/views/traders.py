"""The traders of a coach."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, examples
from accounts.serializers import TradersParams
from common.api import ListMetaOut, answers, read, reply_list
from traders import queries as traders
from traders.serializers import TraderOut


class Traders(APIView):
    """The traders of the own group, with their accounts and log-ins; for admins."""

    @answers(TraderOut, TradersParams, many=True, meta=ListMetaOut, example=examples.TRADERS)
    def get(self, request: Request) -> Response:
        asked = read(TradersParams, request)
        group_id = access.group_of_admin(access.viewer(request))
        rows = traders.traders(group_id=group_id, archived=asked["archived"])
        return reply_list(TraderOut, rows)
