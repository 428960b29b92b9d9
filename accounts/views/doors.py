"""What the endpoints that need no token have in common."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

# What cannot happen where nobody's token and nobody's row is asked for.
OPEN = (401, 403, 404)
NO_STORE = {"Cache-Control": "no-store"}


class Open(APIView):
    """Reached without a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
