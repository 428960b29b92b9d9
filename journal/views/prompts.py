"""What greets who comes in."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import PRIVATE, answers
from journal import actions, examples
from journal.serializers import PromptMetaOut, PromptOut
from journal.week import monday_of


class WelcomePrompt(APIView):
    """The message that greets the viewer this week, made from last week's results.

    `data` holds one prompt at most: the one that an admin wrote for the trader or else the group
    (`custom`); else the trader's own, if the trader closed trades last week; else the group's,
    which is told in words and made of what all members may see. A group's prompt names a product
    only where at least 3 traders other than the reader traded it. Empty for who is in no group.

    Weeks run from Monday to Sunday, UTC. Show it once per user and week, by `id`.
    """

    @answers(PromptOut, many=True, meta=PromptMetaOut, example=examples.WELCOME_PROMPT)
    def get(self, request: Request) -> Response:
        user, at = access.viewer(request), clock.now()
        prompt = actions.welcome(user, at=at)
        data = PromptOut([] if prompt is None else [prompt], many=True).data
        meta = PromptMetaOut(
            {
                "date": monday_of(at.date()),
                "group_id": user.group_id,
                "trader_id": user.trader_id,
            }
        ).data
        return Response({"data": data, "meta": meta}, headers=PRIVATE)
