"""How ingestion stands."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import answers, reply
from ingestion import examples, queries
from ingestion.serializers import IngestionStatusOut


class Status(APIView):
    """How far the provider's rows are in, and what is not as it should be; for admins.

    The own group's connections and all its accounts, sim accounts and those of archived traders
    too. Rows of files are in no connection's quarantine: an operator sees them.
    """

    @answers(IngestionStatusOut, never=(400, 404), example=examples.STATUS)
    def get(self, request: Request) -> HttpResponse:
        scope = access.watched_by_admin(access.viewer(request))
        row = queries.status(accounts=scope.accounts, group_id=scope.group_id, now=clock.now())
        return reply(IngestionStatusOut, row, period=None)
